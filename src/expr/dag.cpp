// Recipe nodes to distinct vertices: a walk with its own stack, and a table of what was met before.
#include "expr/dag.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>

#include "core/default_device.hpp"
#include "expr/build.hpp"
#include "ops/operands.hpp"

namespace tessera::detail {

namespace {

std::size_t mix(std::size_t seed, std::size_t value) noexcept {
  return (seed ^ value) * 0x9e3779b97f4a7c15u + (seed >> 29);
}

std::size_t mix(std::size_t seed, const shape& tuple) noexcept {
  for (std::int64_t entry : tuple) seed = mix(seed, static_cast<std::size_t>(entry));
  return mix(seed, static_cast<std::size_t>(tuple.size()));
}

std::size_t hash_of(const vertex& v) noexcept {
  std::size_t h = mix(static_cast<std::size_t>(v.kind()), static_cast<std::size_t>(v.type().code()));
  for (int i = 0; i < v.input_count; ++i) h = mix(h, static_cast<std::size_t>(v.inputs[i]));
  switch (v.kind()) {
    case node_kind::leaf: return mix(mix(h, reinterpret_cast<std::size_t>(access::data(v.leaf().value))), v.extents());
    case node_kind::constant: {
      std::size_t bits;
      std::memcpy(&bits, &v.constant().value.real, sizeof bits);
      return mix(mix(h, static_cast<std::size_t>(v.constant().value.integer)), bits);
    }
    case node_kind::elementwise: return mix(h, static_cast<std::size_t>(v.elementwise().code));
    case node_kind::reduction: return mix(mix(h, static_cast<std::size_t>(v.reduction().by)), v.extents());
    default: return mix(h, v.extents());
  }
}

bool same_bits(double a, double b) noexcept { return std::memcmp(&a, &b, sizeof a) == 0; }

bool same_number(const scalar_value& a, const scalar_value& b) noexcept {
  return a.type == b.type && a.wide == b.wide && a.integer == b.integer && same_bits(a.real, b.real) &&
         same_bits(a.imag, b.imag);
}

bool same(const vertex& a, const vertex& b) noexcept {
  if (a.hash != b.hash || a.kind() != b.kind() || !(a.type() == b.type()) || a.input_count != b.input_count)
    return false;
  for (int i = 0; i < a.input_count; ++i) {
    if (a.inputs[i] != b.inputs[i]) return false;
  }
  switch (a.kind()) {
    case node_kind::leaf:
      return access::data(a.leaf().value) == access::data(b.leaf().value) && a.extents() == b.extents() &&
             a.leaf().value.strides() == b.leaf().value.strides();
    case node_kind::constant: return same_number(a.constant().value, b.constant().value);
    case node_kind::elementwise:
      return a.elementwise().code == b.elementwise().code && a.elementwise().loop == b.elementwise().loop;
    case node_kind::reduction:
      return a.reduction().by == b.reduction().by && a.reduction().over == b.reduction().over &&
             a.extents() == b.extents();
    case node_kind::view:
      return a.view().offset == b.view().offset && a.extents() == b.extents() && a.view().strides == b.view().strides;
    case node_kind::selection: return false;
  }
  return false;
}

/// The operands of a node, in order.
struct input_list {
  const node_ref* first = nullptr;
  int count = 0;
};

input_list inputs_of(const node& n) noexcept {
  switch (n.kind) {
    case node_kind::elementwise: {
      const node_list& list = static_cast<const elementwise_node&>(n).inputs;
      return {list.begin(), list.size()};
    }
    case node_kind::reduction: return {&static_cast<const reduction_node&>(n).input, 1};
    case node_kind::view: return {&static_cast<const view_node&>(n).input, 1};
    default: return {};
  }
}

bool is_identity(const node& n) noexcept {
  return n.kind == node_kind::elementwise && static_cast<const elementwise_node&>(n).code == op::positive;
}

}  // namespace

int dag::add(const node& root) {
  struct visit {
    const node* n;
    int next_input;
  };
  inline_vector<visit, 16> path{{&root, 0}};
  while (!path.empty()) {
    visit& here = path.back();
    const input_list inputs = inputs_of(*here.n);
    if (numbers_.contains(here.n)) {
      path.pop_back();
    } else if (here.next_input < inputs.count) {
      path.push_back({inputs.first[here.next_input++].get(), 0});
    } else {
      numbers_.set(here.n, number(*here.n));
      path.pop_back();
    }
  }
  return numbers_.at(&root);
}

int dag::number(const node& n) {
  const input_list inputs = inputs_of(n);
  if (is_identity(n)) return numbers_.at(inputs.first[0].get());
  vertex v{&n};
  for (int i = 0; i < inputs.count; ++i) v.inputs[v.input_count++] = numbers_.at(inputs.first[i].get());
  v.hash = hash_of(v);
  if (n.kind == node_kind::leaf) leaves_.push_back(&v.leaf());
  return find_or_insert(v);
}

int dag::find_or_insert(const vertex& v) {
  for (int known = 0; known < std::min(size(), few); ++known) {
    if (same(vertices_[known], v)) return known;
  }
  const auto [first, last] = by_hash_.equal_range(v.hash);
  for (auto it = first; it != last; ++it) {
    if (same(vertices_[it->second], v)) return it->second;
  }
  const int place = size();
  if (place >= few) by_hash_.emplace(v.hash, place);
  vertices_.push_back(v);
  return place;
}

tessera::device dag::device(const array* destination, const char* name, caller where) const {
  std::optional<tessera::device> first;
  if (destination != nullptr) first = destination->device();
  for (const leaf_node* leaf : leaves_) {
    const tessera::device on = leaf->value.device();
    if (first == on || (leaf->extents.empty() && on == cpu())) continue;
    if (first) throw_devices(*first, on, name, where);
    first = on;
  }
  if (first) return *first;
  return leaves_.empty() ? device_for_new_arrays(where) : cpu();
}

void dag::check_fresh(const char* name, caller where) const {
  for (std::size_t i = 0; i < leaves_.size(); ++i) leaves_[i]->check_fresh(name, static_cast<int>(i), where);
}

}  // namespace tessera::detail
