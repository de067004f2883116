// The bytes that a fuzzer made up, as a file: in memory alone, with a path.
#pragma once
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

class input_file {
 public:
  input_file(const std::uint8_t* data, std::size_t size) : fd_(::memfd_create("input", MFD_CLOEXEC)) {
    if (::write(fd_, data, size) != static_cast<ssize_t>(size)) std::abort();
  }
  ~input_file() { ::close(fd_); }
  input_file(const input_file&) = delete;
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};
