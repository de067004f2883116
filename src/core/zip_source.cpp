// Reads one member of a ZIP archive: its checksum is computed piece by piece, while the bytes are still in the cache.
#include <zlib.h>

#include <algorithm>
#include <new>

#include "core/zip.hpp"
#include "core/zip_bytes.hpp"

namespace tessera::detail {
namespace {

constexpr std::size_t piece = std::size_t{1} << 17;  // bytes

}  // namespace

struct zip_source::inflater {
  z_stream stream{};
  bool ended = false;
  std::vector<Bytef> input = std::vector<Bytef>(piece);

  inflater() {
    if (::inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
  ~inflater() { ::inflateEnd(&stream); }
  inflater(const inflater&) = delete;
};

zip_source::zip_source(const opened_file& file, const zip_member& member, const file_context& on)
    : byte_source(member.nbytes, on), file_(file.descriptor()), member_(member) {
  if ((member.flags & zip::encrypted_flags) != 0) on.refuse("encrypted members are not supported");
  if (member.method != zip::stored && member.method != zip::deflated) {
    on.refuse("compression method " + std::to_string(member.method) +
              " is not supported (0, stored, and 8, deflated, are)");
  }
  std::string head(static_cast<std::size_t>(zip::local_bytes) + member.name.size(), '\0');
  read_exactly(file_, head.data(), head.size(), member.begin, on);
  const std::string offset = " at offset " + std::to_string(member.begin);
  if (zip::number<std::uint32_t>(head, 0) != zip::local_signature) on.refuse("no member begins" + offset);
  if (zip::number<std::uint16_t>(head, 26) != member.name.size() ||
      head.compare(static_cast<std::size_t>(zip::local_bytes), head.npos, member.name) != 0) {
    on.refuse("the member" + offset + " has another name");
  }
  if (zip::number<std::uint16_t>(head, 8) != member.method) on.refuse("the member" + offset + " has another method");
  next_ = member.begin + static_cast<std::int64_t>(head.size()) + zip::number<std::uint16_t>(head, 28);
  end_ = next_ + member.packed;
  if (end_ > member.end) {
    on.refuse("should have " + std::to_string(member.packed) + " bytes at offset " + std::to_string(next_) +
              ", what comes next begins at offset " + std::to_string(member.end));
  }
  if (member.method == zip::deflated) inflater_ = std::make_unique<inflater>();
}

zip_source::~zip_source() = default;

void zip_source::fill(std::byte* to, std::size_t count) {
  while (count > 0) {
    const std::size_t n = std::min(count, piece);
    if (inflater_) {
      inflate_into(to, n);
    } else {
      read_exactly(file_, to, n, next_, on());
      next_ += static_cast<std::int64_t>(n);
    }
    crc_ = static_cast<std::uint32_t>(::crc32(crc_, reinterpret_cast<const Bytef*>(to), static_cast<uInt>(n)));
    to += n;
    count -= n;
  }
}

void zip_source::refill() {
  z_stream& stream = inflater_->stream;
  if (stream.avail_in > 0 || next_ == end_) return;
  const auto n = static_cast<std::size_t>(std::min<std::int64_t>(end_ - next_, piece));
  read_exactly(file_, inflater_->input.data(), n, next_, on());
  next_ += static_cast<std::int64_t>(n);
  stream.next_in = inflater_->input.data();
  stream.avail_in = static_cast<uInt>(n);
}

void zip_source::refuse_deflated(const std::string& what) {
  on().refuse("its deflated bytes " + what + ", at offset " +
              std::to_string(next_ - static_cast<std::int64_t>(inflater_->stream.avail_in)));
}

void zip_source::inflate_into(std::byte* to, std::size_t count) {
  z_stream& stream = inflater_->stream;
  stream.next_out = reinterpret_cast<Bytef*>(to);
  stream.avail_out = static_cast<uInt>(count);
  while (stream.avail_out > 0) {
    if (inflater_->ended) {
      refuse_deflated("give " + std::to_string(stream.total_out) + " bytes in place of " + std::to_string(nbytes()));
    }
    refill();
    const int result = ::inflate(&stream, Z_NO_FLUSH);
    inflater_->ended = result == Z_STREAM_END;
    if (result == Z_MEM_ERROR) throw std::bad_alloc();
    if (result == Z_BUF_ERROR && stream.avail_in == 0 && next_ == end_) refuse_deflated("end too early");
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
      refuse_deflated(std::string("are damaged (") + (stream.msg ? stream.msg : "zlib") + ")");
  }
}

void zip_source::finish() {
  std::byte skipped[4096];
  while (rest() > 0) read(skipped, sizeof skipped);
  if (inflater_) {
    z_stream& stream = inflater_->stream;
    while (!inflater_->ended) {  // an end mark, perhaps an empty block, must be all that follows
      stream.next_out = reinterpret_cast<Bytef*>(skipped);
      stream.avail_out = 1;
      refill();
      const int result = ::inflate(&stream, Z_NO_FLUSH);
      inflater_->ended = result == Z_STREAM_END;
      if (stream.avail_out == 0) refuse_deflated("give more than " + std::to_string(nbytes()) + " bytes");
      if (result != Z_OK && result != Z_STREAM_END) refuse_deflated("have no end");
    }
  }
  if (crc_ != member_.crc) {
    on().refuse("its checksum is " + std::to_string(crc_) + ", the archive's directory says " +
                std::to_string(member_.crc) + ": the bytes are damaged");
  }
}

}  // namespace tessera::detail
