// Common dtype, memory order and device, and plain copies of a verb's operands.
#include "ops/operands.hpp"

#include <numeric>
#include <optional>

#include "backend.hpp"
#include "core/layout.hpp"
#include "expr/build.hpp"
#include "expr/evaluate.hpp"
#include "ops/index.hpp"
#include "tessera/evaluate.hpp"
#include "tessera/reduce.hpp"
#include "tessera/views.hpp"

namespace tessera::detail {

dtype common_dtype(const std::vector<expr>& operands) {
  dtype strong;
  for (const expr& x : operands) {
    if (weak_kind_of(x) == weak_kind::none) strong = strong.is_set() ? result_type(strong, x.dtype()) : x.dtype();
  }
  dtype type = strong;
  for (const expr& x : operands) {
    const weak_kind weak = weak_kind_of(x);
    if (weak == weak_kind::none) continue;
    if (strong.is_set()) {
      type = promote({{type}, {x.dtype(), weak}});
    } else {
      type = type.is_set() ? result_type(type, x.dtype()) : x.dtype();
    }
  }
  return type;
}

std::vector<int> memory_order(const std::vector<layout_operand>& operands) {
  enum class verdict { unknown, in_order, swapped };
  // Whether axis a, now slower than b, should stay so. One operand that says "in order" overrules the others.
  const auto compare = [&](int a, int b) {
    verdict result = verdict::unknown;
    for (const layout_operand& x : operands) {
      if (x.extents[a] == 1 || x.extents[b] == 1) continue;
      const std::int64_t slow = x.strides[a] < 0 ? -x.strides[a] : x.strides[a],
                         fast = x.strides[b] < 0 ? -x.strides[b] : x.strides[b];
      if (slow >= fast) return verdict::in_order;
      result = verdict::swapped;
    }
    return result;
  };
  std::vector<int> order(operands.empty() ? 0 : operands[0].extents.size());
  std::iota(order.begin(), order.end(), 0);
  for (std::size_t i = 1; i < order.size(); ++i) {
    std::size_t place = i;
    for (std::size_t j = i; j-- > 0;) {  // an unknown neighbour is passed only if one beyond it says swapped
      const verdict v = compare(order[j], order[i]);
      if (v == verdict::in_order) break;
      if (v == verdict::swapped) place = j;
    }
    const int axis = order[i];
    order.erase(order.begin() + static_cast<std::ptrdiff_t>(i));
    order.insert(order.begin() + static_cast<std::ptrdiff_t>(place), axis);
  }
  return order;
}

shape strides_in_order(const shape& extents, const std::vector<int>& slowest_first, std::int64_t itemsize) {
  shape strides = extents, ordered;
  for (int axis : slowest_first) ordered.push_back(extents[axis]);
  const shape dense = contiguous_strides(ordered, itemsize, order::C);
  for (std::size_t i = 0; i < slowest_first.size(); ++i) strides[slowest_first[i]] = dense[static_cast<int>(i)];
  return strides;
}

void throw_devices(tessera::device first, tessera::device second, const char* name, caller where) {
  throw device_error(std::string(name) + ": operands on " + first.name() + " and " + second.name() +
                         "; to() copies from one device to another",
                     where);
}

array beside(const array& x, const array& y, const char* name, caller where) {
  if (y.device() != x.device() && y.device() != cpu()) throw_devices(x.device(), y.device(), name, where);
  return y.to(x.device(), where);
}

array materialize_on(const operand& x, tessera::device on, caller where) {
  const node* n = access::node_of(x.recipe());
  std::optional<device_scope> there;
  if (n == nullptr || n->kind == node_kind::text) there.emplace(on);
  return materialize(x.recipe(), where);
}

std::int64_t only_axis(const axes& given, const char* name, caller where) {
  if (given.list().size() != 1) {
    throw value_error(std::string(name) + ": takes one axis, not " + std::to_string(given.list().size()), where);
  }
  return given.list()[0];
}

array_along along(const array& x, const axes& given, const char* name, caller where) {
  if (given.every()) return {ravel(x, order::C, where), 0};
  return {x, normalize_axis(only_axis(given, name, where), x.ndim(), name, where)};
}

integer_bounds bounds_of(const array& x, caller where) {
  const operand elements(x, where);
  const auto [low, high] = eval(min(elements), max(elements));
  if (x.dtype() != uint64) return {low.item<std::int64_t>(where), high.item<std::int64_t>(where)};
  return {static_cast<std::int64_t>(low.item<std::uint64_t>(where)),
          static_cast<std::int64_t>(high.item<std::uint64_t>(where))};
}

void copy_elements(const array& from, const array& to) {
  if (from.size() == 0) return;
  copy_between(from.shape(), {access::data(from), from.dtype(), from.strides()}, from.device(),
               {access::data(to), to.dtype(), to.strides()}, to.device());
}

bool is_fortran(const array& x) {
  const flags_t flags = x.flags();
  return flags.f_contiguous && !flags.c_contiguous;
}

array slice_along(const array& x, int axis, const slice& range, caller where) {
  strided_view view;
  for (int i = 0; i < x.ndim(); ++i) {
    if (i == axis) {
      view.slice_axis(range, x.shape()[i], x.strides()[i], where);
    } else {
      view.push(x.shape()[i], x.strides()[i], where);
    }
  }
  return view.of(x);
}

}  // namespace tessera::detail
