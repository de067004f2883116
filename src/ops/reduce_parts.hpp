// What the reductions share: accumulator dtypes, masks, counts, folded axes.
#pragma once
#include <optional>

#include "expr/build.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/reduce.hpp"

namespace tessera::detail {

/// One reduction while it is built: its name, where it was called, which axes it folds and whether it keeps them.
struct folding {
  const char* name;
  caller where;
  axes over;
  bool keepdims = false;

  folding(const char* n, const operand& x, const axes& o, bool keep);

  expr operator()(fold by, expr x) const { return reduction(by, std::move(x), over, keepdims, name, where); }
  /// An operand of elementwise functions with this reduction's line.
  operand operator()(expr x) const { return operand(std::move(x), where); }
  folding keeping_axes() const {
    folding kept = *this;
    kept.keepdims = true;
    return kept;
  }
  /// Elements folded into one of the result.
  std::int64_t count(const shape& extents) const;
};

bool is_inexact(dtype type) noexcept;  // not: integers and bool
bool is_integer(dtype type) noexcept;  // not: bool

/// The dtype that sums and products accumulate in: as asked, else NumPy's.
dtype accumulator(dtype type, dtype asked) noexcept;
/// … and means: float64 for integers and bool.
dtype mean_accumulator(dtype type, dtype asked) noexcept;

/// The mask of an options struct, checked: bool, broadcasts to x. Null when there is none.
const expr* mask_of(const std::vector<expr>& where, const expr& x, const folding& f);
/// x where the mask is true, else `number` in x's dtype.
expr masked(expr x, const expr* mask, scalar_value number, const folding& f);
/// `number` as a strong constant of `type`; beside times a C++ number.
operand constant_of(scalar_value number, dtype type, caller where);
/// The one initial value of an options struct in `type`, if there is one.
std::optional<operand> initial_of(const std::vector<expr>& initial, dtype type, const folding& f);

/// How many elements count in each fold: a number, or an int64 recipe where a mask decides.
operand count_of(const expr& x, const expr* mask, const folding& f);

/// sum(x) where the mask is true, accumulated in `type`.
expr sum_of(const expr& x, dtype type, const expr* mask, const folding& f);
/// total / count in total's own dtype.
expr divide_by_count(const expr& total, const operand& count, const folding& f);

/// NaN replaced by `number`; x itself when its dtype has no NaN.
expr without_nan(const expr& x, scalar_value number, const folding& f);
/// true where an element is no NaN.
expr not_nan(const expr& x, const folding& f);

}  // namespace tessera::detail
