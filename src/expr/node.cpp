// Recipe nodes: counts, release without recursion, leaves that watch their storage, casts.
#include "expr/node.hpp"

#include "core/default_device.hpp"
#include "expr/build.hpp"
#include "expr/evaluate.hpp"
#include "expr/other_types.hpp"
#include "ops/convert.hpp"
#include "ops/index.hpp"

namespace tessera::detail {

// ---- counts

void retain(node* n) noexcept { n->references.fetch_add(1, std::memory_order_relaxed); }

namespace {

// A single owner needs no locked operation to know that it is the last.
bool drop_reference(node* n) noexcept {
  return n->references.load(std::memory_order_acquire) == 1 ||
         n->references.fetch_sub(1, std::memory_order_acq_rel) == 1;
}

/// Takes the operands away from a dead node; those that die with it join the chain.
void detach_inputs(node* n, node*& chain) noexcept {
  const auto drop = [&chain](node_ref& input) {
    node* child = input.detach();
    if (child == nullptr || !drop_reference(child)) return;
    child->next_released = chain;
    chain = child;
  };
  switch (n->kind) {
    case node_kind::elementwise:
      for (node_ref& input : static_cast<elementwise_node*>(n)->inputs) drop(input);
      break;
    case node_kind::reduction: drop(static_cast<reduction_node*>(n)->input); break;
    case node_kind::view: drop(static_cast<view_node*>(n)->input); break;
    case node_kind::leaf:
    case node_kind::constant:
    case node_kind::selection:
    case node_kind::text: break;
  }
}

}  // namespace

void release(node* n) noexcept {
  if (!drop_reference(n)) return;
  node* chain = n;
  while (chain != nullptr) {
    node* dead = std::exchange(chain, chain->next_released);
    detach_inputs(dead, chain);
    delete dead;
  }
}

// ---- leaves

leaf_node::leaf_node(const array& a, const caller& w)
    : node(node_kind::leaf, a.shape(), a.dtype(), w), value(access::watched(a, time)) {}

leaf_node::leaf_node(const array& view, const leaf_node& of, const caller& w) : leaf_node(view, w) { time = of.time; }

leaf_node::~leaf_node() { access::unwatched(value); }

void leaf_node::check_fresh(const char* name, int operand, caller reader) const {
  const storage* const bytes = access::storage_of(value);
  if (!bytes || !bytes->has_log()) return;
  if (!bytes->written_since(time, comb_of(value))) return;
  throw stale_expression(std::string(name) + ": operand " + std::to_string(operand) + " of shape " +
                             to_string(extents) + " was written after the recipe was built",
                         reader);
}

// ---- making nodes

node_ref to_node(const expr& x, caller where, dtype scalar_type) {
  node* n = access::node_of(x);
  if (n == nullptr) {
    const scalar_value& value = access::scalar_of(x);
    return node_ref(new constant_node(value, scalar_type.is_set() ? scalar_type : value.type, where));
  }
  if (n->kind == node_kind::selection) {
    return node_ref(new leaf_node(resolve_selection(*static_cast<selection_node*>(n), where), where));
  }
  if (n->kind == node_kind::text) {
    return node_ref(
        new leaf_node(text_array(static_cast<text_node*>(n)->utf8, device_for_new_arrays(where), where), where));
  }
  retain(n);
  return node_ref(n);
}

node_ref to_node(expr&& x, caller where) {
  const node* n = access::node_of(x);
  if (n == nullptr || n->kind == node_kind::selection || n->kind == node_kind::text)
    return to_node(static_cast<const expr&>(x), where);
  return node_ref(access::take_node(x));
}

node_ref to_node(const operand& x, dtype scalar_type) { return to_node(x.recipe(), x.where(), scalar_type); }

namespace {

/// Whether the number behind a constant is the same in `type` as after a cast from the constant's own dtype.
bool keeps_number(const constant_node& c, dtype type) noexcept {
  const bool to_inexact = type.kind() == 'f' || type.kind() == 'c';
  if (c.value.is_integral()) return to_inexact && (c.type == bool_ || c.type.kind() == 'i' || c.type.kind() == 'u');
  return to_inexact && (c.type == float64 || c.type == complex128) && c.value.type.kind() != 'c';
}

}  // namespace

node_ref cast_to(node_ref n, dtype type, caller where) {
  if (n->type == type) return n;
  if (!n->type.is_number() || !type.is_number()) {
    return node_ref(new leaf_node(convert(materialize(to_expr(std::move(n)), where), type, "astype", where), where));
  }
  if (n->kind == node_kind::constant) {
    const constant_node& c = static_cast<const constant_node&>(*n);
    if (keeps_number(c, type)) return node_ref(new constant_node(c.value, type, where));
  }
  const node& from = *n;
  return node_ref(new elementwise_node(op::cast, type, type, from.extents, node_list(std::move(n)), where));
}

}  // namespace tessera::detail
