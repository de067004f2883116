// Reads the directory of a ZIP archive, trusting nothing in it.
#include <algorithm>
#include <limits>
#include <numeric>

#include "core/zip.hpp"
#include "core/zip_bytes.hpp"

namespace tessera::detail {
namespace {

using namespace zip;

/// Where the directory lies, and how many members it has.
struct located {
  std::int64_t begin, nbytes, end_record;
  std::uint64_t count;
};

std::string read_bytes(const opened_file& file, std::int64_t offset, std::int64_t count, const file_context& on) {
  std::string bytes(static_cast<std::size_t>(count), '\0');
  read_exactly(file.descriptor(), bytes.data(), bytes.size(), offset, on);
  return bytes;
}

std::string at(std::int64_t offset) { return " at offset " + std::to_string(offset); }

/// Offset of the end record: the last one whose comment ends with the file.
std::int64_t find_end_record(const opened_file& file, std::string& record, const file_context& on) {
  constexpr std::int64_t longest_comment = 0xffff;
  if (file.nbytes() == 0) on.refuse("the file is empty");
  const std::int64_t length = std::min(file.nbytes(), end_bytes + longest_comment);
  const std::string tail = read_bytes(file, file.nbytes() - length, length, on);
  for (std::int64_t i = length - end_bytes; i >= 0; --i) {
    const auto from = static_cast<std::size_t>(i);
    if (number<std::uint32_t>(tail, from) != end_signature) continue;
    if (number<std::uint16_t>(tail, from + 20) != length - end_bytes - i) continue;
    record = tail.substr(from, static_cast<std::size_t>(end_bytes));
    return file.nbytes() - length + i;
  }
  on.refuse("not a ZIP archive, or truncated: no end record in its last " + std::to_string(length) + " bytes");
}

void refuse_disks(std::uint64_t this_disk, std::uint64_t directory_disk, bool all_here, const file_context& on) {
  if (this_disk == 0 && directory_disk == 0 && all_here) return;
  on.refuse("archives on several disks are not supported");
}

/// What an archive of ZIP64 says in place of its end record; nothing is changed where there is none.
void read_end64(const opened_file& file, std::int64_t end_record, located& where, const file_context& on) {
  if (end_record < locator_bytes) return;
  const std::string locator = read_bytes(file, end_record - locator_bytes, locator_bytes, on);
  if (number<std::uint32_t>(locator, 0) != locator_signature) return;
  const auto offset = number<std::uint64_t>(locator, 8);
  const std::int64_t last = end_record - locator_bytes - end64_bytes;
  if (last < 0 || offset > static_cast<std::uint64_t>(last)) {
    on.refuse("the end record of ZIP64 should lie at offset " + std::to_string(offset) + ", before offset " +
              std::to_string(end_record - locator_bytes));
  }
  const auto begin = static_cast<std::int64_t>(offset);
  const std::string record = read_bytes(file, begin, end64_bytes, on);
  if (number<std::uint32_t>(record, 0) != end64_signature) on.refuse("no end record of ZIP64" + at(begin));
  where.count = number<std::uint64_t>(record, 32);
  refuse_disks(number<std::uint32_t>(record, 16), number<std::uint32_t>(record, 20),
               number<std::uint64_t>(record, 24) == where.count && number<std::uint32_t>(locator, 16) <= 1, on);
  const auto nbytes = number<std::uint64_t>(record, 40), first = number<std::uint64_t>(record, 48);
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  where.nbytes = static_cast<std::int64_t>(std::min(nbytes, most));
  where.begin = static_cast<std::int64_t>(std::min(first, most));
  where.end_record = begin;
}

located find_directory(const opened_file& file, const file_context& on) {
  std::string record;
  const std::int64_t end_record = find_end_record(file, record, on);
  located where{number<std::uint32_t>(record, 16), number<std::uint32_t>(record, 12), end_record,
                number<std::uint16_t>(record, 10)};
  read_end64(file, end_record, where, on);
  if (where.end_record == end_record) {
    refuse_disks(number<std::uint16_t>(record, 4), number<std::uint16_t>(record, 6),
                 number<std::uint16_t>(record, 8) == where.count, on);
  }
  if (where.begin > where.end_record || where.nbytes > where.end_record - where.begin) {
    on.refuse("the directory should have " + std::to_string(where.nbytes) + " bytes" + at(where.begin) +
              ", its end record lies at offset " + std::to_string(where.end_record));
  }
  if (where.count > static_cast<std::uint64_t>(where.nbytes / central_bytes)) {
    on.refuse("the directory should have " + std::to_string(where.count) + " members, its " +
              std::to_string(where.nbytes) + " bytes hold at most " + std::to_string(where.nbytes / central_bytes));
  }
  return where;
}

/// Sizes and offset of 64 bits, for those that the directory's 32 bits do not hold.
class wide_numbers {
 public:
  wide_numbers(std::string_view extra, const std::string& name, const file_context& on) : name_(name), on_(on) {
    while (extra.size() >= 4) {
      const std::size_t length = number<std::uint16_t>(extra, 2);
      if (length > extra.size() - 4) on.refuse(name + ": its extra field is longer than the room it has");
      if (number<std::uint16_t>(extra, 0) == zip64_extra) left_ = extra.substr(4, length);
      extra.remove_prefix(4 + length);
    }
  }
  std::int64_t or_wide(std::uint32_t narrow, const char* what) {
    if (narrow != in_extra) return narrow;
    if (left_.size() < 8) on_.refuse(name_ + ": no " + what + " of 64 bits, which the directory refers to");
    const auto value = number<std::uint64_t>(left_, 0);
    left_.remove_prefix(8);
    if (value > std::numeric_limits<std::int64_t>::max() / 2048) {
      on_.refuse(name_ + ": its " + what + " cannot be " + std::to_string(value));
    }
    return static_cast<std::int64_t>(value);
  }

