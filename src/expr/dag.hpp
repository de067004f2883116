// dag: the nodes of some recipes as a numbered list without duplicates, operands before what uses them.
#pragma once
#include <unordered_map>

#include "core/small_map.hpp"
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

/// Built by adding recipes, which have to outlive it.
class dag {
 public:
  /// The vertex of a recipe; walks it without recursion.
  int add(const node& root);

  int size() const noexcept { return static_cast<int>(vertices_.size()); }
  const vertex& operator[](int v) const noexcept { return vertices_[v]; }
  /// Where all this is computed: on the device of `destination` (may be null) and the leaves, on the thread's default device
  /// without either. 0-d arrays on the host go anywhere. Throws device_error "NAME: operands on cpu and cuda:0".
  tessera::device device(const array* destination, const char* name, caller where) const;
  /// Throws stale_expression for the first leaf that was written since it was built into its recipe.
  void check_fresh(const char* name, caller where) const;

 private:
  int number(const node& n);
  int find_or_insert(const vertex& v);

  static constexpr int few = 32;  // vertices compared one by one
  inline_vector<vertex, 16> vertices_;
  inline_vector<const leaf_node*, 8> leaves_;  // all, duplicates too, in the order they were met
  small_map<const node*, int, 32> numbers_;
  std::unordered_multimap<std::size_t, int> by_hash_;  // from the first vertex after the few on
};

}  // namespace tessera::detail
