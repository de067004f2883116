// einsum: the equation, its labels and their extents; contract.hpp computes.
#include "tessera/einsum.hpp"

#include <algorithm>
#include <map>

#include "expr/evaluate.hpp"
#include "ops/contract.hpp"

namespace tessera {

using namespace detail;

namespace {

// A label is a letter, or an axis of the ellipsis: -1 is its last.
constexpr label ellipsis_mark = 0;  // while the number of its axes is not known

std::string name_of(label l) { return l < 0 ? "..." : std::string(1, static_cast<char>(l)); }

struct equation {
  std::string text;
  caller where;
  std::vector<std::vector<label>> inputs = {{}};
  std::vector<label> output;
  bool has_output = false;

  [[noreturn]] void fail(const std::string& what) const {
    throw value_error("einsum: " + what + " in \"" + text + '"', where);
  }
  [[noreturn]] void fail_shape(const std::string& what) const {
    throw shape_error("einsum: " + what + " in \"" + text + '"', where);
  }
};

/// Reads "ij,...jk->ik"; blanks mean nothing.
equation parse(std::string_view text, caller where) {
  equation e;
  e.text = text;
  e.where = where;
  std::vector<label>* side = &e.inputs.back();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ' ') continue;
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      side->push_back(c);
    } else if (text.substr(i, 3) == "...") {
      if (std::find(side->begin(), side->end(), ellipsis_mark) != side->end())
        e.fail("more than one ellipsis for one operand");
      side->push_back(ellipsis_mark);
      i += 2;
    } else if (text.substr(i, 2) == "->" && !e.has_output) {
      e.has_output = true;
      side = &e.output;
      ++i;
    } else if (c == ',' && !e.has_output) {
      side = &e.inputs.emplace_back();
    } else {
      e.fail("unexpected '" + std::string(1, c) + "' at position " + std::to_string(i));
    }
  }
  return e;
}

void expand(std::vector<label>& labels, int axes) {
  const auto mark = std::find(labels.begin(), labels.end(), ellipsis_mark);
  if (mark == labels.end()) return;
  std::vector<label> own;
  for (int k = -axes; k < 0; ++k) own.push_back(k);
  labels.insert(labels.erase(mark), own.begin(), own.end());
}

/// Replaces every ellipsis by the axes it stands for; without "->" makes the output: the ellipsis, then the labels that
/// stand once, in order of the alphabet.
void resolve(equation& e, const std::vector<array>& x) {
  if (e.inputs.size() != x.size()) {
    e.fail(std::to_string(e.inputs.size()) + " lists of labels for " + std::to_string(x.size()) + " operands");
  }
  int broadcast_axes = 0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    std::vector<label>& labels = e.inputs[k];
    const bool open = std::find(labels.begin(), labels.end(), ellipsis_mark) != labels.end();
    const int named = static_cast<int>(labels.size()) - open, axes = x[k].ndim() - named;
    if (axes < 0 || (axes > 0 && !open)) {
      e.fail("operand " + std::to_string(k) + " of shape " + to_string(x[k].shape()) + " does not have " +
             std::to_string(named) + " axes");
    }
    if (open) broadcast_axes = std::max(broadcast_axes, axes);
    expand(labels, axes);
  }
  std::map<label, int> uses;
  for (const auto& labels : e.inputs) {
    for (label l : labels) ++uses[l];
  }
  if (!e.has_output) {
    e.output.push_back(ellipsis_mark);
    for (const auto& [l, count] : uses) {
      if (l > 0 && count == 1) e.output.push_back(l);
    }
  } else if (broadcast_axes > 0 && std::find(e.output.begin(), e.output.end(), ellipsis_mark) == e.output.end()) {
    e.fail("the output lacks the ellipsis of the operands");
  }
  expand(e.output, broadcast_axes);
  for (auto it = e.output.begin(); it != e.output.end(); ++it) {
    if (!uses.count(*it)) e.fail("output label '" + name_of(*it) + "' is in no operand");
    if (std::find(e.output.begin(), it, *it) != it) e.fail("output label '" + name_of(*it) + "' is repeated");
  }
}

/// The extent of every label; 1 broadcasts between operands, not within one.
std::map<label, std::int64_t> extents_of(const equation& e, const std::vector<array>& x) {
  struct origin {
    std::int64_t extent;
    std::size_t operand;
  };
  std::map<label, origin> found;
  const auto operand_text = [&](std::size_t k) {
    return "operand " + std::to_string(k) + " " + to_string(x[k].shape());
  };
  for (std::size_t k = 0; k < x.size(); ++k) {
    for (std::size_t i = 0; i < e.inputs[k].size(); ++i) {
      const label l = e.inputs[k][i];
      const std::int64_t extent = x[k].shape()[static_cast<int>(i)];
      const auto first = std::find(e.inputs[k].begin(), e.inputs[k].end(), l) - e.inputs[k].begin();
      if (const std::int64_t other = x[k].shape()[static_cast<int>(first)]; other != extent) {
        e.fail_shape("label '" + name_of(l) + "' has extents " + std::to_string(other) + " and " +
                     std::to_string(extent) + " in " + operand_text(k));
      }
      auto [it, is_new] = found.try_emplace(l, origin{extent, k});
      origin& known = it->second;
      if (known.extent == extent || extent == 1) continue;
      if (known.extent != 1) {
        e.fail_shape("label '" + name_of(l) + "' has extent " + std::to_string(known.extent) + " in " +
                     operand_text(known.operand) + " and " + std::to_string(extent) + " in " + operand_text(k));
      }
      known = {extent, k};
    }
  }
  std::map<label, std::int64_t> extents;
  for (const auto& [l, o] : found) extents[l] = o.extent;
  return extents;
}

}  // namespace

array einsum_list(std::string_view text, std::initializer_list<operand> operands) {
  return einsum_list(text, std::vector<operand>(operands));
}

array einsum_list(std::string_view text, const std::vector<operand>& operands) {
  const caller where = operands.empty() ? caller() : operands[0].where();
  equation e = parse(text, where);
  std::vector<array> x;
  for (const operand& o : operands) x.push_back(materialize(o.recipe(), o.where()));
  if (x.empty()) e.fail("no operands");
  resolve(e, x);
  extents_of(e, x);
  const auto list = [](const std::vector<label>& labels) { return label_list(labels.begin(), labels.end()); };
  const label_list output = list(e.output);
  if (x.size() == 1) return contract({x[0], list(e.inputs[0])}, output, {}, "einsum", where);
  labelled left = {x[0], list(e.inputs[0])};
  for (std::size_t k = 1; k < x.size(); ++k) {
    label_list kept;
    const auto keep = [&](const label_list& labels) {
      for (label l : labels) {
        const auto is = [l](const std::vector<label>& one) {
          return std::find(one.begin(), one.end(), l) != one.end();
        };
        const bool later = is(e.output) || std::any_of(e.inputs.begin() + k + 1, e.inputs.end(), is);
        if (later && std::find(kept.begin(), kept.end(), l) == kept.end()) kept.push_back(l);
      }
    };
    keep(left.labels);
    keep(list(e.inputs[k]));
    if (k + 1 == x.size()) kept = output;
    left = {contract(left, {x[k], list(e.inputs[k])}, kept, {}, "einsum", where), kept};
  }
  return left.value;
}

}  // namespace tessera
