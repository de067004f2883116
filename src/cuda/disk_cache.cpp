// Files are written under another name and renamed, so that nobody reads half of one.
#include "cuda/disk_cache.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "core/kernel_cache_folder.hpp"

namespace tessera::detail::cuda {
namespace {

constexpr char magic[8] = {'t', 's', 's', 'c', 'u', 'd', 'a', '1'};
constexpr std::uint64_t largest = std::uint64_t{1} << 28;

struct header {
  char magic[8];
  std::uint64_t length, checksum;
  char key[32];
};

std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/// FNV-1a over words of eight bytes, mixed; `seed` makes independent ones.
std::uint64_t hash(std::string_view text, std::uint64_t seed) {
  std::uint64_t state = 0xcbf29ce484222325u ^ mixed(seed + text.size());
  for (std::size_t i = 0; i < text.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, std::min<std::size_t>(8, text.size() - i));
    state = mixed((state ^ word) * 0x100000001b3u);
  }
  return state;
}

/// Exists, is a folder, belongs to us, and nobody else may write there.
bool is_ours(const std::string& folder) {
  struct stat info {};
  return ::stat(folder.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == ::geteuid() &&
         (info.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

bool make_folders(const std::string& path) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) return false;
    if (end == std::string::npos) return true;
  }
}

/// Closes the file at the end.
class open_file {
 public:
  open_file(const std::string& name, int flags) : descriptor_(::open(name.c_str(), flags | O_CLOEXEC, 0600)) {}
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;
  ~open_file() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  bool is_open() const { return descriptor_ >= 0; }

  bool read(void* to, std::size_t size) {
    auto* at = static_cast<char*>(to);
    while (size > 0) {
      const ssize_t got = ::read(descriptor_, at, size);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return false;
      at += got;
      size -= static_cast<std::size_t>(got);
    }
    return true;
  }
  bool write(const void* from, std::size_t size) {
    const auto* at = static_cast<const char*>(from);
    while (size > 0) {
      const ssize_t put = ::write(descriptor_, at, size);
      if (put < 0 && errno == EINTR) continue;
      if (put <= 0) return false;
      at += put;
      size -= static_cast<std::size_t>(put);
    }
    return true;
  }

 private:
  int descriptor_;
};

void write_file(const std::string& folder, const std::string& key_digest, std::string_view code) {
  static std::atomic<unsigned> count{0};
  const std::string name = folder + "/" + key_digest;
  const std::string own = name + "." + std::to_string(::getpid()) + "." + std::to_string(count++) + ".tmp";
  header head{};
  std::memcpy(head.magic, magic, sizeof magic);
  head.length = code.size();
  head.checksum = hash(code, 3);
  std::memcpy(head.key, key_digest.data(), sizeof head.key);
  bool written = false;
  {
    open_file file(own, O_WRONLY | O_CREAT | O_EXCL);
    if (!file.is_open()) return;
    written = file.write(&head, sizeof head) && file.write(code.data(), code.size());
  }
  if (!written || ::rename(own.c_str(), name.c_str()) != 0) ::unlink(own.c_str());
}

}  // namespace

std::string digest(std::string_view text) {
  std::string digits;
  for (const std::uint64_t seed : {1u, 2u}) {
    const std::uint64_t half = hash(text, seed);
    for (int i = 60; i >= 0; i -= 4) digits += "0123456789abcdef"[(half >> i) & 15];
  }
  return digits;
}

std::optional<std::string> read_cached(const std::string& key_digest) {
  const std::string folder = kernel_cache_folder();
  if (folder.empty() || !is_ours(folder)) return {};
  open_file file(folder + "/" + key_digest, O_RDONLY);
  header head{};
  if (!file.is_open() || !file.read(&head, sizeof head)) return {};
  if (std::memcmp(head.magic, magic, sizeof magic) != 0 || head.length == 0 || head.length > largest) return {};
  if (std::string_view(head.key, sizeof head.key) != key_digest) return {};
  std::string code(head.length, '\0');
  char more;
  if (!file.read(code.data(), code.size()) || file.read(&more, 1) || hash(code, 3) != head.checksum) return {};
  return code;
}

void write_cached(const std::string& key_digest, std::string_view code) noexcept {
  try {
    const std::string folder = kernel_cache_folder();
    if (!folder.empty() && make_folders(folder) && is_ours(folder)) write_file(folder, key_digest, code);
  } catch (const std::exception&) {  // no memory for a name: nothing is kept
  }
}

}  // namespace tessera::detail::cuda
