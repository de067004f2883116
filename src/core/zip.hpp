// ZIP archives, as far as .npz files need them: one disk, members stored or deflated, ZIP64, UTF-8 names.
#pragma once
#include <memory>
#include <string_view>
#include <vector>

#include "core/byte_source.hpp"

namespace tessera::detail {

/// A member as the archive's directory describes it. What it says is checked against the file's length: members do not overlap,
/// and none claims more bytes than can come out of those that it has.
struct zip_member {
  std::string name;
  unsigned flags = 0, method = 0;
  std::uint32_t crc = 0;
  std::int64_t packed = 0, nbytes = 0;  // bytes in the archive, bytes unpacked
  std::int64_t begin = 0, end = 0;      // of its local header; where the next member or the directory begins
};

/// The members in the directory's order. Throws file_error for what is no archive, or for two members of one name.
std::vector<zip_member> read_zip_directory(const opened_file& file, const file_context& on);

/// A member unpacked while it is read. Throws file_error for encryption and methods other than stored and deflated.
class zip_source final : public byte_source {
 public:
  zip_source(const opened_file& file, const zip_member& member, const file_context& on);
  ~zip_source() override;
  /// Reads what is left, and checks that no more follows and that the checksum is right.
  void finish();

 private:
  struct inflater;
  void fill(std::byte* to, std::size_t count) override;
  void inflate_into(std::byte* to, std::size_t count);
  void refill();
  [[noreturn]] void refuse_deflated(const std::string& what);

  const file_descriptor& file_;
  const zip_member& member_;
  std::int64_t next_ = 0, end_ = 0;  // bytes of the archive not read so far
  std::uint32_t crc_ = 0;
  std::unique_ptr<inflater> inflater_;  // null: stored
};

/// Level of deflate: 1 (fast) to 9 (small), 0 for stored.
class zip_writer {
 public:
  zip_writer(int level, const file_context& on);
  ~zip_writer();
  zip_writer(const zip_writer&) = delete;
  /// A new member of `nbytes`, which write() is given piece by piece, and which end() closes.
  void begin(std::string name, std::int64_t nbytes);
  void write(const void* from, std::size_t count);
  void end();
  /// Writes the directory; the archive takes its place.
  void commit();

 private:
  struct deflater;
  void put(const void* from, std::size_t count);
  void deflate(const void* from, std::size_t count, bool last);

  const file_context& on_;
  replacement_file file_;
  std::vector<zip_member> members_;
  std::int64_t position_ = 0;
  std::unique_ptr<deflater> deflater_;  // null: stored
};

}  // namespace tessera::detail
