// The subcommands of `tessera`, each in a file of its own; main.cpp parses their options.
#pragma once
#include <stdexcept>
#include <string>

namespace tessera_cli {

/// What is wrong with a call: exit code 2. Everything else that is thrown is wrong with a file or its data: exit code 1.
class usage_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct info_options {
  bool json = false;
};
/// What the library is, what it was built with, and what it finds here.
void print_info(const info_options& options);

}  // namespace tessera_cli
