// gradient: central differences inside, one-sided ones at the ends.
//
//     uniform     (f[i+1] - f[i-1]) / (2 h)
//     otherwise   a f[i-1] + b f[i] + c f[i+1],   h and k the distances to both neighbours:
//                 a = -k / (h (h + k))   b = (k - h) / (h k)   c = h / (k (h + k))
//
// As in NumPy coordinates that are evenly spaced take the first formula. Which one it is, is decided where they lie:
// both stand in one recipe, so that nothing is read to the host.
#include "core/layout.hpp"
#include "expr/build.hpp"
#include "expr/evaluate.hpp"
#include "ops/numbers_only.hpp"
#include "ops/operands.hpp"
#include "ops/reduce_parts.hpp"
#include "tessera/creation.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/numerical.hpp"
#include "tessera/scan.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;

namespace {

/// One axis of f with its spacing, and the caller's line for every operation.
class axis_gradient {
 public:
  axis_gradient(const array& f, int axis, const expr& spacing, caller where)
      : f_(f), axis_(axis), where_(where), spacing_(spacing) {
    if (spacing.ndim() == 0) return;
    const array at = materialize(spacing, where);
    check_numbers({at.dtype()}, "gradient", where);
    const array floating = is_inexact(at.dtype()) ? at : at.astype(float64);
    steps_ = array(diff({floating, where}), where);
    is_even_ = array(all({equal({steps_, where}, {steps_[0], where}), where}), where);
    spacing_ = steps_[0];
    has_steps_ = true;
  }

  /// Weak where NumPy's is: a C++ number.
  expr times(double factor, bool divided) const {
    if (weak_kind_of(spacing_) != weak_kind::none) {
      const double h = spacing_.item<double>(where_);
      return divided ? factor / h : factor * h;
    }
    return divided ? factor / spacing_ : factor * spacing_;
  }

  expr inside() const {
    const expr even = (f(2, none) - f(none, -2)) / times(2.0, false);
    if (!has_steps_) return even;
    const expr h = step(none, -1), k = step(1, none);
    const expr a = -k / (h * (h + k)), b = (k - h) / (h * k), c = h / (k * (h + k));
    return chosen(even, sum(a, f(none, -2), b, f(1, -1), c, f(2, none)));
  }

  expr first(int order) const {
    const auto at = [&](std::int64_t i) { return f(i, i + 1); };
    if (order == 1) return (at(1) - at(0)) / spacing_;
    const expr even = sum(times(-1.5, true), at(0), times(2.0, true), at(1), times(-0.5, true), at(2));
    if (!has_steps_) return even;
    const expr h = step(0, 1), k = step(1, 2);
    return chosen(even,
                  sum(-(2.0 * h + k) / (h * (h + k)), at(0), (h + k) / (h * k), at(1), -h / (k * (h + k)), at(2)));
  }

  expr last(int order) const {
    const std::int64_t n = f_.shape()[axis_];
    const auto at = [&](std::int64_t i) { return f(n - i, n - i + 1); };  // from the end
    if (order == 1) return (at(1) - at(2)) / (has_steps_ ? step(n - 2, n - 1) : spacing_);
    const expr even = sum(times(0.5, true), at(3), times(-2.0, true), at(2), times(1.5, true), at(1));
    if (!has_steps_) return even;
    const expr h = step(n - 3, n - 2), k = step(n - 2, n - 1);
    return chosen(even, sum(k / (h * (h + k)), at(3), -(k + h) / (h * k), at(2), (2.0 * k + h) / (k * (h + k)), at(1)));
  }

