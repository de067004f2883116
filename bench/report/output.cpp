// Where the subcommands report and compare write to.
#include "output.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace bench {

void add_output_options(CLI::App& app, output_paths& out) {
  app.add_option("--html", out.html, "a page that needs nothing else")->type_name("FILE");
  app.add_option("--markdown", out.markdown, "tables in Markdown; - prints them")->type_name("FILE");
  app.add_option("--json", out.json, "a summary; - prints it")->type_name("FILE");
}

void check_outputs(const output_paths& out, const std::vector<std::string>& inputs) {
  std::vector<std::string> taken = inputs;
  for (const std::string& path : {out.html, out.markdown, out.json}) {
    if (path.empty() || path == "-") continue;
    for (const std::string& other : taken) {
      std::error_code absent;
      if (path == other || std::filesystem::equivalent(path, other, absent))
        throw std::runtime_error(path + " is read, or written already; say another file");
    }
    taken.push_back(path);
  }
}

void write_text(const std::string& path, const std::string& text) {
  if (path == "-") {
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
      throw std::runtime_error(std::string("cannot write to standard output: ") + std::strerror(errno));
    return;
  }
  const std::string part = path + ".part";  // the file is written whole or not at all
  std::error_code ignored;
  std::ofstream file(part, std::ios::binary);
  if (!file || !(file << text).flush()) {
    std::filesystem::remove(part, ignored);
    throw std::runtime_error("cannot write " + path);
  }
  std::filesystem::rename(part, path);
  std::fprintf(stderr, "wrote %s\n", path.c_str());
}

}  // namespace bench
