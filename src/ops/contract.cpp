// A contraction becomes groups of axes with strides (contraction_plan.hpp), and the backend's call, or one fused product and sum.
//
//   "bij,bjk->bik"    batch b    rows i    columns k    summed j
#include "ops/contract.hpp"

#include <algorithm>
#include <cstdlib>

#include "backend.hpp"
#include "core/access.hpp"
#include "core/layout.hpp"
#include "expr/evaluate.hpp"
#include "ops/contraction_axes.hpp"
#include "ops/index.hpp"
#include "ops/operands.hpp"
#include "tessera/creation.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/reduce.hpp"

namespace tessera::detail {
namespace {

int find(const label_list& labels, label l) {
  const auto at = std::find(labels.begin(), labels.end(), l);
  return at == labels.end() ? -1 : static_cast<int>(at - labels.begin());
}
bool has(const label_list& labels, label l) { return find(labels, l) >= 0; }

/// Diagonals taken, axes of extent 1 dropped.
labelled distinct(const labelled& x) {
  label_list kept;
  for (int axis = 0; axis < x.value.ndim(); ++axis) {
    if (x.value.shape()[axis] != 1 && !has(kept, x.labels[axis])) kept.push_back(x.labels[axis]);
  }
  if (kept.size() == x.labels.size()) return x;
  return {over_labels(x, kept), kept};
}

expr total(const expr& x, const axes& over, caller where) {
  return x.dtype() == bool_ ? any(operand(x, where), over) : sum(operand(x, where), over, {.dtype = x.dtype()});
}

// ---- the plan -----------------------------------------------------------------------------------------------------
void order_and_merge(contraction_axes& group, bool summed) {
  const auto slower = [summed](const contraction_axis& a, const contraction_axis& b) {
    if (!summed) return magnitude(a.to) > magnitude(b.to);
    const std::uint64_t of_a = magnitude(a.y), of_b = magnitude(b.y);
    return of_a != of_b ? of_a > of_b : magnitude(a.x) > magnitude(b.x);
  };
  if (group.size() < 2) return;  // stable_sort takes a buffer from the heap
  std::stable_sort(group.begin(), group.end(), slower);
  merge(group);
}

/// A contraction of two operands of one dtype without axes of extent 1, repeated labels and labels that only one of them sums.
struct problem {
  labelled x, y;
  label_list output, summed;
  shape extents;  // of the result
  dtype type;
  bool conjugate_x;
  bool empty = false;  // an extent is 0: nothing to multiply
  contraction_plan plan;