 private:
  expr f(bound begin, bound end) const { return slice_along(f_, axis_, slice(begin, end), where_); }
  /// Distances, along the axis.
  expr step(bound begin, bound end) const {
    const array part = slice_along(steps_, 0, slice(begin, end), where_);
    shape extents = shape::filled(f_.ndim(), 1);
    extents[axis_] = part.size();
    return reshape(part, extents, order::C, where_);
  }
  expr chosen(const expr& even, const expr& otherwise) const {
    return where({is_even_, where_}, {even, where_}, {otherwise, where_});
  }
  static expr sum(const expr& a, const expr& x, const expr& b, const expr& y, const expr& c, const expr& z) {
    return a * x + b * y + c * z;
  }

  array f_;
  int axis_;
  caller where_;
  expr spacing_;  // a number: the first distance where there are coordinates
  array steps_, is_even_;
  bool has_steps_ = false;
};

void check_spacing(const expr& spacing, std::int64_t extent, int axis, caller where) {
  if (spacing.ndim() == 0) return;
  if (spacing.ndim() > 1 || spacing.size() != extent) {
    throw shape_error("gradient: coordinates of shape " + to_string(spacing.shape()) + " for axis " +
                          std::to_string(axis) + " with extent " + std::to_string(extent),
                      where);
  }
}

std::vector<int> axes_in_order(const operand& x, const axes& over) {
  std::vector<int> result;
  const axis_list sorted = normalize_axes(over, x->ndim(), "gradient", x.where());  // none twice
  if (over.every()) return std::vector<int>(sorted.begin(), sorted.end());
  for (std::int64_t axis : over.list()) result.push_back(normalize_axis(axis, x->ndim(), "gradient", x.where()));
  return result;
}

array along(const array& f, int axis, const expr& spacing, int edge_order, caller where) {
  const axis_gradient g(f, axis, spacing, where);
  const array out = access::make_strided(f.shape(), keep_order_strides(f.shape(), f.strides(), f.itemsize()), f.dtype(),
                                         f.device(), where);
  const auto assign = [&](bound begin, bound end, const expr& values) {
    const array part = slice_along(out, axis, slice(begin, end), where);
    if (part.size() > 0) evaluate_into(part, values, assign_rule::unsafe, "gradient", where);
  };
  assign(1, -1, g.inside());
  assign(0, 1, g.first(edge_order));
  assign(-1, none, g.last(edge_order));
  return out;
}

}  // namespace

std::vector<array> gradient(const operand& x, const expr_list& spacing, const axes& over,
                            const gradient_options& options) {
  const caller where = x.where();
  if (x->dtype() == bool_) throw dtype_error("gradient: bool elements have no differences", where);
  if (options.edge_order != 1 && options.edge_order != 2) {
    throw value_error("gradient: edge_order is 1 or 2, not " + std::to_string(options.edge_order), where);
  }
  const std::vector<int> which = axes_in_order(x, over);
  std::vector<expr> steps = spacing.list();
  if (steps.empty()) steps.assign(which.size(), expr(1.0));
  if (steps.size() == 1 && steps[0].ndim() == 0) steps.assign(which.size(), expr(steps[0]));
  if (steps.size() != which.size()) {
    throw value_error(
        "gradient: " + std::to_string(steps.size()) + " spacings for " + std::to_string(which.size()) + " axes", where);
  }
  const shape extents = x->shape();
  for (std::size_t i = 0; i < which.size(); ++i) {
    const std::int64_t extent = extents[which[i]];
    check_spacing(steps[i], extent, which[i], where);
    if (extent < options.edge_order + 1) {
      throw value_error("gradient: axis " + std::to_string(which[i]) + " with extent " + std::to_string(extent) +
                            " is too short; edge_order " + std::to_string(options.edge_order) + " takes " +
                            std::to_string(options.edge_order + 1) + " elements",
                        where);
    }
  }
  const array given = materialize(x.recipe(), where);
  check_numbers({given.dtype()}, "gradient", where);
  const array f = is_inexact(given.dtype()) ? given : given.astype(float64);
  std::vector<array> result;
  for (std::size_t i = 0; i < which.size(); ++i)
    result.push_back(along(f, which[i], steps[i], options.edge_order, where));
  return result;
}

}  // namespace tessera
