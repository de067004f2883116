// node: the immutable DAG behind expr. Shapes and dtypes are settled when a node is made; casts are explicit nodes.
#pragma once
#include <atomic>
#include <vector>

#include "core/access.hpp"
#include "core/layout.hpp"
#include "expr/op_table.hpp"
#include "tessera/expr.hpp"

namespace tessera::detail {

enum class node_kind : std::uint8_t { leaf, constant, elementwise, reduction, view, selection, text };

/// Base of all nodes: intrusive count, result shape and dtype, the line that built it.
struct node : small_object {
  node(node_kind k, const shape& e, dtype t, const caller& w) : kind(k), type(t), extents(e), where(w) {}
  node(const node&) = delete;
  virtual ~node() = default;
  std::atomic<std::uint32_t> references{1};
  const node_kind kind;
  const dtype type;
  const shape extents;
  const caller where;
  node* next_released = nullptr;  // release()'s chain of nodes whose count fell to zero
};
using node_ref = counted<node>;  // release() is iterative: a recipe of a million operations does not overflow the stack

/// The operands of one operation: at most three, no allocation.
class node_list {
 public:
  node_list() noexcept = default;
  template <class... N> explicit node_list(node_ref first, N... others) noexcept {
    push_back(std::move(first));
    (push_back(std::move(others)), ...);
  }
  void push_back(node_ref n) noexcept { item_[size_++] = std::move(n); }
  int size() const noexcept { return size_; }
  node_ref& operator[](int i) noexcept { return item_[i]; }
  const node_ref& operator[](int i) const noexcept { return item_[i]; }
  node_ref* begin() noexcept { return item_; }
  node_ref* end() noexcept { return item_ + size_; }
  const node_ref* begin() const noexcept { return item_; }
  const node_ref* end() const noexcept { return item_ + size_; }

 private:
  node_ref item_[3];
  int size_ = 0;
};

/// An array as it was when the recipe was built; watches its storage for later writes.
struct leaf_node : node {
  leaf_node(const array& a, const caller& where);
  leaf_node(const array& view, const leaf_node& of,
            const caller& where);  // a view of a leaf's array is as old as that leaf
  ~leaf_node() override;
  std::uint64_t time = 0;  // set before `value`, which asks for it
  array value;             // never changed
  /// Throws stale_expression "NAME: operand N of shape (…) was written after the recipe was built".
  void check_fresh(const char* name, int operand, caller reader) const;
};

/// A weak scalar after its dtype was settled by the other operands.
struct constant_node : node {
  constant_node(const scalar_value& v, dtype type, caller where)
      : node(node_kind::constant, {}, type, where), value(v) {}
  const scalar_value value;
};

/// code(inputs…) computed in dtype `loop`; inputs already have it (see instruction in program.hpp for the exceptions).
/// Inputs broadcast to `extents`.
struct elementwise_node : node {
  elementwise_node(op c, dtype l, dtype result, const shape& e, node_list&& in, const caller& w)
      : node(node_kind::elementwise, e, result, w), code(c), loop(l), inputs(std::move(in)) {}
  const op code;
  const dtype loop;
  node_list inputs;
};

/// Folds `over` (sorted axes of the input) away, or leaves them with extent 1.
struct reduction_node : node {
  reduction_node(fold f, axis_list&& o, bool keep, dtype result, const shape& e, node_ref&& in, const caller& w)
      : node(node_kind::reduction, e, result, w), by(f), over(std::move(o)), keepdims(keep), input(std::move(in)) {}
  const fold by;
  const axis_list over;
  const bool keepdims;
  node_ref input;
};

/// A strided view of a recipe that could not be pushed down to its leaves: the input (C order, contiguous once computed)
/// walked at element `offset` with `strides` in elements.
struct view_node : node {
  view_node(node_ref in, shape e, std::int64_t off, shape st, caller w)
      : node(node_kind::view, std::move(e), in->type, w), input(std::move(in)), offset(off), strides(std::move(st)) {}
  node_ref input;
  const std::int64_t offset;
  const shape strides;
};

/// Elements picked by masks or index arrays. Gathered when read (resolve()); knows its shape only then, so `extents` is
/// empty and no other node has it as input.
struct selection_node : node {
  selection_node(const array& from, std::vector<any_index> by, caller w)
      : node(node_kind::selection, {}, from.dtype(), w), source(from, w), indices(std::move(by)) {}
  const leaf_node source;  // as it was when the selection was made
  const std::vector<any_index> indices;
};

/// A C++ text: an array without axes on whatever device it is needed.
struct text_node : node {
  text_node(std::string_view text, dtype type, caller w) : node(node_kind::text, {}, type, w), utf8(text) {}
  const std::string utf8;
};

/// x as a node: arrays are leaves, texts become such, selections are gathered into leaves, weak scalars become constants of `scalar_type`
/// (their own dtype if unset).
node_ref to_node(const operand& x, dtype scalar_type = {});
node_ref to_node(const expr& x, caller where, dtype scalar_type = {});
node_ref to_node(expr&& x, caller where);
inline expr to_expr(node_ref n) { return access::from_node(n.detach()); }

/// A cast node, or n itself when it already has the dtype; folds casts of constants.
node_ref cast_to(node_ref n, dtype type, caller where);

}  // namespace tessera::detail
