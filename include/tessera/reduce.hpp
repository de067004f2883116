// Reductions: recipes that fold axes. (x), (x, axes), (x, axes, options), (x, options); all axes by default, {} all, an
// empty std::vector none. Sums are pairwise over every axis and layout: same bits at any number of threads.
#pragma once
#include "array.hpp"

namespace tessera {
namespace detail {
// Options given as {…} are told from axes by their first member: a flag is made of a bool, never of the 0 in {0} or {0, 1};
// where the first option is a number it stands behind a member that is made of nothing.
struct flag {
  constexpr flag() = default;
  template <std::same_as<bool> T> constexpr flag(T v) : value(v) {}
  constexpr operator bool() const { return value; }
  bool value = false;
};
struct by_name {
  explicit by_name() = default;
};
}  // namespace detail

/// sum, prod, mean: keepdims leaves folded axes with extent 1; dtype is the accumulator's and the result's; only elements
/// where `where` is true count; `initial` is the starting value.
struct reduce_options {
  detail::flag keepdims = false;
  tessera::dtype dtype = {};
  std::vector<expr> initial = {};  // none or one
  std::vector<expr> where = {};    // none or one
};
/// max, min, ptp …: an empty fold without `initial` is a value_error, `where` needs `initial`.
struct minmax_options {
  detail::flag keepdims = false;
  std::vector<expr> initial = {};
  std::vector<expr> where = {};
};
struct any_options {
  detail::flag keepdims = false;
  std::vector<expr> where = {};
};
struct var_options {
  detail::by_name only = detail::by_name();
  double ddof = 0;  // divides by n - ddof
  detail::flag keepdims = false;
  tessera::dtype dtype = {};
  std::vector<expr> where = {};
};
struct keepdims_options {
  detail::flag keepdims = false;
};
struct norm_options {
  detail::by_name only = detail::by_name();
  double ord = 2;  // 0 counts, ±infinity largest and smallest magnitude, else sum(|x|**ord)**(1/ord)
  detail::flag keepdims = false;
};
struct average_options {
  std::vector<expr> weights = {};  // none or one, x's shape or that of the axis
  detail::flag keepdims = false;
};
}  // namespace tessera

// (x, axes) is a template so that it loses to the options: g++ 12 ignores the name in {.ddof = 1} and would take it for
// axis 1. With {} the options win too, which is the same: every axis.
#define TESSERA_REDUCTION(name, options_type)                                                          \
  TESSERA_API expr name(const operand& x, const axes& over, const options_type& options);              \
  inline expr name(const operand& x, const options_type& options) { return name(x, axes(), options); } \
  template <int = 0> expr name(const operand& x, const axes& over = {}) { return name(x, over, options_type()); }

namespace tessera {

template <scalar A, scalar B> void max(A, B) = delete;  // numbers: std::max
template <scalar A, scalar B> void min(A, B) = delete;  // numbers: std::min

TESSERA_REDUCTION(sum, reduce_options)  // integers and bool in int64 or uint64
TESSERA_REDUCTION(prod, reduce_options)
TESSERA_REDUCTION(mean, reduce_options)  // floating; float16 accumulates in float32
TESSERA_REDUCTION(var, var_options)      // two passes
TESSERA_REDUCTION(stddev, var_options)
TESSERA_REDUCTION(max, minmax_options)  // NaN wins
TESSERA_REDUCTION(min, minmax_options)
TESSERA_REDUCTION(ptp, keepdims_options)     // max - min
TESSERA_REDUCTION(argmax, keepdims_options)  // one axis or all; the first of equals; NaN wins; int64
TESSERA_REDUCTION(argmin, keepdims_options)
TESSERA_REDUCTION(any, any_options)                 // bool
TESSERA_REDUCTION(count_nonzero, keepdims_options)  // int64
TESSERA_REDUCTION(median, keepdims_options)
TESSERA_REDUCTION(norm, norm_options)
TESSERA_REDUCTION(logsumexp, keepdims_options)
TESSERA_REDUCTION(average, average_options)
TESSERA_REDUCTION(nansum, reduce_options)  // nan…: as if NaN were not there
TESSERA_REDUCTION(nanprod, reduce_options)
TESSERA_REDUCTION(nanmean, reduce_options)
TESSERA_REDUCTION(nanvar, var_options)
TESSERA_REDUCTION(nanstddev, var_options)
TESSERA_REDUCTION(nanmax, minmax_options)
TESSERA_REDUCTION(nanmin, minmax_options)
TESSERA_REDUCTION(nanargmax, keepdims_options)  // all NaN: value_error
TESSERA_REDUCTION(nanargmin, keepdims_options)
TESSERA_REDUCTION(nanmedian, keepdims_options)

#undef TESSERA_REDUCTION

template <int> expr all_t::operator()(const operand& x, const axes& over) const {
  return (*this)(x, over, any_options());
}

}  // namespace tessera
