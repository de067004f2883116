// tessera-bench report: a run's results as a page, as Markdown, as JSON, and in the documentation.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "../command_line.hpp"
#include "../commands.hpp"
#include "docs.hpp"
#include "output.hpp"
#include "page.hpp"

namespace bench {
namespace {

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!(text << file.rdbuf())) throw std::runtime_error("cannot read " + path);
  return std::move(text).str();
}

int update_document(const std::string& path, const std::vector<std::string>& files, bool only_check) {
  std::vector<named_results> all;
  for (const std::string& file : files)
    all.emplace_back(std::filesystem::path(file).stem().string(), read_results(file));
  const std::string before = read_text(path);
  std::string after;
  try {
    after = with_results(before, all);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(path + ", " + error.what());
  }
  if (before == after) return 0;
  if (only_check) {
    std::fprintf(stderr, "%s is not what the results say; ./dev docs writes it anew\n", path.c_str());
    return 1;
  }
  write_text(path, after);
  return 0;
}

}  // namespace

int report_command(int argc, char** argv) {
  CLI::App app("Writes what a run found (tessera-bench run) as a page; without options beside FILE, ending in .html.",
               "tessera-bench report");
  std::vector<std::string> files;
  std::vector<std::string> documents;
  bool check = false;
  output_paths out;
  app.add_option("file", files, "result files of tessera-bench run; one, but for --docs")->required();
  add_output_options(app, out);
  auto* docs = app.add_option("--docs", documents,
                              "a document whose tables between <!-- bench: … --> and <!-- /bench --> are written "
                              "anew; repeated");
  docs->type_name("FILE")->allow_extra_args(false);
  app.add_flag("--check", check, "with --docs: change nothing, exit with 1 where they differ")->needs(docs);
  if (const auto code = answered(app, argc, argv)) return *code;
  int status = 0;
  for (const std::string& document : documents) status = std::max(status, update_document(document, files, check));
  if (!documents.empty() && out.empty()) return status;
  if (files.size() != 1) throw std::runtime_error("report: one FILE is reported at a time");
  const results all = read_results(files.front());
  if (out.empty()) {
    out.html = std::filesystem::path(files.front()).replace_extension(".html");
  }
  check_outputs(out, files);
  write_outputs(
      out, [&] { return report_page(all); }, [&] { return report_markdown(all); }, [&] { return report_summary(all); });
  return status;
}

}  // namespace bench