  /// Throws value_error when the result, or the products to be summed, are more than 64 bits count.
  problem(labelled first, labelled second, const label_list& to, dtype of, const contract_options& options,
          const char* name, caller where);
  void add(label l, std::int64_t extent, std::int64_t in_x, std::int64_t in_y, const shape& strides);
  /// A 0-d array on the CPU goes with any device, in fused programs only.
  bool on_one_device() const { return x.value.device() == y.value.device(); }
  tessera::device device() const { return x.value.device() == cpu() ? y.value.device() : x.value.device(); }
  backend& on(caller where) const { return backend_of(device(), where); }
};

problem::problem(labelled first, labelled second, const label_list& to, dtype of, const contract_options& options,
                 const char* name, caller where)
    : x(std::move(first)), y(std::move(second)), output(to), type(of), conjugate_x(options.conjugate_x) {
  extents = shape::filled(static_cast<int>(output.size()), 1);
  shape all;
  for (const labelled* side : {&x, &y}) {
    for (int axis = 0; axis < side->value.ndim(); ++axis) {
      if (const int at = find(output, side->labels[axis]); at >= 0) extents[at] = side->value.shape()[axis];
      if (side == &x || !has(x.labels, side->labels[axis])) all.push_back(side->value.shape()[axis]);
      empty |= side->value.shape()[axis] == 0;
    }
  }
  element_count(extents, name, where, type.itemsize());
  element_count(all, name, where);
  plan.type = type;
  plan.x = access::data(x.value);
  plan.y = access::data(y.value);
  plan.to = nullptr;
  plan.conjugate_x = conjugate_x && type.kind() == 'c';
  plan.tf32 = options.tf32;
  const shape strides = contiguous_strides(extents, type.itemsize(), order::C);
  for (int axis = 0; axis < x.value.ndim(); ++axis) {
    const int other = find(y.labels, x.labels[axis]);
    add(x.labels[axis], x.value.shape()[axis], axis, other, strides);
  }
  for (int axis = 0; axis < y.value.ndim(); ++axis) {
    if (!has(x.labels, y.labels[axis])) add(y.labels[axis], y.value.shape()[axis], -1, axis, strides);
  }
  for (contraction_axes* group : {&plan.batch, &plan.rows, &plan.columns}) order_and_merge(*group, false);
  order_and_merge(plan.summed, true);
}

void problem::add(label l, std::int64_t extent, std::int64_t in_x, std::int64_t in_y, const shape& strides) {
  const int at = find(output, l);
  const contraction_axis axis = {extent, in_x < 0 ? 0 : x.value.strides()[static_cast<int>(in_x)],
                                 in_y < 0 ? 0 : y.value.strides()[static_cast<int>(in_y)], at < 0 ? 0 : strides[at]};
  if (at < 0) summed.push_back(l);
  contraction_axes& group = at < 0 ? plan.summed : in_y < 0 ? plan.rows : in_x < 0 ? plan.columns : plan.batch;
  group.push_back(axis);
}

array fused(const problem& p, caller where) {
  label_list labels = p.output;
  for (label l : p.summed) labels.push_back(l);
  const dtype working = summing_type(p.type);
  const auto spread = [&](const labelled& x) {  // a 0-d array of the host goes with a device's only as that
    const bool is_guest = x.value.device() != p.device();
    return astype(operand(is_guest ? x.value : over_labels(x, labels), where), working);
  };
  expr first = spread(p.x);
  if (p.plan.conjugate_x) first = conj(operand(first, where));
  const expr product = multiply(operand(first, where), operand(spread(p.y), where));
  const expr sums = sum_behind(product, static_cast<int>(p.output.size()), where);
  return array(working == p.type ? sums : astype(operand(sums, where), p.type), where);
}

// ---- one operand at a time ----------------------------------------------------------------------------------------
/// How the operands of a problem are made: computed, or only outlined, where what would be called is the question.
struct preparation {
  caller where;
  bool outlined = false;

  array cast(const array& x, dtype type) const {
    if (x.dtype() == type) return x;
    if (outlined) return outline(x, x.shape(), fresh_strides(x, type.itemsize(), order::K), type);
    return materialize(astype(operand(x, where), type), where);
  }
  array sum_over(const array& x, const std::vector<int>& axes_of_x, const shape& left, dtype type) const {
    if (outlined) return outline(x, left, contiguous_strides(left, type.itemsize(), order::C), type);
    return array(total(astype(operand(x, where), type), axes(axes_of_x), where), where);
  }

