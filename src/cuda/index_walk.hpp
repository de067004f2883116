// An index_plan as kernels walk it: operands source, values, positions…; picked axes (those that an index array moves along)
// outermost where points are numbered by them, the others inside.
#pragma once
#include <string>

#include "cuda/source.hpp"
#include "ops/index_plan.hpp"

namespace tessera::detail::cuda {

/// What a launch gets besides the walk; see device/index.cuh.
struct index_share {
  std::int64_t units, kept = 1;
  void* table = nullptr;
  int bits = 0;
  std::uint32_t* numbers = nullptr;
  std::int64_t points = 0;
  std::int64_t moved = 0;  // bytes by which this part of the other axes begins later than the points that are numbered
  bool in_turn = false;    // one thread for all units
};

class index_walk {
 public:
  enum class elements : std::uint8_t { as_bytes, as_they_are };

  /// `numbers_picked`: picked axes come first, the others count as folded. Elements that are moved as bytes and lie together
  /// on both sides are taken as one of up to 16 bytes.
  index_walk(const index_plan& plan, bool numbers_picked, elements kind);

  const geometry& space() const { return g_; }
  std::int64_t picked(const shape& extents) const { return units_of(g_, extents, false); }
  std::int64_t inside(const shape& extents) const { return units_of(g_, extents, true); }
  std::int64_t picked() const { return picked(g_.extents); }
  std::int64_t inside() const { return inside(g_.extents); }
  int itemsize() const { return itemsize_of(g_.operands[0].type); }
  int source_align() const { return g_.operands[0].align; }

  /// Cuts a slab of picked axes along the others, so that a launch has fewer than `most` units.
  void for_each_part(const slab& picked, std::int64_t most, const std::function<void(const slab&)>& run) const;

  void run(context& on, const kernel& k, const slab& part, const index_share& share, bool second = false) const;
  void append_key(std::string& key) const;
  /// The parameters and `struct program`, with these members too.
  std::string program(const std::string& members) const;
  std::string entry(const std::string& name, const std::string& call) const;

 private:
  parameters params(const slab& part, const index_share& share) const;
  void align_source();
  void widen();

  const index_plan& plan_;
  stage s_;
  geometry g_;
  bool indirect_ = false;
};

void use_operands(context& on, const index_plan& plan, bool writes_source);

}  // namespace tessera::detail::cuda
