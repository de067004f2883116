// Reads "ij,...jk->...ik": blanks mean nothing, letters name axes, the ellipsis stands for the axes that have no letter.
#include "ops/einsum_equation.hpp"

#include <algorithm>

#include "tessera/error.hpp"

namespace tessera::detail {

namespace {

constexpr label no_label = -1;

constexpr label label_of(char c) {
  if (c >= 'a' && c <= 'z') return max_ndim + 26 + (c - 'a');
  if (c >= 'A' && c <= 'Z') return max_ndim + (c - 'A');
  return no_label;
}

/// Printable ASCII as it is, any other byte as \xNN; the middle of a long text left out.
std::string printable_text(std::string_view text) {
  constexpr std::size_t longest = 200, shown = 80;
  if (text.size() > longest) {
    return printable_text(text.substr(0, shown)) + " ... " + printable_text(text.substr(text.size() - shown));
  }
  constexpr char digits[] = "0123456789abcdef";
  std::string result;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) result += c;
    else result.append("\\x").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
  }
  return result;
}

}  // namespace

std::string label_text(label l) {
  if (!is_letter(l)) return "axis " + std::to_string(l - max_ndim) + " of '...'";
  return std::string("label '") + letter_of(l) + "'";
}

label_list einsum_equation::distinct_output() const {
  if (kept.count() == static_cast<int>(output.size())) return output;
  label_list once;
  kept.for_each([&](label l) { once.push_back(l); });
  return once;
}

shape einsum_equation::extents_of(const label_list& labels) const {
  shape result;
  for (label l : labels) result.push_back(extents[l]);
  return result;
}

void einsum_equation::fail(const std::string& what) const {
  throw value_error(std::string(name) + ": " + what + " in \"" + printable_text(text) + '"', where);
}

std::string einsum_equation::operand_text(std::size_t k) const {
  return "operand " + std::to_string(k) + " " + to_string(operands[k].value.shape());
}

/// One reading from left to right. Each list of labels is compared with its operand where it ends.
struct einsum_equation::reader {
  einsum_equation& e;
  std::size_t operand = 0;
  label_list* side;
  std::ptrdiff_t ellipsis_at = -1;  // its place in the list being read
  int ellipsis_axes = 0;            // the most of any operand
  bool at_output = false;
  label_set repeated;  // standing more than once in all operands

  void read();
  std::size_t token(std::size_t at);
  void end_operand();
  void end_output();
  void expand(int axes);
  void add_axis(label l, std::int64_t extent, bool in_this_operand);
  void imply_output();
  [[noreturn]] void fail_shape(label l, std::int64_t extent) const;
  [[noreturn]] void fail_diagonal(label l, std::int64_t extent) const;
  [[noreturn]] void fail_count() const;
};

void einsum_equation::read() {
  if (operands.empty()) fail("no operands");
  reader{*this, 0, &operands[0].labels, -1, 0, false, {}}.read();
}

void einsum_equation::reader::read() {
  for (std::size_t at = 0; at < e.text.size();) {
    const label l = label_of(e.text[at]);
    if (l == no_label) {
      at = token(at);
    } else {
      side->push_back(l);
      ++at;
    }
  }
  if (!at_output) {
    end_operand();
    if (operand + 1 != e.operands.size()) fail_count();
    imply_output();
  } else {
    end_output();
  }
  if (e.output.size() > max_ndim) {
    e.fail("the output has " + std::to_string(e.output.size()) + " axes, an array at most " + std::to_string(max_ndim));
  }
  e.kept = set_of(e.output);
}

/// What is no letter; returns where the next token begins.
std::size_t einsum_equation::reader::token(std::size_t at) {
  const char c = e.text[at];
  if (c == ' ') return at + 1;
  if (c == ',' && !at_output) {
    end_operand();
    if (++operand == e.operands.size()) fail_count();
    side = &e.operands[operand].labels;
    return at + 1;
  }
  if (c == '-' && e.text.substr(at, 2) == "->" && !at_output) {
    end_operand();
    if (operand + 1 != e.operands.size()) fail_count();
    at_output = true;
    side = &e.output;
    return at + 2;
  }
  if (c == '.' && e.text.substr(at, 3) == "...") {
    if (ellipsis_at >= 0) {
      e.fail(at_output ? "more than one ellipsis in the output"
                       : "more than one ellipsis for operand " + std::to_string(operand));
    }
    ellipsis_at = static_cast<std::ptrdiff_t>(side->size());
    return at + 3;
  }
  e.fail("unexpected '" + printable_text(e.text.substr(at, 1)) + "' at position " + std::to_string(at));
}

