// The `tessera` command: what the library finds on a machine, what is in files of arrays, and one kind of file from
// another.
//
// Exit codes: 0; 1 for what is wrong with a file or its data; 2 for a wrong call.
#include <fmt/format.h>
#include <tessera/build.hpp>
#include <tessera/error.hpp>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "commands.hpp"
#include "terminal.hpp"

namespace {

using namespace tessera_cli;

int wrong(int code, const std::string& text) {
  std::fflush(stdout);
  fmt::print(stderr, "tessera: {}\n", shown(text, true));
  return code;
}

/// What `tessera help NAME` prints; CLI11's own help() of the program is that of the subcommand that was called.
std::string help_of(const CLI::App& app, const std::string& name) {
  return app.get_formatter()->make_help(&app, name, CLI::AppFormatMode::Normal);
}

std::vector<const CLI::App*> named(const CLI::App& app, const std::string& name) {
  return app.get_subcommands([&](const CLI::App* each) { return each->get_name() == name; });
}

// ---- The options of each subcommand, and what is done when it was called

void add_info(CLI::App& app) {
  auto options = std::make_shared<info_options>();
  CLI::App* const info = app.add_subcommand("info", "The library's version, build and devices; the machine");
  info->add_flag("--json", options->json, "As JSON");
  info->callback([options] { print_info(*options); });
}

void add_inspect(CLI::App& app, int& code) {
  auto options = std::make_shared<inspect_options>();
  CLI::App* const inspect = app.add_subcommand("inspect", "What is in a file: npy, npz, safetensors, text");
  inspect->add_option("FILE", options->file, "The file; its kind is found from its content")->required();
  inspect->add_option("--name", options->name, "Only the array of this name");
  inspect->add_option("--elements", options->elements, "So many elements of each array are printed (8)")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{100000}));
  inspect->add_flag("--json", options->json, "As JSON");
  inspect->callback([options, &code] { code = tessera_cli::inspect(*options); });
}

void add_convert(CLI::App& app) {
  auto options = std::make_shared<convert_options>();
  CLI::App* const convert = app.add_subcommand("convert", "Writes arrays as another kind of file");
  convert->add_option("IN", options->in, "The file; its kind is found from its content")->required();
  convert->add_option("OUT", options->out, "npy, npz, safetensors, csv, txt, raw or bin by its ending")->required();
  convert->add_option("--name", options->names, "Only the array of this name; may be given again")
      ->allow_extra_args(false);
  convert->add_option("--dtype", options->dtype, "Convert elements: float32, <i8, U10 …");
  convert->add_option("--order", options->order, "C or F, for npy, npz and raw")->check(CLI::IsMember({"C", "F"}));
  convert->add_flag("--compress", options->compress, "For npz");
  convert->add_option("--byte-order", options->byte_order, "native, little or big, for npy and raw")
      ->check(CLI::IsMember({"native", "little", "big"}));
  convert->add_option("--from", options->from, "The kind of IN; raw is not found by itself");
  convert->add_option("--to", options->to, "The kind of OUT");
  convert->add_option("--raw-dtype", options->raw_dtype, "What the elements of a raw IN are");
  convert->add_option("--shape", options->shape, "Extents of a raw IN: 3,4");
  convert->callback([options] { tessera_cli::convert(*options); });
}

void add_help(CLI::App& app) {
  auto about = std::make_shared<std::string>();
  CLI::App* const help = app.add_subcommand("help", "This text, or that of a command");
  help->add_option("COMMAND", *about, "The command");
  help->callback([&app, about] {
    if (about->empty()) {
      fmt::print("{}", help_of(app, "tessera"));
      return;
    }
    const auto found = named(app, *about);
    if (found.empty()) throw usage_error("there is no command '" + *about + "'; `tessera help` lists them");
    fmt::print("{}", help_of(*found.front(), "tessera " + *about));
  });
}

int run(int argc, char** argv) {
  CLI::App app("Arrays in files, and what the tessera library finds on this machine.", "tessera");
  app.set_version_flag("--version", "tessera " + tessera::version(), "The library's version");
  app.set_help_flag("-h,--help", "This text");
  app.require_subcommand(0, 1);
  int code = 0;
  add_info(app);
  add_inspect(app, code);
  add_convert(app);
  add_help(app);
  const std::string first = argc > 1 ? argv[1] : "";
  if (first.empty()) {
    fmt::print(stderr, "{}", help_of(app, "tessera"));
    return 2;
  }
  if (first[0] != '-' && named(app, first).empty())
    throw usage_error("there is no command '" + first + "'; `tessera help` lists them");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const auto called = app.get_subcommands();
    if (called.empty()) fmt::print("{}", help_of(app, "tessera"));
    else fmt::print("{}", help_of(*called.front(), "tessera " + called.front()->get_name()));
  } catch (const CLI::Success& asked) {  // --version
    app.exit(asked);
  } catch (const CLI::ParseError& error) {
    const std::string about = named(app, first).empty() ? "" : " " + first;
    throw usage_error(std::string(error.what()) + "\n`tessera help" + about + "` lists the options");
  }
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) return wrong(1, "the output could not be written");
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const usage_error& error) {
    return wrong(2, error.what());
  } catch (const std::bad_alloc&) {
    return wrong(1, "there is not enough memory");
  } catch (const std::exception& error) {
    return wrong(1, error.what());
  }
}
