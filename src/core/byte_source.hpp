// Bytes that are read one after the other: of a file, or of a member of an archive.
#pragma once
#include <algorithm>

#include "core/file_access.hpp"

namespace tessera::detail {

class byte_source {
 public:
  byte_source(std::int64_t nbytes, const file_context& on) : on_(on), nbytes_(nbytes) {}
  virtual ~byte_source() = default;
  byte_source(const byte_source&) = delete;
  /// All that there are, as the file's or the archive's directory says.
  std::int64_t nbytes() const noexcept { return nbytes_; }
  /// Those not yet read.
  std::int64_t rest() const noexcept { return nbytes_ - position_; }
  /// The next `count` bytes; fewer where there are no more.
  std::size_t read(void* to, std::size_t count) {
    const std::size_t wanted = static_cast<std::size_t>(std::min(static_cast<std::uint64_t>(count),  //
                                                                 static_cast<std::uint64_t>(rest())));
    if (wanted > 0) fill(static_cast<std::byte*>(to), wanted);
    position_ += static_cast<std::int64_t>(wanted);
    return wanted;
  }

 protected:
  std::int64_t position() const noexcept { return position_; }
  const file_context& on() const noexcept { return on_; }

 private:
  /// All of them or an exception.
  virtual void fill(std::byte* to, std::size_t count) = 0;

  const file_context& on_;
  const std::int64_t nbytes_;
  std::int64_t position_ = 0;
};

/// A file from its beginning.
class file_source final : public byte_source {
 public:
  file_source(const opened_file& file, const file_context& on)
      : byte_source(file.nbytes(), on), file_(file.descriptor()) {}

 private:
  void fill(std::byte* to, std::size_t count) override { read_exactly(file_, to, count, position(), on()); }

  const file_descriptor& file_;
};

}  // namespace tessera::detail
