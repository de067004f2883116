// Simple recipes without a plan.
#include "expr/direct.hpp"

#include "backend.hpp"
#include "core/layout.hpp"
#include "expr/build.hpp"
#include "expr/fold.hpp"

namespace tessera::detail {

namespace {

// Beyond, the microsecond that a plan takes is nothing beside the work.
constexpr std::int64_t most_points = 16 * 1024;

bool is_on_host(const array& a) noexcept {
  const storage* const bytes = access::storage_of(a);
  return bytes == nullptr || bytes->device().kind() == device_kind::cpu;
}

/// How an operand of an operation on `extents` is walked.
enum class walk { no, along, repeated };

walk walk_of(const node& operand, const shape& extents) noexcept {
  if (operand.kind == node_kind::constant) return walk::repeated;
  if (operand.kind != node_kind::leaf) return walk::no;
  const array& a = static_cast<const leaf_node&>(operand).value;
  if (!is_on_host(a)) return walk::no;
  if (!(operand.extents == extents)) return extents.empty() || !operand.extents.empty() ? walk::no : walk::repeated;
  return is_c_contiguous(operand.extents, a.strides(), a.itemsize()) ? walk::along : walk::no;
}

bool is_direct(const elementwise_node& n) noexcept {
  // positive() is no instruction; integer powers look at their exponents first.
  if (n.code == op::positive || n.code == op::pow) return false;
  bool any_along = false;
  for (const node_ref& input : n.inputs) {
    const walk how = walk_of(*input, n.extents);
    if (how == walk::no) return false;
    any_along |= how == walk::along;
  }
  return any_along;
}

bool is_direct(const reduction_node& n) noexcept {
  if (n.by == deviations_fold) return false;  // their rows have kernels of their own
  return static_cast<int>(n.over.size()) == n.input->extents.size() &&
         walk_of(*n.input, n.input->extents) == walk::along;
}

array fresh(const node& n, std::int64_t count, const caller& where) {
  const int itemsize = n.type.itemsize();
  return access::fresh(n.extents, contiguous_strides(n.extents, itemsize, order::C), n.type, count * itemsize, where);
}

array run(const elementwise_node& n, const char* name, const caller& where) {
  flat_operation x;
  constant numbers[3];
  int leaves = 0;
  for (const node_ref& input : n.inputs) {
    flat_operation::operand& operand = x.operands[x.arity];
    operand.type = input->type;
    if (input->kind == node_kind::leaf) {
      const auto& leaf = static_cast<const leaf_node&>(*input);
      leaf.check_fresh(name, leaves++, where);
      operand.data = access::data(leaf.value);
      operand.repeated = leaf.extents.empty() && !n.extents.empty();
    } else {
      const auto& number = static_cast<const constant_node&>(*input);
      numbers[x.arity] = make_constant(number.value, number.type, "constant", number.where);
      operand.data = numbers[x.arity].bytes;
      operand.repeated = true;
    }
    ++x.arity;
  }
  x.code = n.code;
  x.loop = n.loop;
  x.result = n.type;
  x.count = element_count(n.extents);
  array result = fresh(n, x.count, where);
  x.target = access::data(result);
  cpu_backend().run(x);
  return result;
}

array run(const reduction_node& n, const char* name, const caller& where) {
  const auto& leaf = static_cast<const leaf_node&>(*n.input);
  leaf.check_fresh(name, 0, where);
  array result = fresh(n, 1, where);
  cpu_backend().run(
      flat_fold{n.by, leaf.type, n.type, element_count(leaf.extents), access::data(result), access::data(leaf.value)});
  return result;
}

}  // namespace

bool is_direct(const node& n) noexcept {
  if (n.kind == node_kind::elementwise) {
    const std::int64_t count = element_count(n.extents);
    return count > 0 && count <= most_points && is_direct(static_cast<const elementwise_node&>(n));
  }
  if (n.kind == node_kind::reduction) {
    const auto& fold = static_cast<const reduction_node&>(n);
    const std::int64_t count = element_count(fold.input->extents);
    return count > 1 && count <= most_points && is_direct(fold);
  }
  return false;
}

array run_direct(const node& n, const char* name, const caller& where) {
  if (n.kind == node_kind::elementwise) return run(static_cast<const elementwise_node&>(n), name, where);
  return run(static_cast<const reduction_node&>(n), name, where);
}

}  // namespace tessera::detail
