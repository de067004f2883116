// Views of recipes: pushed down to the leaves, so that slicing a recipe computes only what the slice needs.
#include <unordered_map>

#include "core/layout.hpp"
#include "expr/build.hpp"

namespace tessera::detail {

namespace {

/// One view function applied to every operand of a recipe, each broadcast to the recipe's shape first.
class view_pusher {
 public:
  view_pusher(const node& root, view_function f, const void* arguments, caller where)
      : root_(root), size_(element_count(root.extents)), f_(f), arguments_(arguments), where_(where) {}

  /// The view of the root, null when an operand has no such view.
  node_ref push(const node_ref& root) {
    std::vector<node_ref> pending{root};
    while (!pending.empty()) {
      const node_ref n = pending.back();
      if (done_.count(n.get()) != 0) {
        pending.pop_back();
        continue;
      }
      if (passes_through(*n) && !inputs_done(static_cast<const elementwise_node&>(*n.get()), pending)) continue;
      pending.pop_back();
      node_ref viewed = view(n);
      if (viewed.get() == nullptr) return {};
      done_.emplace(n.get(), std::move(viewed));
    }
    return done_[root.get()];
  }

  /// A node that has to be computed first: the view is found on an array of its shape that stands in for the result.
  node_ref view_computed(const node_ref& n) {
    const array stand_in = access::make(n->extents, n->type, order::C, cpu(), where_);
    const array viewed = apply(stand_in);
    if (access::storage_of(viewed) != access::storage_of(stand_in)) return {};
    const std::int64_t itemsize = n->type.itemsize();
    shape strides = viewed.strides();
    for (std::int64_t& stride : strides) stride /= itemsize;
    const std::int64_t offset = viewed.size() == 0 ? 0 : (access::data(viewed) - access::data(stand_in)) / itemsize;
    return node_ref(new view_node(n, viewed.shape(), offset, std::move(strides), where_));
  }

 private:
  /// A smaller operation that is broadcast is computed once and viewed, not recomputed along the repeated axes.
  bool passes_through(const node& n) const {
    return n.kind == node_kind::elementwise && element_count(n.extents) == size_;
  }

  bool inputs_done(const elementwise_node& n, std::vector<node_ref>& pending) const {
    bool all_done = true;
    for (const node_ref& input : n.inputs) {
      if (done_.count(input.get()) != 0) continue;
      pending.push_back(input);
      all_done = false;
    }
    return all_done;
  }

  node_ref view(const node_ref& n) {
    if (n->kind == node_kind::constant) return n.get() == &root_ ? view_computed(n) : n;
    if (n->kind == node_kind::leaf) return view_leaf(static_cast<const leaf_node&>(*n.get()));
    if (passes_through(*n)) return view_elementwise(n);
    return view_computed(n);
  }

  node_ref view_leaf(const leaf_node& leaf) {
    const array viewed = apply(leaf.value);
    if (access::storage_of(viewed) != access::storage_of(leaf.value)) return {};
    return node_ref(new leaf_node(viewed, leaf, where_));
  }

  node_ref view_elementwise(const node_ref& ref) {
    const auto& n = static_cast<const elementwise_node&>(*ref.get());
    node_list inputs{};
    const node* shaped = nullptr;  // an operand with the view's shape: any but a constant
    for (const node_ref& input : n.inputs) {
      const node_ref& viewed = done_[input.get()];
      if (viewed->kind != node_kind::constant) shaped = viewed.get();
      inputs.push_back(viewed);
    }
    if (shaped == nullptr) return view_computed(ref);
    return node_ref(new elementwise_node(n.code, n.loop, n.type, shaped->extents, std::move(inputs), where_));
  }

  array apply(const array& a) {
    if (a.shape() == root_.extents) return f_(a, arguments_, where_);
    const shape strides = broadcast_strides(a.shape(), a.strides(), root_.extents);
    return f_(access::view(a, access::data(a), a.dtype(), root_.extents, strides), arguments_, where_);
  }

  const node& root_;
  const std::int64_t size_;
  const view_function f_;
  const void* const arguments_;
  const caller where_;
  std::unordered_map<const node*, node_ref> done_;
};

}  // namespace

expr view_of(const expr& x, view_function f, const void* arguments, caller where) {
  const node_ref root = to_node(x, where);
  if (!root->type.is_number()) {  // a leaf, as all that is no number
    const auto& leaf = static_cast<const leaf_node&>(*root);
    const array viewed = f(leaf.value, arguments, where);
    return to_expr(node_ref(new leaf_node(viewed, leaf, where)));
  }
  view_pusher pusher(*root.get(), f, arguments, where);
  node_ref viewed = pusher.push(root);
  return to_expr(viewed.get() != nullptr ? std::move(viewed) : pusher.view_computed(root));
}

}  // namespace tessera::detail
