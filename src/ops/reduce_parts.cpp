// Pieces that the reductions are composed of.
#include "ops/reduce_parts.hpp"

#include "core/dtype_parts.hpp"
#include "core/layout.hpp"
#include "tessera/views.hpp"

namespace tessera::detail {

namespace {

/// NumPy lets axis 0 and -1 slip through for an array without axes.
axes without_axes_of_scalar(const axes& over, int ndim) {
  if (ndim != 0 || over.every() || over.list().size() != 1) return over;
  const std::int64_t axis = over.list()[0];
  return axis == 0 || axis == -1 ? axes(std::vector<int>()) : over;
}

}  // namespace

folding::folding(const char* n, const operand& x, const axes& o, bool keep)
    : name(n), where(x.where()), over(without_axes_of_scalar(o, x->ndim())), keepdims(keep) {}

std::int64_t folding::count(const shape& extents) const {
  std::int64_t product = 1;
  for (int axis : normalize_axes(over, extents.size(), name, where)) product *= extents[axis];
  return product;
}

bool is_inexact(dtype type) noexcept { return type.kind() == 'f' || type.kind() == 'c'; }
bool is_integer(dtype type) noexcept { return type.kind() == 'i' || type.kind() == 'u'; }

dtype accumulator(dtype type, dtype asked) noexcept {
  if (asked.is_set()) return asked;
  switch (type.kind()) {
    case 'b':
    case 'i': return int64;
    case 'u': return uint64;
    default: return type;
  }
}

dtype mean_accumulator(dtype type, dtype asked) noexcept {
  if (asked.is_set()) return asked;
  return is_inexact(type) || is_time(type) ? type : float64;
}

const expr* mask_of(const std::vector<expr>& where, const expr& x, const folding& f) {
  if (where.empty()) return nullptr;
  const expr& mask = where.front();
  if (!(mask.dtype() == bool_)) {
    throw dtype_error(std::string(f.name) + ": where has dtype " + mask.dtype().name() + "; expected bool", f.where);
  }
  const shape extents = x.shape(), mask_extents = mask.shape();
  if (!(broadcast(extents, mask_extents, f.name, f.where) == extents)) {
    throw shape_error(std::string(f.name) + ": where of shape " + to_string(mask_extents) + " does not broadcast to " +
                          to_string(extents),
                      f.where);
  }
  return &mask;
}

operand constant_of(scalar_value number, dtype type, caller where) {
  if (is_time(type)) return operand(access::from_scalar(number), where);  // recipes have no constants of times
  return operand(to_expr(node_ref(new constant_node(number, type, where))), where);
}

expr masked(expr x, const expr* mask, scalar_value number, const folding& f) {
  if (mask == nullptr) return x;
  return tessera::where(f(*mask), f(x), constant_of(number, x.dtype(), f.where));
}

std::optional<operand> initial_of(const std::vector<expr>& initial, dtype type, const folding& f) {
  if (initial.empty()) return std::nullopt;
  const expr& first = initial.front();
  if (first.size() != 1 || first.ndim() != 0) {
    throw value_error(std::string(f.name) + ": initial has shape " + to_string(first.shape()) + "; expected one number",
                      f.where);
  }
  if (const node* n = access::node_of(first); n != nullptr) {
    const bool date = n->kind == node_kind::text && is_time(type);  // a text goes to where x is
    return date ? f(first) : f(first.astype(type, f.where));
  }
  make_constant(access::scalar_of(first), type, f.name, f.where);
  return constant_of(access::scalar_of(first), type, f.where);
}

operand count_of(const expr& x, const expr* mask, const folding& f) {
  if (mask == nullptr) return constant_of(f.count(x.shape()), int64, f.where);
  const operand zeros = constant_of(0, int64, f.where), ones = constant_of(1, int64, f.where);
  const expr counted = tessera::where(f(*mask), ones, zeros);  // the mask's shape
  return f(f(fold::sum, broadcast_to(counted, x.shape(), f.where)));
}

expr sum_of(const expr& x, dtype type, const expr* mask, const folding& f) {
  const expr values = masked(x.astype(type, f.where), mask, 0, f);
  return f(type == bool_ ? fold::any : fold::sum, values);  // adding bools is or
}

expr divide_by_count(const expr& total, const operand& count, const folding& f) {
  return divide(f(total), count).astype(total.dtype(), f.where);
}

expr without_nan(const expr& x, scalar_value number, const folding& f) {
  if (!is_inexact(x.dtype())) return x;
  return tessera::where(f(isnan(f(x))), constant_of(number, x.dtype(), f.where), f(x));
}

expr not_nan(const expr& x, const folding& f) { return logical_not(f(isnan(f(x)))); }

}  // namespace tessera::detail
