// What the command lines of the subcommands share.
#pragma once
#include <CLI/CLI.hpp>
#include <optional>
#include <string>

namespace bench {

/// A number between the two; no NaN, which CLI11's own range lets through.
inline CLI::Validator within(double low, double high) {
  const auto problem = [low, high](const std::string& text) {
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    if (end != text.c_str() && *end == '\0' && number >= low && number <= high) return std::string();
    return text + " is no number between " + CLI::detail::to_string(low) + " and " + CLI::detail::to_string(high);
  };
  return CLI::Validator(problem, "");
}

/// The exit code where the command line has its answer: 0 after --help, 2 where it is wrong.
inline std::optional<int> answered(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return {};
}

}  // namespace bench
