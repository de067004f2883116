// block: nested lists of arrays as one array, each copied once to where it belongs.
//
//     {{a, b}, {c}}     inner lists along the last axis, the outer one along the axis before it
#include "core/layout.hpp"
#include "expr/evaluate.hpp"
#include "ops/joining.hpp"
#include "ops/operands.hpp"
#include "tessera/creation.hpp"
#include "tessera/joining.hpp"

namespace tessera {

using namespace detail;

namespace {

/// A block_list with its arrays computed and its extents known.
struct placed_block {
  array part;                        // of a leaf
  std::vector<placed_block> blocks;  // of a list
  shape extents;
};

class block_reader {
 public:
  explicit block_reader(caller where) : where_(where) {}

  placed_block read(const block_list& list, int depth, const std::string& at) {
    placed_block result;
    if (!list.is_list()) {
      if (depth_ < 0) depth_ = depth;
      if (depth_ != depth) {
        throw value_error("block: lists are nested to different depths: the first array is at depth " +
                              std::to_string(depth_) + ", blocks" + at + " at depth " + std::to_string(depth),
                          where_);
      }
      result.part = materialize(list.part(), where_);
      ndim_ = std::max(ndim_, result.part.ndim());
      type_ = type_.is_set() ? result_type(type_, result.part.dtype()) : result.part.dtype();
      if (!on_) on_ = result.part.device();
      return result;
    }
    if (list.blocks().empty()) throw value_error("block: the list blocks" + at + " is empty", where_);
    for (std::size_t i = 0; i < list.blocks().size(); ++i)
      result.blocks.push_back(read(list.blocks()[i], depth + 1, at + "[" + std::to_string(i) + "]"));
    return result;
  }

  /// Leading axes for parts with too few, and the extents of lists.
  void measure(placed_block& b, int depth) {
    if (b.blocks.empty()) {
      while (b.part.ndim() < ndim()) b.part = b.part(newaxis);
      b.extents = b.part.shape();
      return;
    }
    std::vector<shape> parts;
    for (placed_block& inner : b.blocks) {
      measure(inner, depth + 1);
      parts.push_back(inner.extents);
    }
    b.extents = joined_extents(parts, axis_of(depth), "block", where_);
  }

  void fill(const array& to, const placed_block& b, int depth) const {
    if (b.blocks.empty()) return evaluate_into(to, b.part, assign_rule::unsafe, "block", where_);
    std::int64_t begin = 0;
    for (const placed_block& inner : b.blocks) {
      const std::int64_t end = begin + inner.extents[axis_of(depth)];
      fill(slice_along(to, axis_of(depth), slice(begin, end), where_), inner, depth + 1);
      begin = end;
    }
  }

  dtype type() const { return type_; }
  device on() const { return *on_; }

 private:
  int ndim() const { return std::max(ndim_, depth_); }
  int axis_of(int depth) const { return ndim() - depth_ + depth; }

  caller where_;
  int depth_ = -1, ndim_ = 0;  // of the arrays in the lists; the most axes of one
  dtype type_;
  std::optional<device> on_;
};

}  // namespace

array block(const block_list& blocks, caller where) {
  block_reader reader(where);
  placed_block all = reader.read(blocks, 0, "");
  reader.measure(all, 0);
  array result = empty(all.extents, {.dtype = reader.type(), .device = reader.on()}, where);
  reader.fill(result, all, 0);
  return result;
}

}  // namespace tessera
