// Finds epilogues: axes of the later stage are told from the fold's, memory is compared by ranges of bytes.
#include "cuda/epilogue.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cuda/source.hpp"

namespace tessera::detail::cuda {
namespace {

// Each result's thread runs the epilogue, and the join of split folds holds a second copy of it.
constexpr std::size_t most_instructions = 12, most_inputs = 6;

/// Axes of the fold that make up each axis of the later stage, where the products of extents agree.
class axis_map {
 public:
  axis_map(const stage& fold, const stage& next) : fold_(fold) {
    int kept = fold.extents.size() - 1;
    for (int axis = next.extents.size() - 1; axis >= 0; --axis) {
      std::int64_t rest = next.extents[axis];
      while (rest > 1) {
        while (kept >= 0 && (fold.folded[kept] || fold.extents[kept] == 1)) --kept;
        if (kept < 0 || rest % fold.extents[kept] != 0) return;
        of_.push_back({axis, kept});
        rest /= fold.extents[kept--];
      }
    }
    while (kept >= 0 && (fold.folded[kept] || fold.extents[kept] == 1)) --kept;
    fits_ = kept < 0;
  }
  bool fits() const { return fits_; }

  /// Strides over the later stage's axes as strides over the fold's.
  shape strides(const shape& from) const {
    shape result;
    for (int axis = 0; axis < fold_.extents.size(); ++axis) result.push_back(0);
    int last = -1;
    std::int64_t stride = 0;
    for (const auto& [axis, kept] : of_) {
      if (axis != last) stride = from[axis];
      result[kept] = stride;
      stride *= fold_.extents[kept];
      last = axis;
    }
    return result;
  }

 private:
  struct pair {
    int axis, kept;
  };
  const stage& fold_;
  inline_vector<pair, 8> of_;
  bool fits_ = false;
};

struct byte_range {
  const std::byte *low, *high;
  bool meets(const byte_range& other) const { return low < other.high && other.low < high; }
};
byte_range range_of(const shape& extents, const strided& x) {
  byte_range r{x.data, x.data + itemsize_of(x.type)};
  for (int axis = 0; axis < extents.size(); ++axis) {
    const std::int64_t reach = (extents[axis] - 1) * x.strides[axis];
    (reach < 0 ? r.low : r.high) += reach;
  }
  return r;
}

/// Whether both are the same elements, point by point.
bool same_elements(const stage& fold, const strided& result, const strided& input) {
  if (result.data != input.data || result.type != input.type) return false;
  for (int axis = 0; axis < fold.extents.size(); ++axis) {
    if (fold.extents[axis] > 1 && !fold.folded[axis] && result.strides[axis] != input.strides[axis]) return false;
  }
  return true;
}

}  // namespace

std::optional<epilogue> epilogue_of(const stage& fold, const stage& next) {
  if (fold.results[0].by == fold::none || next.results[0].by != fold::none) return std::nullopt;
  if (next.instructions.size() > most_instructions || next.inputs.size() > most_inputs) return std::nullopt;
  const axis_map axes(fold, next);
  if (!axes.fits()) return std::nullopt;
  epilogue found{next, {}};
  found.steps.extents = fold.extents;
  found.steps.folded = fold.folded;
  bool reads_results = false;
  for (strided& input : found.steps.inputs) {
    input.strides = axes.strides(input.strides);
    int result = -1;
    for (std::size_t i = 0; i < fold.results.size(); ++i) {
      const strided& target = fold.results[i].target;
      if (same_elements(fold, target, input)) result = static_cast<int>(i);
      else if (range_of(fold.extents, target).meets(range_of(fold.extents, input))) return std::nullopt;
    }
    found.fold_result.push_back(result);
    reads_results = reads_results || result >= 0;
  }
  if (!reads_results) return std::nullopt;
  for (result& r : found.steps.results) {
    r.target.strides = axes.strides(r.target.strides);
    const byte_range written = range_of(fold.extents, r.target);
    const auto meets = [&](const strided& x) { return written.meets(range_of(fold.extents, x)); };
    if (std::any_of(fold.inputs.begin(), fold.inputs.end(), meets)) return std::nullopt;
    for (const result& of_fold : fold.results) {
      if (meets(of_fold.target)) return std::nullopt;
    }
  }
  return found;
}

void append_operands(geometry& g, const epilogue* tail) {
  if (tail == nullptr) return;
  for (std::size_t i = 0; i < tail->steps.inputs.size(); ++i) {
    const strided& x = tail->steps.inputs[i];
    if (tail->fold_result[i] < 0) g.operands.push_back({x.data, x.type, x.strides, true});
  }
  for (const result& r : tail->steps.results)
    g.operands.push_back({r.target.data, r.target.type, r.target.strides, true});
}

void append_key(std::string& key, const epilogue* tail) {
  if (tail == nullptr) return;
  const auto byte = [&key](auto x) { key += static_cast<char>(x); };
  byte('e');
  for (const std::size_t n : {tail->fold_result.size(), tail->steps.constants.size(), tail->steps.instructions.size()})
    byte(n);
  for (const int x : tail->fold_result) byte(x);
  for (const constant& c : tail->steps.constants) byte(c.type.code());
  for (const instruction& i : tail->steps.instructions) {
    byte(i.code);
    byte(i.loop.code());
    for (const reg source : i.source) byte(source == no_reg ? 0xff : source);
  }
  for (const result& r : tail->steps.results) {
    byte(r.value);
    byte(r.mask == no_reg ? 0xff : r.mask);
  }
}

inline_vector<instruction, 8> with_instructions(const stage& fold, const epilogue* tail) {
  inline_vector<instruction, 8> all = fold.instructions;
  if (tail != nullptr) {
    for (const instruction& i : tail->steps.instructions) all.push_back(i);
  }
  return all;
}

std::string constants_text(const epilogue* tail) {
  std::string text;
  for (std::size_t i = 0; tail != nullptr && i < tail->steps.constants.size(); ++i) {
    text += fmt::format("  alignas(16) {} e{};\n", type_name(tail->steps.constants[i].type), i);
  }
  return text;
}

void add_constants(parameters& to, const epilogue* tail) {
  if (tail == nullptr) return;
  for (const constant& c : tail->steps.constants)
    to.add_bytes(c.bytes, static_cast<std::size_t>(itemsize_of(c.type)), 16);
}

}  // namespace tessera::detail::cuda
