// Writing inputs for competitors.
#include "input_files.hpp"

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

std::map<std::string, std::string> input_files::of(const work& one, const operands& arrays) {
  std::map<std::string, std::string> result, needed;
  for (const auto& [name, spec] : one.row.at("inputs").items()) needed[spec.dump()] = name;
  std::erase_if(kept_, [&](const auto& file) { return !needed.contains(file.first) && fs::remove(file.second); });
  for (const auto& [name, spec] : one.row.at("inputs").items()) {
    const auto [file, is_new] = kept_.try_emplace(spec.dump());
    if (is_new) {
      file->second =
          folder_ + "/" + std::to_string(++count_) + "-" + name + (spec.value("as_file", false) ? "" : ".npy");
      if (spec.value("as_file", false)) {
        fs::copy_file(arrays.file, file->second);
      } else {
        const array& x = arrays.named(name);
        tessera::save(file->second, x.dtype() == tessera::bfloat16 ? x.view(tessera::uint16) : x);
      }
    }
    result[name] = file->second;
  }
  return result;
}

}  // namespace bench
