// Writes ZIP archives, members stored or deflated: their bytes pass through once, sizes and checksums are written afterwards.
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <new>

#include "core/zip.hpp"
#include "core/zip_bytes.hpp"

namespace tessera::detail {
namespace {

using namespace zip;

constexpr std::size_t piece = std::size_t{1} << 17;  // bytes
constexpr std::uint16_t version = 45;                // ZIP64
constexpr std::uint16_t made_on_unix = 3 << 8;
constexpr std::uint32_t date = 1 << 5 | 1;  // the first of January 1980: equal arrays make equal files, as with NumPy
constexpr std::uint32_t owners_file = 0600u << 16;

std::uint32_t narrow(std::int64_t value, bool wide) { return wide ? in_extra : static_cast<std::uint32_t>(value); }

/// An extra field of these numbers; none where there are none.
std::string wide_field(const std::vector<std::int64_t>& values) {
  std::string out;
  if (values.empty()) return out;
  append<std::uint16_t>(out, zip64_extra);
  append(out, static_cast<std::uint16_t>(8 * values.size()));
  for (const std::int64_t value : values) append(out, static_cast<std::uint64_t>(value));
  return out;
}

/// What the local header and the directory have in common.
std::string common(const zip_member& member, bool wide_sizes, std::size_t extra) {
  std::string out;
  append(out, version);
  append(out, static_cast<std::uint16_t>(member.flags));
  append(out, static_cast<std::uint16_t>(member.method));
  append<std::uint32_t>(out, date << 16);
  append(out, member.crc);
  append(out, narrow(member.packed, wide_sizes));
  append(out, narrow(member.nbytes, wide_sizes));
  append(out, static_cast<std::uint16_t>(member.name.size()));
  append(out, static_cast<std::uint16_t>(extra));
  return out;
}

/// With sizes of 64 bits whatever they are, as NumPy's: there is room for them then when they are known.
std::string local_header(const zip_member& member) {
  const std::string extra = wide_field({member.nbytes, member.packed});
  std::string out;
  append(out, local_signature);
  return out + common(member, true, extra.size()) + member.name + extra;
}

std::string directory_entry(const zip_member& member) {
  const bool sizes = std::max(member.nbytes, member.packed) >= in_extra, offset = member.begin >= in_extra;
  std::vector<std::int64_t> wide;
  if (sizes) wide = {member.nbytes, member.packed};
  if (offset) wide.push_back(member.begin);
  const std::string extra = wide_field(wide);
  std::string out;
  append(out, central_signature);
  append<std::uint16_t>(out, made_on_unix | version);
  out += common(member, sizes, extra.size());
  out.append(6, '\0');  // comment, disk, internal attributes
  append(out, owners_file);
  append(out, narrow(member.begin, offset));
  return out + member.name + extra;
}

std::string end_records(std::uint64_t count, std::int64_t begin, std::int64_t nbytes) {
  std::string out;
  const bool wide = count >= many_members || begin >= in_extra || nbytes >= in_extra;
  if (wide) {
    append(out, end64_signature);
    append<std::uint64_t>(out, end64_bytes - 12);  // what follows
    append<std::uint16_t>(out, made_on_unix | version);
    append(out, version);
    append<std::uint64_t>(out, 0);  // disks
    append(out, count);
    append(out, count);
    append(out, static_cast<std::uint64_t>(nbytes));
    append(out, static_cast<std::uint64_t>(begin));
    append(out, locator_signature);
    append<std::uint32_t>(out, 0);
    append(out, static_cast<std::uint64_t>(begin + nbytes));
    append<std::uint32_t>(out, 1);
  }
  append(out, end_signature);
  append<std::uint32_t>(out, 0);  // disks
  const auto members = static_cast<std::uint16_t>(wide ? many_members : count);
  append(out, members);
  append(out, members);
  append(out, narrow(nbytes, wide));
  append(out, narrow(begin, wide));
  append<std::uint16_t>(out, 0);  // comment
  return out;
}

}  // namespace

struct zip_writer::deflater {
  z_stream stream{};
  std::vector<Bytef> output = std::vector<Bytef>(piece);

  explicit deflater(int level) {
    constexpr int default_memory = 8;
    if (::deflateInit2(&stream, level, Z_DEFLATED, -MAX_WBITS, default_memory, Z_DEFAULT_STRATEGY) != Z_OK)
      throw std::bad_alloc();
  }
  ~deflater() { ::deflateEnd(&stream); }
  deflater(const deflater&) = delete;
};

zip_writer::zip_writer(int level, const file_context& on) : on_(on), file_(on) {
  if (level > 0) deflater_ = std::make_unique<deflater>(level);
}

zip_writer::~zip_writer() = default;

void zip_writer::put(const void* from, std::size_t count) {
  write_all(file_.descriptor(), from, count, on_);
  position_ += static_cast<std::int64_t>(count);
}

void zip_writer::begin(std::string name, std::int64_t nbytes) {
  zip_member member;
  const bool ascii = std::all_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  member.name = std::move(name);
  member.flags = ascii ? 0 : utf8_flag;
  member.method = deflater_ ? deflated : stored;
  member.nbytes = nbytes;
  member.begin = position_;
  members_.push_back(std::move(member));
  const std::string header = local_header(members_.back());
  put(header.data(), header.size());
  if (deflater_) ::deflateReset(&deflater_->stream);
}

void zip_writer::deflate(const void* from, std::size_t count, bool last) {
  z_stream& stream = deflater_->stream;
  stream.next_in = static_cast<Bytef*>(const_cast<void*>(from));
  stream.avail_in = static_cast<uInt>(count);
  int result = Z_OK;
  do {
    stream.next_out = deflater_->output.data();
    stream.avail_out = static_cast<uInt>(piece);
    result = ::deflate(&stream, last ? Z_FINISH : Z_NO_FLUSH);
    const std::size_t made = piece - stream.avail_out;
    put(deflater_->output.data(), made);
    members_.back().packed += static_cast<std::int64_t>(made);
  } while (last ? result != Z_STREAM_END : stream.avail_out == 0);
}

void zip_writer::write(const void* from, std::size_t count) {
  zip_member& member = members_.back();
  const auto* bytes = static_cast<const Bytef*>(from);
  while (count > 0) {
    const std::size_t n = std::min(count, piece);
    member.crc = static_cast<std::uint32_t>(::crc32(member.crc, bytes, static_cast<uInt>(n)));
    if (deflater_) {
      deflate(bytes, n, false);
    } else {
      put(bytes, n);
      member.packed += static_cast<std::int64_t>(n);
    }
    bytes += n;
    count -= n;
  }
}

void zip_writer::end() {
  if (deflater_) deflate(nullptr, 0, true);
  const zip_member& member = members_.back();
  const std::string header = local_header(member);
  for (std::size_t done = 0; done < header.size();) {
    const ssize_t n = ::pwrite(file_.descriptor().get(), header.data() + done, header.size() - done,
                               static_cast<off_t>(member.begin + static_cast<std::int64_t>(done)));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) on_.refuse_system("cannot be written");
    done += static_cast<std::size_t>(n);
  }
}

void zip_writer::commit() {
  const std::int64_t begin = position_;
  for (const zip_member& member : members_) {
    const std::string entry = directory_entry(member);
    put(entry.data(), entry.size());
  }
  const std::string end = end_records(members_.size(), begin, position_ - begin);
  put(end.data(), end.size());
  file_.commit();
}

}  // namespace tessera::detail