void einsum_equation::reader::expand(int axes) {
  label_list whole(side->begin(), side->begin() + ellipsis_at);
  for (int k = axes; k > 0; --k) whole.push_back(ellipsis_axis(k));
  whole.append(side->begin() + ellipsis_at, side->end());
  *side = std::move(whole);
}

void einsum_equation::reader::end_operand() {
  const array& x = e.operands[operand].value;
  const auto named = static_cast<std::int64_t>(side->size());
  if (ellipsis_at < 0 ? named != x.ndim() : named > x.ndim()) {
    e.fail("operand " + std::to_string(operand) + " of shape " + to_string(x.shape()) + " does not have " +
           std::to_string(named) + (named == 1 ? " axis" : " axes"));
  }
  if (ellipsis_at >= 0) {
    const int axes = x.ndim() - static_cast<int>(named);
    ellipsis_axes = std::max(ellipsis_axes, axes);
    expand(axes);
    ellipsis_at = -1;
  }
  label_set own;
  for (int axis = 0; axis < x.ndim(); ++axis) {
    const label l = (*side)[axis];
    add_axis(l, x.shape()[axis], own.has(l));
    own.add(l);
  }
}

/// Extents agree or are 1, which is repeated; but on a diagonal they agree.
void einsum_equation::reader::add_axis(label l, std::int64_t extent, bool in_this_operand) {
  std::int64_t& known = e.extents[l];
  if (!e.used.has(l)) {
    e.used.add(l);
    known = extent;
    return;
  }
  repeated.add(l);
  if (in_this_operand) {
    const array& x = e.operands[operand].value;
    const auto first = std::find(side->begin(), side->end(), l) - side->begin();
    if (x.shape()[static_cast<int>(first)] != extent) fail_diagonal(l, extent);
  }
  if (known == 1) known = extent;
  else if (extent != 1 && extent != known) fail_shape(l, extent);
}

void einsum_equation::reader::imply_output() {
  for (int k = ellipsis_axes; k > 0; --k) e.output.push_back(ellipsis_axis(k));
  (e.used - repeated).for_each([&](label l) {
    if (is_letter(l)) e.output.push_back(l);
  });
}

void einsum_equation::reader::end_output() {
  if (ellipsis_at >= 0) expand(ellipsis_axes);
  else if (ellipsis_axes > 0) e.fail("the output lacks the ellipsis of the operands");
  for (label l : e.output) {
    if (!e.used.has(l)) e.fail("output " + label_text(l) + " is in no operand");
  }
}

void einsum_equation::reader::fail_diagonal(label l, std::int64_t extent) const {
  const array& x = e.operands[operand].value;
  const auto first = std::find(side->begin(), side->end(), l) - side->begin();
  throw shape_error(std::string(e.name) + ": " + label_text(l) + " has extents " +
                        std::to_string(x.shape()[static_cast<int>(first)]) + " and " + std::to_string(extent) + " in " +
                        e.operand_text(operand) + " in \"" + printable_text(e.text) + '"',
                    e.where);
}

void einsum_equation::reader::fail_shape(label l, std::int64_t extent) const {
  const auto has_known = [&](const labelled& x) {
    for (int axis = 0; axis < x.value.ndim(); ++axis) {
      if (x.labels[axis] == l && x.value.shape()[axis] == e.extents[l]) return true;
    }
    return false;
  };
  const auto origin = std::find_if(e.operands.begin(), e.operands.begin() + operand, has_known) - e.operands.begin();
  throw shape_error(std::string(e.name) + ": " + label_text(l) + " has extent " + std::to_string(e.extents[l]) +
                        " in " + e.operand_text(static_cast<std::size_t>(origin)) + " and " + std::to_string(extent) +
                        " in " + e.operand_text(operand) + " in \"" + printable_text(e.text) + '"',
                    e.where);
}

void einsum_equation::reader::fail_count() const {
  const std::string_view inputs = e.text.substr(0, e.text.find("->"));
  const auto lists = std::count(inputs.begin(), inputs.end(), ',') + 1;
  e.fail(std::to_string(lists) + (lists == 1 ? " list" : " lists") + " of labels for " +
         std::to_string(e.operands.size()) + (e.operands.size() == 1 ? " operand" : " operands"));
}

}  // namespace tessera::detail
