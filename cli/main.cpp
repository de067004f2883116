// The `tessera` command: what the library finds on a machine, what is in files of arrays, and one kind of file from another.
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

namespace {

using namespace tessera_cli;

int wrong(int code, const std::string& text) {
  std::fflush(stdout);
  fmt::print(stderr, "tessera: {}\n", text);
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
  add_info(app);
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
  return 0;
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
