// einsum by views and one fused pass: every operand becomes a view over all labels (output labels, then summed ones), repeated
// labels walk a diagonal, and the product of the views is summed over the summed labels.
//
//   "bij,bjk->bik"     labels  b i k | j         a -> strides of (b, i, 0, j)     b -> strides of (b, 0, k, j)
#include "tessera/einsum.hpp"

#include <algorithm>
#include <map>

#include "expr/evaluate.hpp"
#include "ops/index.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/reduce.hpp"

namespace tessera {

using namespace detail;

namespace {

/// A letter, or an axis of the ellipsis: -1 is its last.
using label = int;
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

/// x over `labels`: absent ones get extent 1, repeated ones the sum of their strides.
array over_labels(const array& x, const std::vector<label>& own, const std::vector<label>& labels) {
  shape extents = shape::filled(static_cast<int>(labels.size()), 1), strides = shape::filled(extents.size(), 0);
  for (int axis = 0; axis < x.ndim(); ++axis) {
    const int at = static_cast<int>(std::find(labels.begin(), labels.end(), own[axis]) - labels.begin());
    extents[at] = x.shape()[axis];
    strides[at] = wrapping_sum(strides[at], x.strides()[axis]);
  }
  return access::view(x, access::data(x), x.dtype(), extents, strides);
}

/// The product of the views, summed over the axes from `kept` on, computed and returned in `type`; halves in float32.
array contract(const std::vector<array>& views, int kept, dtype type, caller where) {
  const bool half = type == float16 || type == bfloat16;
  const dtype working = half ? float32 : type;
  expr product = astype(operand(views[0], where), working);
  for (std::size_t k = 1; k < views.size(); ++k)
    product = multiply(operand(product, where), astype(operand(views[k], where), working));
  std::vector<int> summed;
  for (int axis = kept; axis < product.ndim(); ++axis) summed.push_back(axis);
  if (!summed.empty())
    product = type == bool_ ? any(product, axes(summed)) : sum(product, axes(summed), {.dtype = working});
  return array(half ? astype(operand(product, where), type) : product, where);
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
  const std::map<label, std::int64_t> extents = extents_of(e, x);

  std::vector<label> labels = e.output;
  for (const auto& [l, extent] : extents) {
    if (std::find(labels.begin(), labels.end(), l) == labels.end()) labels.push_back(l);
  }
  if (labels.size() > max_ndim) e.fail("more than " + std::to_string(max_ndim) + " labels");
  std::vector<array> views;
  dtype type = x[0].dtype();
  for (std::size_t k = 0; k < x.size(); ++k) {
    views.push_back(over_labels(x[k], e.inputs[k], labels));
    type = result_type(type, x[k].dtype());
  }
  if (x.size() == 1 && labels.size() == e.output.size()) return views[0];
  return contract(views, static_cast<int>(e.output.size()), type, where);
}

}  // namespace tessera
