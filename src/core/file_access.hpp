// What all readers and writers of files share: errors that name the file, reading and writing at offsets, replacing a file whole.
#pragma once
#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tessera/array.hpp"

namespace tessera::detail {

/// One operation on one file: what every message begins with.
class file_context {
 public:
  file_context(const char* operation, const std::string& path, caller where)
      : operation_(operation), path_(path), where_(where) {}
  [[noreturn]] void refuse(const std::string& what) const;
  /// With what the system says about the last call.
  [[noreturn]] void refuse_system(const std::string& what) const;
  const std::string& path() const { return path_; }
  caller where() const { return where_; }

 private:
  const char* operation_;
  const std::string& path_;
  caller where_;
};

/// Names of a file inside a message: what is not printable as \xNN.
std::string printable(std::string_view text);

class file_descriptor {
 public:
  explicit file_descriptor(int fd) noexcept : fd_(fd) {}
  file_descriptor(const file_descriptor&) = delete;
  ~file_descriptor();
  int get() const noexcept { return fd_; }
  bool close() noexcept;

 private:
  int fd_;
};

/// Opened with these flags of open(2); refused where it is not a regular file. A pipe is not waited for.
class opened_file {
 public:
  opened_file(int flags, const file_context& on);
  const file_descriptor& descriptor() const noexcept { return file_; }
  std::int64_t nbytes() const noexcept { return nbytes_; }

 private:
  file_descriptor file_;
  std::int64_t nbytes_;
};

/// Reads up to `count` bytes at `offset`; fewer only where the file ends.
std::size_t read_at(const file_descriptor& file, void* to, std::size_t count, std::int64_t offset,
                    const file_context& on);
/// All of them, as the file's length has promised.
void read_exactly(const file_descriptor& file, void* to, std::size_t count, std::int64_t offset,
                  const file_context& on);
void write_all(const file_descriptor& file, const void* from, std::size_t count, const file_context& on);

/// `count` bytes of a file from `offset` on as an array, until the last view of them is gone. `shared`: what is written to them
/// goes to the file. Nothing else is written; the file must not be cut short while it is mapped.
array map_file(const file_descriptor& file, std::int64_t offset, dtype type, const shape& extents, order layout,
               bool readonly, bool shared, const file_context& on);

/// A new file beside the one that is to be written, gone again unless it takes its place. Symbolic links are followed; what a
/// rename must not replace is refused.
class replacement_file {
 public:
  explicit replacement_file(const file_context& on);
  ~replacement_file();
  const file_descriptor& descriptor() const noexcept { return file_; }
  void commit();

 private:
  int create();

  const file_context& on_;
  const std::string target_;
  std::string name_;
  file_descriptor file_;
};

}  // namespace tessera::detail
