// einsum's equation, read against its operands: labels of every axis, and their extents.
#pragma once
#include <span>
#include <string_view>

#include "ops/label_set.hpp"

namespace tessera::detail {

struct einsum_equation {
  const char* name;  // of the public function, for messages
  std::string_view text;
  caller where;
  inline_vector<labelled, 3> operands;  // the ellipsis as the labels of its axes
  label_list output;                    // may have a label more than once
  label_set used, kept;                 // in any operand; in the output
  std::int64_t extents[label_count];    // of the labels in use

  einsum_equation(const char* name, std::string_view text, caller where) : name(name), text(text), where(where) {}
  einsum_equation(const einsum_equation&) = delete;
  void operator=(const einsum_equation&) = delete;

  /// Fills in the labels of `operands`, whose values are there, and all that follows. Throws value_error for an equation that
  /// is not one or does not fit, shape_error for extents that differ.
  void read();

  std::span<const labelled> all() const { return {operands.data(), operands.size()}; }
  /// The output's labels, each once; in ascending order if one is repeated.
  label_list distinct_output() const;
  /// Of axes with these labels.
  shape extents_of(const label_list& labels) const;

  /// "NAME: WHAT in "EQUATION"".
  [[noreturn]] void fail(const std::string& what) const;
  /// "operand 0 (3, 4)".
  std::string operand_text(std::size_t k) const;

 private:
  struct reader;
};

/// "label 'i'" or "axis -1 of '...'".
std::string label_text(label l);

}  // namespace tessera::detail
