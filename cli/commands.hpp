// The subcommands of `tessera`, each in a file of its own; main.cpp parses their options.
#pragma once
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace tessera_cli {

/// What is wrong with a call: exit code 2. Everything else that is thrown is wrong with a file or its data: exit code
/// 1.
class usage_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct info_options {
  bool json = false;
};
/// What the library is, what it was built with, and what it finds here.
void print_info(const info_options& options);

struct inspect_options {
  std::string file;
  std::optional<std::string> name;  // of one array; else all
  std::int64_t elements = 8;        // printed of each
  bool json = false;
};
/// Dtype, shape, order and size of each array, what its elements are, and the first of them. Returns the exit code.
int inspect(const inspect_options& options);

struct convert_options {
  std::string in, out;
  std::string from, to;            // formats; empty: by the content, by the ending
  std::vector<std::string> names;  // of arrays; none: all
  std::string dtype, order, byte_order;
  std::string raw_dtype, shape;  // of a raw input
  bool compress = false;
};
/// Writes `out` whole or not at all.
void convert(const convert_options& options);

}  // namespace tessera_cli
