// Small recipes without a plan.
#include "expr/direct.hpp"

#include <algorithm>
#include <cstring>

#include "backend.hpp"
#include "core/layout.hpp"
#include "expr/build.hpp"
#include "expr/overlap.hpp"

namespace tessera::detail {

namespace {

// Beyond, the microseconds that a plan takes are nothing beside one operation: simple arithmetic on as many points takes
// 10-40 us, for which nothing is shared out among threads either …
constexpr std::int64_t most_points = 16 * 1024, most_simple_points = 128 * 1024;
bool is_simple(op code) noexcept {
  switch (code) {
    case op::add:
    case op::subtract:
    case op::multiply:
    case op::negative:
    case op::abs:
    case op::square:
    case op::maximum:
    case op::minimum:
    case op::equal:
    case op::not_equal:
    case op::less:
    case op::less_equal:
    case op::greater:
    case op::greater_equal: return true;
    default: return false;
  }
}
// … and beside several a fused pass is faster. As many bytes of an intermediate result are folded as one row by the plan, too.
constexpr std::int64_t most_row_bytes = 4096;

constexpr std::int64_t line = 64;
std::int64_t lines(std::int64_t bytes) noexcept { return (bytes + line - 1) / line * line; }

bool is_on_host(const array& a) noexcept {
  const storage* const bytes = access::storage_of(a);
  return bytes == nullptr || bytes->device().kind() == device_kind::cpu;
}

bool is_row(const array& a) noexcept { return is_on_host(a) && is_c_contiguous(a.shape(), a.strides(), a.itemsize()); }

}  // namespace

// ---- one operation: what a direct_recipe would come to, without the list of values (some 260 instructions of 1700)

namespace {

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

bool is_single(const elementwise_node& n) noexcept {
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

bool is_single(const reduction_node& n) noexcept {
  return static_cast<int>(n.over.size()) == n.input->extents.size() &&
         walk_of(*n.input, n.input->extents) == walk::along;
}

array fresh(const node& n, std::int64_t count, const caller& where) {
  const int itemsize = n.type.itemsize();
  return access::fresh(n.extents, contiguous_strides(n.extents, itemsize, order::C), n.type, count * itemsize, cpu(),
                       where);
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

bool is_single(const node& n) noexcept {
  if (n.kind == node_kind::elementwise) {
    const auto& operation = static_cast<const elementwise_node&>(n);
    const std::int64_t count = element_count(n.extents);
    return count > 0 && (count <= most_points || (count <= most_simple_points && is_simple(operation.code))) &&
           is_single(operation);
  }
  if (n.kind == node_kind::reduction) {
    const auto& fold = static_cast<const reduction_node&>(n);
    const std::int64_t count = element_count(fold.input->extents);
    return count > 1 && count <= most_points && is_single(fold);
  }
  return false;
}

array run_single(const node& n, const char* name, const caller& where) {
  if (n.kind == node_kind::elementwise) return run(static_cast<const elementwise_node&>(n), name, where);
  return run(static_cast<const reduction_node&>(n), name, where);
}

// ---- several

// ---- whether there is nothing to plan

/// The place of a value; -1 when the recipe has to be planned.
int direct_recipe::add(const node& n) {
  for (int i = 0; i < size_; ++i) {
    if (values_[i].origin == &n) return i;
  }
  if (entered_++ == most_values) return -1;
  value v{&n, nullptr, element_count(n.extents), {}};
  if (v.count == 0 || !add_inputs(v)) return -1;
  const std::int64_t bytes = v.count * n.type.itemsize();
  if (n.kind != node_kind::leaf) memory_needed_ += lines(bytes);
  longest_ = std::max(longest_, v.count);
  longest_bytes_ = std::max({longest_bytes_, bytes, 4 * v.count});
  values_[size_] = v;
  return size_++;
}

bool direct_recipe::add_inputs(value& v) {
  switch (v.origin->kind) {
    case node_kind::leaf: {
      const array& a = static_cast<const leaf_node&>(*v.origin).value;
      v.data = access::data(a);
      return is_row(a);
    }
    case node_kind::constant: return true;
    case node_kind::elementwise: {
      const auto& n = static_cast<const elementwise_node&>(*v.origin);
      // positive() is no instruction; integer powers look at their exponents first.
      if (n.code == op::positive || (n.code == op::pow && n.loop.kind() == 'i')) return false;
      for (int i = 0; i < n.inputs.size(); ++i) {
        const int input = add(*n.inputs[i]);
        // As many elements that broadcast are the same elements, in the same order.
        if (input < 0 || (values_[input].count != v.count && values_[input].count != 1)) return false;
        v.inputs[i] = static_cast<std::int8_t>(input);
      }
      ++operations_;
      return true;
    }
    case node_kind::reduction: {
      const int input = add(*static_cast<const reduction_node&>(*v.origin).input);
      if (input < 0 || v.count != 1 || values_[input].count == 1) return false;
      v.inputs[0] = static_cast<std::int8_t>(input);
      ++operations_;
      return true;
    }
    default: return false;
  }
}

bool direct_recipe::is_small() const noexcept {
  if (operations_ == 0) return false;
  if (operations_ == 1) return longest_ <= most_points;  // the rest are leaves, and numbers that may be repeated
  return longest_bytes_ <= most_row_bytes && memory_needed_ <= stack_bytes;
}

// ---- running

array direct_recipe::run(const char* name, const caller& where) {
  check_fresh(name, where);
  const node& n = root();
  const int itemsize = n.type.itemsize();
  array result = access::fresh(n.extents, contiguous_strides(n.extents, itemsize, order::C), n.type,
                               values_[size_ - 1].count * itemsize, cpu(), where);
  run_steps(access::data(result));
  return result;
}

bool direct_recipe::run_into(const array& destination, const char* name, const caller& where) {
  if (!(destination.dtype() == root().type) || destination.size() != values_[size_ - 1].count || !is_row(destination) ||
      overlaps(destination))
    return false;
  check_fresh(name, where);
  run_steps(access::data(destination));
  return true;
}

/// Only the last operation writes there; it may read the very elements that it replaces.
bool direct_recipe::overlaps(const array& destination) const noexcept {
  return std::any_of(values_, values_ + size_, [&](const value& v) {
    if (v.origin->kind != node_kind::leaf) return false;
    const array& a = static_cast<const leaf_node&>(*v.origin).value;
    const bool same = v.data == access::data(destination) && v.count == values_[size_ - 1].count &&
                      a.itemsize() == destination.itemsize();
    return !same && may_overlap(a, destination);
  });
}

void direct_recipe::check_fresh(const char* name, const caller& where) const {
  int leaves = 0;
  for (int i = 0; i < size_; ++i) {
    if (values_[i].origin->kind != node_kind::leaf) continue;
    static_cast<const leaf_node&>(*values_[i].origin).check_fresh(name, leaves++, where);
  }
}

void direct_recipe::run_steps(std::byte* target) {
  std::byte* next = memory_;
  for (int i = 0; i < size_; ++i) {
    value& v = values_[i];
    if (v.origin->kind == node_kind::leaf) continue;
    std::byte* const to = i + 1 == size_ ? target : next;
    if (to == next) next += lines(v.count * v.origin->type.itemsize());
    v.data = to;
    if (v.origin->kind == node_kind::elementwise) {
      run_operation(v, to);
    } else if (v.origin->kind == node_kind::reduction) {
      run_fold(v, to);
    } else {
      const auto& number = static_cast<const constant_node&>(*v.origin);
      const constant made = make_constant(number.value, number.type, "constant", number.where);
      std::memcpy(to, made.bytes, sizeof made.bytes);
    }
  }
}

void direct_recipe::run_operation(const value& v, std::byte* target) const {
  const auto& n = static_cast<const elementwise_node&>(*v.origin);
  flat_operation x;
  x.code = n.code;
  x.loop = n.loop;
  x.result = n.type;
  x.count = v.count;
  x.target = target;
  x.arity = std::min(n.inputs.size(), 3);  // which it is: said for the compiler
  for (int i = 0; i < x.arity; ++i) {
    const value& from = values_[v.inputs[i]];
    x.operands[i] = {from.data, from.origin->type, from.count != v.count};
  }
  cpu_backend().run(x);
}

void direct_recipe::run_fold(const value& v, std::byte* target) const {
  const value& from = values_[v.inputs[0]];
  cpu_backend().run(flat_fold{static_cast<const reduction_node&>(*v.origin).by, from.origin->type, v.origin->type,
                              from.count, target, from.data});
}

}  // namespace tessera::detail