 private:
  /// An array on the same device whose elements nobody reads.
  static array outline(const array& x, const shape& extents, const shape& strides, dtype type) {
    return access::view(x, access::data(x), type, extents, strides);
  }
};

bool is_lone(label l, const label_list& other, const label_list& output) { return !has(other, l) && !has(output, l); }

bool any_lone(const labelled& x, const labelled& y, const label_list& output) {
  const auto lone = [&](const labelled& a, const labelled& b) {
    return std::any_of(a.labels.begin(), a.labels.end(), [&](label l) { return is_lone(l, b.labels, output); });
  };
  return lone(x, y) || lone(y, x);
}

/// x in `type`, summed over the labels that are in neither list.
labelled without_lone(const labelled& x, const label_list& other, const label_list& output, dtype type,
                      const preparation& how) {
  std::vector<int> lone;
  label_list left;
  shape extents;
  for (int axis = 0; axis < x.value.ndim(); ++axis) {
    if (is_lone(x.labels[axis], other, output)) {
      lone.push_back(axis);
    } else {
      left.push_back(x.labels[axis]);
      extents.push_back(x.value.shape()[axis]);
    }
  }
  if (lone.empty()) return {how.cast(x.value, type), x.labels};
  return {how.sum_over(x.value, lone, extents, type), left};
}

problem prepared(const labelled& x, const labelled& y, const label_list& output, dtype type,
                 const contract_options& options, const char* name, const preparation& how) {
  const labelled a = distinct(x), b = distinct(y);
  return problem(without_lone(a, b.labels, output, type, how), without_lone(b, a.labels, output, type, how), output,
                 type, options, name, how.where);
}

dtype common_type(const labelled& x, const labelled& y, const contract_options& options) {
  return options.dtype == dtype() ? result_type(x.value.dtype(), y.value.dtype()) : options.dtype;
}

}  // namespace

void check_devices(const array& x, const array& y, const char* name, caller where) {
  const auto is_scalar = [](const array& a) { return a.ndim() == 0 && a.device() == cpu(); };
  if (x.device() == y.device() || is_scalar(x) || is_scalar(y)) return;
  throw_devices(x.device(), y.device(), name, where);
}

dtype summing_type(dtype type) { return type == float16 || type == bfloat16 ? float32 : type; }

expr sum_behind(const expr& x, int first, caller where) {
  std::vector<int> summed;
  for (int axis = first; axis < x.ndim(); ++axis) summed.push_back(axis);
  return summed.empty() ? x : total(x, axes(summed), where);
}

array over_labels(const labelled& x, const label_list& labels) {
  shape extents = shape::filled(static_cast<int>(labels.size()), 1), strides = shape::filled(extents.size(), 0);
  for (int axis = 0; axis < x.value.ndim(); ++axis) {
    const int at = find(labels, x.labels[axis]);
    if (at < 0) continue;
    extents[at] = x.value.shape()[axis];
    strides[at] = wrapping_sum(strides[at], x.value.strides()[axis]);
  }
  return access::view(x.value, access::data(x.value), x.value.dtype(), extents, strides);
}

array contract(const labelled& x, const labelled& y, const label_list& output, const contract_options& options,
               const char* name, caller where) {
  check_devices(x.value, y.value, name, where);
  const dtype type = common_type(x, y, options);
  if (summing_type(type) != type && any_lone(distinct(x), distinct(y), output)) {  // sums in between are not rounded
    contract_options wide = options;
    wide.dtype = summing_type(type);
    return preparation{where}.cast(contract(x, y, output, wide, name, where), type);
  }
  problem p = prepared(x, y, output, type, options, name, {where});
  if (p.empty) return zeros(p.extents, {.dtype = type, .device = p.device()}, where);
  if (!p.on_one_device() || !p.on(where).contracts(p.plan)) return fused(p, where);
  array result = access::make(p.extents, type, order::C, p.device(), where);
  p.plan.to = access::data(result);
  p.on(where).contract(p.plan);
  return result;
}

array contract(const labelled& x, const label_list& output, const contract_options& options, const char*,
               caller where) {
  const dtype type = options.dtype == dtype() ? x.value.dtype() : options.dtype;
  const labelled own = distinct(x);
  if (!any_lone(own, {}, output)) return preparation{where}.cast(over_labels(own, output), type);
  const labelled summed = without_lone(own, {}, output, summing_type(type), {where});
  return preparation{where}.cast(over_labels(summed, output), type);
}

std::string contract_text(const labelled& x, const labelled& y, const label_list& output,
                          const contract_options& options) {
  problem p = prepared(x, y, output, common_type(x, y, options), options, "einsum", {caller(), true});
  if (p.empty) return "zeros";
  if (!p.on_one_device() || !p.on(caller()).contracts(p.plan)) return "fused program";
  return p.on(caller()).contraction_text(p.plan);
}

}  // namespace tessera::detail
