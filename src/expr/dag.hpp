// dag: the nodes of some recipes as a numbered list without duplicates, operands before what uses them.
#pragma once
#include <unordered_map>

#include "expr/node.hpp"

namespace tessera::detail {

/// One distinct value. Two nodes that compute the same thing are one vertex.
struct vertex {
  const node* origin;
  int inputs[3] = {-1, -1, -1};
  int input_count = 0;
  std::size_t hash = 0;

  node_kind kind() const noexcept { return origin->kind; }
  dtype type() const noexcept { return origin->type; }
  const shape& extents() const noexcept { return origin->extents; }
  const leaf_node& leaf() const noexcept { return static_cast<const leaf_node&>(*origin); }
  const constant_node& constant() const noexcept { return static_cast<const constant_node&>(*origin); }
  const elementwise_node& elementwise() const noexcept { return static_cast<const elementwise_node&>(*origin); }
  const reduction_node& reduction() const noexcept { return static_cast<const reduction_node&>(*origin); }
  const view_node& view() const noexcept { return static_cast<const view_node&>(*origin); }
};

/// Built by adding recipes; keeps them alive.
class dag {
 public:
  /// The vertex of a recipe; walks it without recursion.
  int add(const node_ref& root);

  int size() const noexcept { return static_cast<int>(vertices_.size()); }
  const vertex& operator[](int v) const noexcept { return vertices_[v]; }
  /// The device of the leaves; the host without any. Throws device_error "NAME: operands on cpu and cuda:0".
  tessera::device device(const char* name, caller where) const;
  /// Throws stale_expression for the first leaf that was written since it was built into its recipe.
  void check_fresh(const char* name, caller where) const;

 private:
  int number(const node& n);
  int find_or_insert(vertex v);

  std::vector<node_ref> roots_;
  std::vector<vertex> vertices_;
  std::vector<const leaf_node*> leaves_;  // all, duplicates too, in the order they were met
  std::unordered_map<const node*, int> numbers_;
  std::unordered_multimap<std::size_t, int> by_hash_;
};

}  // namespace tessera::detail
