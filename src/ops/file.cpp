// load and save: .npy files read, mapped and written.
#include "tessera/file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <system_error>

#include "core/access.hpp"
#include "core/layout.hpp"
#include "core/npy_header.hpp"
#include "expr/evaluate.hpp"

namespace tessera {
namespace {

using detail::access;

/// One operation on one file: what every message begins with.
class context {
 public:
  context(const char* operation, const std::string& path, caller where)
      : operation_(operation), path_(path), where_(where) {}
  [[noreturn]] void refuse(const std::string& what) const {
    throw file_error(std::string(operation_) + ": " + path_ + ": " + what, where_);
  }
  /// With what the system says about the last call.
  [[noreturn]] void refuse_system(const std::string& what) const {
    const int code = errno;
    refuse(what + ": " + std::system_category().message(code));
  }
  const std::string& path() const { return path_; }
  caller where() const { return where_; }

 private:
  const char* operation_;
  const std::string& path_;
  caller where_;
};

class descriptor {
 public:
  explicit descriptor(int fd) noexcept : fd_(fd) {}
  descriptor(const descriptor&) = delete;
  ~descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const noexcept { return fd_; }
  bool close() noexcept { return ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

constexpr std::size_t most_at_once = std::size_t{1} << 30;  // the system moves less than 2 GiB a call

/// Reads up to `count` bytes at `offset`; fewer only where the file ends.
std::size_t read_at(const descriptor& file, void* to, std::size_t count, std::int64_t offset, const context& on) {
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

void write_all(const descriptor& file, const void* from, std::size_t count, const context& on) {
  for (std::size_t done = 0; done < count;) {
    const ssize_t n =
        ::write(file.get(), static_cast<const std::byte*>(from) + done, std::min(count - done, most_at_once));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) on.refuse_system("cannot be written");
    done += static_cast<std::size_t>(n);
  }
}

void refuse_irregular(const struct stat& status, const context& on) {
  if (S_ISDIR(status.st_mode)) on.refuse("is a directory");
  if (!S_ISREG(status.st_mode)) on.refuse("is not a regular file");
}

/// A header that agrees with its file's length, and where the elements lie.
struct located {
  detail::npy_header header;
  std::int64_t begin, nbytes;
};

located read_header(const descriptor& file, std::int64_t file_bytes, const context& on) {
  constexpr std::int64_t longest_header = std::int64_t{1} << 20;  // those of numbers have about a hundred bytes
  try {
    char first[detail::npy_prefix_most];
    const std::size_t got = read_at(file, first, sizeof first, 0, on);
    const detail::npy_prefix prefix = detail::parse_npy_prefix({first, got});
    const std::int64_t begin = prefix.header_begin + prefix.header_length;
    if (begin > file_bytes) {
      on.refuse("truncated: the header should have " + std::to_string(prefix.header_length) +
                " bytes, the file holds " + std::to_string(file_bytes - prefix.header_begin) + " of them");
    }
    if (prefix.header_length > longest_header) {
      on.refuse("header: " + std::to_string(prefix.header_length) + " bytes are too many, at most " +
                std::to_string(longest_header) + " are read");
    }
    std::string text(static_cast<std::size_t>(prefix.header_length), '\0');
    text.resize(read_at(file, text.data(), text.size(), prefix.header_begin, on));
    located at{detail::parse_npy_header(text), begin, 0};
    at.nbytes = detail::npy_data_bytes(at.header);
    if (at.nbytes > file_bytes - begin) {
      on.refuse("truncated: shape " + to_string(at.header.extents) + " of " + at.header.type.name() + " has " +
                std::to_string(at.nbytes) + " bytes, the file holds " + std::to_string(file_bytes - begin) +
                " of them");
    }
    return at;
  } catch (const detail::npy_header_error& e) {
    on.refuse(e.what());
  }
}

template <class Unsigned, class Swap> void swap_each(std::byte* data, std::int64_t nbytes, Swap swap) {
  for (std::int64_t i = 0; i < nbytes; i += static_cast<std::int64_t>(sizeof(Unsigned))) {
    Unsigned value;
    std::memcpy(&value, data + i, sizeof value);
    value = swap(value);
    std::memcpy(data + i, &value, sizeof value);
  }
}

/// Reverses the bytes of every number; a complex element is two of them.
void swap_bytes(std::byte* data, std::int64_t nbytes, dtype type) {
  switch (type.kind() == 'c' ? type.itemsize() / 2 : type.itemsize()) {
    case 2: return swap_each<std::uint16_t>(data, nbytes, [](auto x) { return __builtin_bswap16(x); });
    case 4: return swap_each<std::uint32_t>(data, nbytes, [](auto x) { return __builtin_bswap32(x); });
    case 8: return swap_each<std::uint64_t>(data, nbytes, [](auto x) { return __builtin_bswap64(x); });
    default: return;
  }
}

array read_elements(const descriptor& file, const located& at, const context& on) {
  const detail::npy_header& header = at.header;
  array result =
      access::make(header.extents, header.type, header.fortran_order ? order::F : order::C, cpu(), on.where());
  const std::size_t count = static_cast<std::size_t>(at.nbytes);
  if (read_at(file, access::data(result), count, at.begin, on) != count) on.refuse("was cut short while it was read");
  if (header.swapped) swap_bytes(access::data(result), at.nbytes, header.type);
  return result;
}

/// Pages of a file, from its first byte on.
struct mapping {
  void* base;
  std::size_t length;
  ~mapping() {
    if (base != MAP_FAILED) ::munmap(base, length);
  }
};

array map_elements(const descriptor& file, const located& at, mmap_mode mode, const context& on) {
  const detail::npy_header& header = at.header;
  if (header.swapped) {
    on.refuse("its numbers are in the other byte order: mapped, they would be read wrong; load it without mmap");
  }
  // A private mapping for both: writes to the file by others may show, ours never reach it.
  const bool readonly = mode == mmap_mode::readonly;
  const std::size_t length = static_cast<std::size_t>(at.begin + at.nbytes);
  std::unique_ptr<mapping> pages(new mapping{MAP_FAILED, length});
  pages->base = ::mmap(nullptr, length, readonly ? PROT_READ : PROT_READ | PROT_WRITE, MAP_PRIVATE, file.get(), 0);
  if (pages->base == MAP_FAILED) on.refuse_system("cannot be mapped");

  std::byte* const data = static_cast<std::byte*>(pages->base) + at.begin;
  const auto unmap = [](void* context) { delete static_cast<mapping*>(context); };
  const shape strides =
      detail::contiguous_strides(header.extents, header.type.itemsize(), header.fortran_order ? order::F : order::C);
  detail::storage_ref bytes = detail::storage::adopt({.data = data, .nbytes = at.nbytes, .readonly = readonly});
  bytes->free_with(unmap, pages.release());
  return access::adopt(std::move(bytes), data, header.type, header.extents, strides, readonly);
}

/// Where a save to `path` ends up, symbolic links followed. Refuses what a rename must not replace.
std::string resolve_target(const context& on) {
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

/// A new file beside `target`, gone again unless it takes the target's name.
class replacement {
 public:
  replacement(const std::string& target, const context& on) : target_(target), on_(on), file_(create()) {
    struct stat status;
    if (::stat(target.c_str(), &status) == 0) ::fchmod(file_.get(), status.st_mode & 07777);
  }
  ~replacement() {
    if (!name_.empty()) ::unlink(name_.c_str());
  }
  const descriptor& file() const noexcept { return file_; }
  void commit() {
    if (!file_.close()) on_.refuse_system("cannot be written");
    if (::rename(name_.c_str(), target_.c_str()) != 0) on_.refuse_system("cannot be written");
    name_.clear();
  }

 private:
  int create() {
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

  const std::string target_;
  const context& on_;
  std::string name_;
  descriptor file_;
};

}  // namespace

array load(const std::string& path, const load_options& options, caller where) {
  const context on("load", path, where);
  // Not blocking: a pipe would wait for its other end before it could be refused.
  const descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) on.refuse_system("cannot be opened");
  struct stat status;
  if (::fstat(file.get(), &status) != 0) on.refuse_system("cannot be read");
  refuse_irregular(status, on);
  const located at = read_header(file, status.st_size, on);
  if (options.mmap != mmap_mode::none) {
    if (options.device.value_or(cpu()) != cpu())
      on.refuse("is mapped into the host's memory only, not " + options.device->name() + "'s");
    return map_elements(file, at, options.mmap, on);
  }
  return read_elements(file, at, on).to(options.device ? *options.device : default_device(where), where);
}

void save(const std::string& path, const operand& x) {
  const context on("save", path, x.where());
  array elements = detail::materialize(x.recipe(), x.where()).to(cpu(), x.where());
  const flags_t flags = elements.flags();
  const bool fortran_order = flags.f_contiguous && !flags.c_contiguous;
  if (!flags.f_contiguous && !flags.c_contiguous) elements = elements.copy();
  const std::string header =
      detail::write_npy_header({.type = elements.dtype(), .fortran_order = fortran_order, .extents = elements.shape()});

  replacement file(resolve_target(on), on);
  write_all(file.file(), header.data(), header.size(), on);
  write_all(file.file(), elements.data(), static_cast<std::size_t>(elements.nbytes()), on);
  file.commit();
}

}  // namespace tessera