 private:
  std::string_view left_;
  const std::string& name_;
  const file_context& on_;
};

/// The member at `offset` of the directory, which moves behind it.
zip_member parse_member(std::string_view directory, std::size_t& offset, std::int64_t begin, const file_context& on) {
  const std::string_view bytes = directory.substr(offset);
  const std::int64_t place = begin + static_cast<std::int64_t>(offset);
  if (bytes.size() < central_bytes || number<std::uint32_t>(bytes, 0) != central_signature)
    on.refuse("no member in the directory" + at(place));
  const std::size_t name = number<std::uint16_t>(bytes, 28), extra = number<std::uint16_t>(bytes, 30),
                    comment = number<std::uint16_t>(bytes, 32), head = central_bytes;
  if (bytes.size() - head < name + extra + comment)
    on.refuse("the directory ends in the middle of a member" + at(place));
  zip_member member;
  member.name = bytes.substr(head, name);
  member.flags = number<std::uint16_t>(bytes, 8);
  member.method = number<std::uint16_t>(bytes, 10);
  member.crc = number<std::uint32_t>(bytes, 16);
  const std::string shown = printable(member.name);
  wide_numbers wide(bytes.substr(head + name, extra), shown, on);
  member.nbytes = wide.or_wide(number<std::uint32_t>(bytes, 24), "size");
  member.packed = wide.or_wide(number<std::uint32_t>(bytes, 20), "size in the archive");
  member.begin = wide.or_wide(number<std::uint32_t>(bytes, 42), "offset");
  if (number<std::uint16_t>(bytes, 34) != 0) on.refuse("archives on several disks are not supported");
  offset += head + name + extra + comment;
  return member;
}

/// Each member's end is where the next begins, and it fits in between.
void place_members(std::vector<zip_member>& members, std::int64_t directory_begin, const file_context& on) {
  std::vector<std::size_t> order(members.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return members[a].begin < members[b].begin; });
  for (std::size_t k = 0; k < order.size(); ++k) {
    zip_member& member = members[order[k]];
    member.end = k + 1 < order.size() ? std::min(members[order[k + 1]].begin, directory_begin) : directory_begin;
    const std::int64_t least = local_bytes + static_cast<std::int64_t>(member.name.size()) + member.packed;
    if (least > member.end - member.begin) {
      on.refuse(printable(member.name) + ": should have " + std::to_string(least) + " bytes" + at(member.begin) +
                ", what comes next begins at offset " + std::to_string(member.end));
    }
  }
}

void refuse_bomb(const zip_member& member, const file_context& on) {
  constexpr std::int64_t most_ratio = 1032;  // deflate: 258 bytes from two bits
  if (member.method == stored && member.packed != member.nbytes) {
    on.refuse(printable(member.name) + ": is stored, but should have " + std::to_string(member.packed) +
              " bytes in the archive and " + std::to_string(member.nbytes) + " outside");
  }
  if (member.method == deflated && member.nbytes > member.packed * most_ratio) {
    on.refuse(printable(member.name) + ": should have " + std::to_string(member.nbytes) + " bytes, " +
              std::to_string(member.packed) + " deflated ones hold at most " +
              std::to_string(member.packed * most_ratio));
  }
}

}  // namespace

std::vector<zip_member> read_zip_directory(const opened_file& file, const file_context& on) {
  const located where = find_directory(file, on);
  const std::string directory = read_bytes(file, where.begin, where.nbytes, on);
  std::vector<zip_member> members;
  members.reserve(static_cast<std::size_t>(where.count));
  std::size_t offset = 0;
  for (std::uint64_t k = 0; k < where.count; ++k) {
    members.push_back(parse_member(directory, offset, where.begin, on));
    refuse_bomb(members.back(), on);
  }
  place_members(members, where.begin, on);
  std::vector<std::string_view> names;
  for (const zip_member& member : members) names.push_back(member.name);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end()) on.refuse("two members are called " + printable(*twice));
  return members;
}

}  // namespace tessera::detail
