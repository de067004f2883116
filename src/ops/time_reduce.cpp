// Folds of times: folds of their int64 steps, with NaT moved to the end where it wins.
#include "expr/other_types.hpp"
#include "ops/time_steps.hpp"

namespace tessera::detail {
namespace {

struct time_fold {
  const axes& over;
  bool keepdims;
  const char* name;
  caller where;

  steps operator()(fold by, const steps& x) const {
    return {reduction(by, x.recipe(), over, keepdims, name, where), where};
  }
};

}  // namespace

std::optional<expr> time_reduction(fold by, const array& x, const axes& over, bool keepdims, const char* name,
                                   caller where) {
  const time_fold folded{over, keepdims, name, where};
  const steps own = steps_of(x, where);
  switch (by) {
    case fold::min:
    case fold::fmax: return time_expr(folded(by == fold::min ? fold::min : fold::max, own), x.dtype());
    case fold::max:
    case fold::fmin: return time_expr(folded(by == fold::max ? fold::max : fold::min, own - 1) + 1, x.dtype());
    case fold::argmin: return folded(by, own).recipe();
    case fold::argmax: return folded(by, own - 1).recipe();
    case fold::any:
    case fold::all: return folded(by, own).recipe();
    case fold::sum:
      if (!is_timedelta(x.dtype())) return std::nullopt;
      return time_expr(folded(fold::sum, own).nat_where(folded(fold::any, own.is_nat())), x.dtype());
    default: return std::nullopt;
  }
}

}  // namespace tessera::detail
