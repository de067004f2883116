// tessera-bench report: a run's results as a page, as Markdown, as JSON.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>

#include "../commands.hpp"
#include "output.hpp"
#include "page.hpp"

namespace bench {

int report_command(int argc, char** argv) {
  CLI::App app("Writes what a run found (tessera-bench run) as a page; without options beside FILE, ending in .html.",
               "tessera-bench report");
  std::vector<std::string> files;
  output_paths out;
  app.add_option("file", files, "result files of tessera-bench run")->required();
  add_output_options(app, out);
  CLI11_PARSE(app, argc, argv);
  if (files.size() != 1) throw std::runtime_error("report: one FILE is reported at a time");
  const results all = read_results(files.front());
  if (out.empty()) {
    out.html = std::filesystem::path(files.front()).replace_extension(".html");
    if (out.html == files.front())
      throw std::runtime_error("report: " + out.html + " is the result file; say --html FILE");
  }
  write_outputs(
      out, [&] { return report_page(all); }, [&] { return report_markdown(all); }, [&] { return report_summary(all); });
  return 0;
}

}  // namespace bench
