// Runs the `tessera` command and keeps what it says.
#pragma once
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace command_test {

struct result {
  int code = -1;  // -1: it did not end by itself
  std::string out, err;
};

inline std::string content(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

/// A folder of the test's own, gone behind it.
class folder {
 public:
  folder() {
    std::string name = (std::filesystem::temp_directory_path() / "tessera-command-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  folder(const folder&) = delete;
  ~folder() { std::filesystem::remove_all(path_); }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  /// Names in it, sorted, one a line.
  std::string names() const {
    std::string all;
    for (const auto& each : std::filesystem::directory_iterator(path_)) all += each.path().filename().string() + '\n';
    return all;
  }

 private:
  std::filesystem::path path_;
};

/// With arguments as a shell reads them; 80 columns, no letters in bold.
inline result run(const std::string& arguments) {
  const folder here;
  const std::string line = "env -u COLUMNS -u NO_COLOR " TESSERA_TEST_COMMAND " " + arguments + " >'" + (here / "out") +
                           "' 2>'" + (here / "err") + "' </dev/null";
  const int status = std::system(line.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, content(here / "out"), content(here / "err")};
}

}  // namespace command_test
