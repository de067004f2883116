// Where the subcommands report and compare write to.
#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace bench {

struct output_paths {
  std::string html, markdown, json;
  bool empty() const { return html.empty() && markdown.empty() && json.empty(); }
};

void add_output_options(CLI::App& app, output_paths& out);
/// Throws std::runtime_error where a file would be written that is one of the inputs, or twice.
void check_outputs(const output_paths& out, const std::vector<std::string>& inputs);
/// Throws std::runtime_error naming the file that cannot be written; "-" is standard output. Says which files were
/// written.
void write_text(const std::string& path, const std::string& text);

template <class Html, class Markdown, class Json>
void write_outputs(const output_paths& out, const Html& html, const Markdown& markdown, const Json& json) {
  if (!out.html.empty()) write_text(out.html, html());
  if (!out.markdown.empty()) write_text(out.markdown, markdown());
  if (!out.json.empty()) write_text(out.json, json());
}

}  // namespace bench
