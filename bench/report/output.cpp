// Where the subcommands report and compare write to.
#include "output.hpp"

#include <cstdio>
#include <fstream>

namespace bench {

void add_output_options(CLI::App& app, output_paths& out) {
  app.add_option("--html", out.html, "a page that needs nothing else")->type_name("FILE");
  app.add_option("--markdown", out.markdown, "tables in Markdown; - prints them")->type_name("FILE");
  app.add_option("--json", out.json, "a summary; - prints it")->type_name("FILE");
}

void write_text(const std::string& path, const std::string& text) {
  if (path == "-") {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return;
  }
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
  std::fprintf(stderr, "wrote %s\n", path.c_str());
}

}  // namespace bench
