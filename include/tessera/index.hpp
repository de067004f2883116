// What stands between the parentheses of a(…): integers, slices, all, newaxis, ellipsis.
#pragma once
#include "concepts.hpp"
#include "shape.hpp"

namespace tessera {

class expr;
class operand;
struct reduce_options;
struct any_options;

struct none_t {
  explicit constexpr none_t(int) {}
};
struct newaxis_t {
  explicit constexpr newaxis_t(int) {}
};
struct ellipsis_t {
  explicit constexpr ellipsis_t(int) {}
};
inline constexpr none_t none{0};
inline constexpr newaxis_t newaxis{0};
inline constexpr ellipsis_t ellipsis{0};

/// A slice's begin, end or step: an integer or none.
struct bound {
  std::int64_t value = 0;
  bool given = false;
  constexpr bound(none_t) {}
  template <integer T> constexpr bound(T v) : value(static_cast<std::int64_t>(v)), given(true) {}
};

/// begin:end:step with Python's rules, negative positions and steps included.
struct slice {
  bound begin, end, step;
  constexpr slice(bound stop) : begin(none), end(stop), step(none) {}
  constexpr slice(bound first, bound last, bound stride = none) : begin(first), end(last), step(stride) {}
};

/// `all`: as an index the whole axis; called, the reduction "are all elements true".
struct TESSERA_API all_t {
  explicit constexpr all_t(int) {}
  expr operator()(const operand& x, const axes& over, const any_options& options) const;
  expr operator()(const operand& x, const any_options& options) const;
  template <int = 0>
  expr operator()(const operand& x,
                  const axes& over = {}) const;  // a template as the other reductions': see reduce.hpp
};
inline constexpr all_t all{0};

/// One basic index. (Not called `index`: <strings.h> has a function of that name at global scope.)
class subscript {
 public:
  enum class kind : std::uint8_t { integer, slice, newaxis, ellipsis };
  template <integer T> constexpr subscript(T i) : kind_(kind::integer), slice_(i, none) {}
  constexpr subscript(tessera::slice s) : kind_(kind::slice), slice_(s) {}
  constexpr subscript(all_t) : kind_(kind::slice), slice_(none, none) {}
  constexpr subscript(newaxis_t) : kind_(kind::newaxis), slice_(none, none) {}
  constexpr subscript(ellipsis_t) : kind_(kind::ellipsis), slice_(none, none) {}

  constexpr kind which() const noexcept { return kind_; }
  constexpr std::int64_t position() const noexcept { return slice_.begin.value; }
  constexpr const tessera::slice& range() const noexcept { return slice_; }

 private:
  kind kind_;
  tessera::slice slice_;
};

template <class T> concept basic_index = std::convertible_to<const T&, subscript>;

}  // namespace tessera
