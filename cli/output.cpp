// output: symbolic links, and signals.
#include "output.hpp"

#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <iterator>

namespace tessera_cli {
namespace {

namespace fs = std::filesystem;

constexpr int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
constexpr int most_links = 40;  // as Linux follows
constexpr int most_files = 2;   // the library writes at most so many, one after the other
const char* to_remove[most_files + 1] = {};
struct sigaction before[std::size(signals)];

/// Calls async-signal-safe functions alone. The action was reset when the handler began, and the signal is not blocked:
/// raise() ends the process before anything else can begin a file.
extern "C" void remove_and_end(int signal) {
  for (const char* name : to_remove) {
    if (name != nullptr) ::unlink(name);
  }
  ::raise(signal);
}

bool is_there(const std::string& path) {
  std::error_code unknown;
  return fs::exists(fs::symlink_status(path, unknown));
}

}  // namespace

std::string link_target(const std::string& path) {
  fs::path at = path;
  std::error_code failed;
  for (int k = 0; k < most_links && fs::is_symlink(fs::symlink_status(at, failed)); ++k) {
    const fs::path next = fs::read_symlink(at, failed);
    if (failed) return path;
    at = at.parent_path() / next;  // an absolute one stands alone
  }
  return at.string();
}

unfinished_files::unfinished_files(const std::string& target) {
  const std::string folder = target.substr(0, target.rfind('/') + 1);
  const std::string begin = folder + ".tessera-" + std::to_string(::getpid()) + "-";
  // The library takes the first numbers that are free; what is there already is not ours.
  for (int k = 0; names_.size() < most_files; ++k) {
    if (const std::string name = begin + std::to_string(k) + ".tmp"; !is_there(name)) names_.push_back(name);
  }
  const std::string ending = fs::path(target).extension().string();
  std::string own = begin + "text";
  while (is_there(own + ending)) own += '_';
  names_.push_back(own + ending);
  for (std::size_t k = 0; k < names_.size(); ++k) to_remove[k] = names_[k].c_str();
  for (std::size_t k = 0; k < std::size(signals); ++k) {
    ::sigaction(signals[k], nullptr, &before[k]);
    if (before[k].sa_handler == SIG_IGN) continue;  // nohup
    struct sigaction action = {};
    action.sa_handler = remove_and_end;
    action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
    ::sigaction(signals[k], &action, nullptr);
  }
}

unfinished_files::~unfinished_files() {
  for (std::size_t k = 0; k < std::size(signals); ++k) ::sigaction(signals[k], &before[k], nullptr);
  for (const char*& name : to_remove) name = nullptr;
  ::unlink(own().c_str());
}

}  // namespace tessera_cli
