// Starting the emulator, and reading what it counted.
#include "model/emulation.hpp"

#include <fmt/format.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "run/temporary_folder.hpp"

namespace bench {
namespace {

namespace fs = std::filesystem;

std::string quoted(const std::string& word) {
  std::string result = "'";
  for (const char c : word) result += c == '\'' ? "'\\''" : std::string(1, c);
  return result + "'";
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string last_line(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

}  // namespace

counted count_once(const emulator& on, const std::string& workload, bool of_float64, int halvings, double most) {
  const temporary_folder folder;
  const fs::path statistics = folder.path() + "/statistics.json", errors = folder.path() + "/errors";
  const char* chosen = std::getenv("TESSERA_CACHE_DIR");
  const std::string cache = chosen ? chosen : (fs::path(on.program).parent_path() / "kernel-cache").string();
  const std::string command = fmt::format(
      "cd {} && export CUDAEMU_STATS={} TESSERA_CUDA_JIT=ptx TESSERA_CACHE_DIR={} && "
      "ulimit -S -t {:.0f} && exec {} {} count {} {} 2> {}",
      quoted(folder.path()), quoted(statistics.string()), quoted(cache), std::max(most, 1.0),
      quoted(on.folder + "/run"), quoted(on.program), quoted(workload), halvings, quoted(errors.string()));
  FILE* pipe = popen(command.c_str(), "r");
  if (!pipe) throw std::runtime_error("cannot start a shell");
  std::string said;
  char part[256];
  while (std::fgets(part, sizeof part, pipe)) said += part;
  const int status = pclose(pipe);
  if (WIFSIGNALED(status) ? WTERMSIG(status) == SIGXCPU : WEXITSTATUS(status) == 128 + SIGXCPU)
    throw std::runtime_error(fmt::format("takes more than {:.0f} s of the processor", most));
  const std::string printed = read_file(errors);
  if (status != 0) throw std::runtime_error(printed.empty() ? fmt::format("status {}", status) : last_line(printed));

  const nlohmann::json line = nlohmann::json::parse(last_line(said));
  counted result;
  result.total = read_counts(nlohmann::json::parse(read_file(statistics)));
  add_library_calls(printed, of_float64, result.total);
  result.seconds = line.at("seconds");
  for (const auto& pair : line.at("extents")) result.extents[pair.at(0)] = pair.at(1);
  return result;
}

}  // namespace bench
