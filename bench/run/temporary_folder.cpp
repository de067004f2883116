// Making the folder, and removing those of programs that were killed.
#include "temporary_folder.hpp"

#include <signal.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace bench {
namespace {

namespace fs = std::filesystem;

std::string parent_folder() {
  if (std::getenv("TMPDIR")) return fs::temp_directory_path().string();
  struct statvfs room = {};
  constexpr double wanted = 2e9;  // of the largest workload's inputs
  const bool in_memory = statvfs("/dev/shm", &room) == 0 &&
                         static_cast<double>(room.f_bavail) * static_cast<double>(room.f_frsize) > wanted &&
                         access("/dev/shm", W_OK) == 0;
  return in_memory ? "/dev/shm" : fs::temp_directory_path().string();
}

/// Of runs that were killed: up to 2 GB, in memory.
void remove_left_folders(const std::string& parent) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(parent, ignored)) {
    int pid = 0;
    if (std::sscanf(entry.path().filename().c_str(), "tessera-bench-%d-", &pid) != 1) continue;
    if (pid > 0 && kill(pid, 0) != 0 && errno == ESRCH) fs::remove_all(entry.path(), ignored);
  }
}

}  // namespace

temporary_folder::temporary_folder() {
  const std::string parent = parent_folder();
  remove_left_folders(parent);
  path_ = parent + "/tessera-bench-" + std::to_string(getpid()) + "-XXXXXX";
  if (!mkdtemp(path_.data())) throw std::runtime_error("cannot make " + path_ + ": " + std::strerror(errno));
}

temporary_folder::~temporary_folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace bench
