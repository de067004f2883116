// Files read, mapped and replaced.
#include "core/file_access.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <system_error>
#include <utility>

#include "core/access.hpp"
#include "core/layout.hpp"

namespace tessera::detail {
namespace {

constexpr std::size_t most_at_once = std::size_t{1} << 30;  // the system moves less than 2 GiB a call

void refuse_irregular(const struct stat& status, const file_context& on) {
  if (S_ISDIR(status.st_mode)) on.refuse("is a directory");
  if (!S_ISREG(status.st_mode)) on.refuse("is not a regular file");
}

/// Where a save to `path` ends up, symbolic links followed. Refuses what a rename must not replace.
std::string resolve_target(const file_context& on) {
  struct stat status;
  if (::stat(on.path().c_str(), &status) != 0) {
    if (errno != ENOENT) on.refuse_system("cannot be written");
    return on.path();
  }
  refuse_irregular(status, on);
  if (::access(on.path().c_str(), W_OK) != 0) on.refuse_system("cannot be written");
  const std::unique_ptr<char, decltype(&std::free)> resolved(::realpath(on.path().c_str(), nullptr), &std::free);
  if (!resolved) on.refuse_system("cannot be written");
  return resolved.get();
}

/// Pages of a file.
struct mapping {
  void* base;
  std::size_t length;
  ~mapping() {
    if (base != MAP_FAILED) ::munmap(base, length);
  }
};

}  // namespace

void file_context::refuse(const std::string& what) const {
  throw file_error(std::string(operation_) + ": " + path_ + ": " + what, where_);
}

void file_context::refuse_system(const std::string& what) const {
  const int code = errno;
  refuse(what + ": " + std::system_category().message(code));
}

std::string printable(std::string_view text) {
  constexpr char hex[] = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      out += c;
    } else {
      out += {'\\', 'x', hex[byte >> 4], hex[byte & 15]};
    }
  }
  return out;
}

file_descriptor::~file_descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

bool file_descriptor::close() noexcept { return ::close(std::exchange(fd_, -1)) == 0; }

opened_file::opened_file(int flags, const file_context& on)
    : file_(::open(on.path().c_str(), flags | O_CLOEXEC | O_NONBLOCK, 0666)), nbytes_(0) {
  if (file_.get() < 0) on.refuse_system("cannot be opened");
  struct stat status;
  if (::fstat(file_.get(), &status) != 0) on.refuse_system("cannot be read");
  refuse_irregular(status, on);
  nbytes_ = status.st_size;
}

std::size_t read_at(const file_descriptor& file, void* to, std::size_t count, std::int64_t offset,
                    const file_context& on) {
  std::size_t done = 0;
  while (done < count) {
    const ssize_t n = ::pread(file.get(), static_cast<std::byte*>(to) + done, std::min(count - done, most_at_once),
                              static_cast<off_t>(offset + static_cast<std::int64_t>(done)));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) on.refuse_system("cannot be read");
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

void read_exactly(const file_descriptor& file, void* to, std::size_t count, std::int64_t offset,
                  const file_context& on) {
  if (read_at(file, to, count, offset, on) != count) on.refuse("was cut short while it was read");
}

void write_all(const file_descriptor& file, const void* from, std::size_t count, const file_context& on) {
  for (std::size_t done = 0; done < count;) {
    const ssize_t n =
        ::write(file.get(), static_cast<const std::byte*>(from) + done, std::min(count - done, most_at_once));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) on.refuse_system("cannot be written");
    done += static_cast<std::size_t>(n);
  }
}

array map_file(const file_descriptor& file, std::int64_t offset, dtype type, const shape& extents, order layout,
               bool readonly, bool shared, const file_context& on) {
  const std::int64_t nbytes = element_count(extents) * type.itemsize();
  const std::int64_t before = offset % ::sysconf(_SC_PAGESIZE);
  const auto length = static_cast<std::size_t>(std::max<std::int64_t>(before + nbytes, 1));
  std::unique_ptr<mapping> pages(new mapping{MAP_FAILED, length});
  pages->base = ::mmap(nullptr, length, readonly ? PROT_READ : PROT_READ | PROT_WRITE,
                       shared ? MAP_SHARED : MAP_PRIVATE, file.get(), static_cast<off_t>(offset - before));
  if (pages->base == MAP_FAILED) on.refuse_system("cannot be mapped");

  std::byte* const data = static_cast<std::byte*>(pages->base) + before;
  const auto unmap = [](void* context) { delete static_cast<mapping*>(context); };
  const shape strides = contiguous_strides(extents, type.itemsize(), layout);
  storage_ref bytes = storage::adopt({.data = data, .nbytes = nbytes, .readonly = readonly});
  bytes->free_with(unmap, pages.release());
  return access::adopt(std::move(bytes), data, type, extents, strides, readonly);
}

replacement_file::replacement_file(const file_context& on) : on_(on), target_(resolve_target(on)), file_(create()) {
  struct stat status;
  if (::stat(target_.c_str(), &status) == 0) ::fchmod(file_.get(), status.st_mode & 07777);
}

replacement_file::~replacement_file() {
  if (!name_.empty()) ::unlink(name_.c_str());
}

void replacement_file::commit() {
  if (!file_.close()) on_.refuse_system("cannot be written");
  if (::rename(name_.c_str(), target_.c_str()) != 0) on_.refuse_system("cannot be written");
  name_.clear();
}

int replacement_file::create() {
  static std::atomic<unsigned> counter{0};
  const std::string folder = target_.substr(0, target_.rfind('/') + 1);
  for (;;) {
    name_ = folder + ".tessera-" + std::to_string(::getpid()) + "-" + std::to_string(counter++) + ".tmp";
    const int fd = ::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0) return fd;
    if (errno != EEXIST) {
      name_.clear();
      on_.refuse_system("cannot be written");
    }
  }
}

}  // namespace tessera::detail
