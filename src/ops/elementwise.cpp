// Elementwise functions: op_table's operations by name, and those composed of them.
#include "tessera/elementwise.hpp"

#include <cmath>

#include "expr/build.hpp"
#include "expr/evaluate.hpp"
#include "ops/reduce_parts.hpp"
#include "tessera/reduce.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;

#define TESSERA_UNARY(name) \
  expr name(const operand& x) { return elementwise(op::name, {&x}); }
#define TESSERA_BINARY(name) \
  expr name(const operand& x1, const operand& x2) { return elementwise(op::name, {&x1, &x2}); }

TESSERA_BINARY(add)
TESSERA_BINARY(subtract)
TESSERA_BINARY(multiply)
TESSERA_BINARY(divide)
TESSERA_BINARY(floor_divide)
TESSERA_BINARY(remainder)
TESSERA_BINARY(fmod)
TESSERA_BINARY(pow)
TESSERA_UNARY(negative)
TESSERA_UNARY(positive)
TESSERA_UNARY(abs)
TESSERA_UNARY(fabs)
TESSERA_UNARY(sign)
TESSERA_UNARY(reciprocal)
TESSERA_UNARY(square)
TESSERA_UNARY(sqrt)
TESSERA_UNARY(cbrt)
TESSERA_BINARY(heaviside)
TESSERA_BINARY(gcd)
TESSERA_BINARY(lcm)
TESSERA_BINARY(maximum)
TESSERA_BINARY(minimum)
TESSERA_BINARY(fmax)
TESSERA_BINARY(fmin)
TESSERA_UNARY(exp)
TESSERA_UNARY(exp2)
TESSERA_UNARY(expm1)
TESSERA_UNARY(log)
TESSERA_UNARY(log2)
TESSERA_UNARY(log10)
TESSERA_UNARY(log1p)
TESSERA_BINARY(logaddexp)
TESSERA_BINARY(logaddexp2)
TESSERA_UNARY(sin)
TESSERA_UNARY(cos)
TESSERA_UNARY(tan)
TESSERA_UNARY(asin)
TESSERA_UNARY(acos)
TESSERA_UNARY(atan)
TESSERA_BINARY(atan2)
TESSERA_UNARY(sinh)
TESSERA_UNARY(cosh)
TESSERA_UNARY(tanh)
TESSERA_UNARY(asinh)
TESSERA_UNARY(acosh)
TESSERA_UNARY(atanh)
TESSERA_BINARY(hypot)
TESSERA_UNARY(deg2rad)
TESSERA_UNARY(rad2deg)
TESSERA_UNARY(rint)
TESSERA_UNARY(floor)
TESSERA_UNARY(ceil)
TESSERA_UNARY(trunc)
TESSERA_BINARY(copysign)
TESSERA_BINARY(nextafter)
TESSERA_UNARY(spacing)
TESSERA_BINARY(ldexp)
TESSERA_UNARY(isnan)
TESSERA_UNARY(isinf)
TESSERA_UNARY(isfinite)
TESSERA_UNARY(signbit)
TESSERA_BINARY(equal)
TESSERA_BINARY(not_equal)
TESSERA_BINARY(less)
TESSERA_BINARY(less_equal)
TESSERA_BINARY(greater)
TESSERA_BINARY(greater_equal)
TESSERA_BINARY(logical_and)
TESSERA_BINARY(logical_or)
TESSERA_BINARY(logical_xor)
TESSERA_UNARY(logical_not)
TESSERA_BINARY(bitwise_and)
TESSERA_BINARY(bitwise_or)
TESSERA_BINARY(bitwise_xor)
TESSERA_UNARY(bitwise_invert)
TESSERA_BINARY(bitwise_left_shift)
TESSERA_BINARY(bitwise_right_shift)
TESSERA_UNARY(bitwise_count)
TESSERA_UNARY(conj)

#undef TESSERA_UNARY
#undef TESSERA_BINARY

expr where(const operand& condition, const operand& yes, const operand& no) {
  return elementwise(op::where, {&condition, &yes, &no});
}

expr astype(const operand& x, const dtype& type) { return x->astype(type, x.where()); }

/// atan2(0, x) for a real x: the number 0 beside bool makes int64 of it, as in NumPy.
expr angle(const operand& x) {
  const operand wide(x->dtype() == bool_ ? x->astype(int64, x.where()) : x.recipe(), x.where());
  return elementwise(op::angle, {&wide});
}

// ---- several results

divmod_result divmod(const operand& x1, const operand& x2) { return {floor_divide(x1, x2), remainder(x1, x2)}; }

frexp_result frexp(const operand& x) {
  return {elementwise(op::frexp_mantissa, {&x}), elementwise(op::frexp_exponent, {&x})};
}

modf_result modf(const operand& x) {
  return {elementwise(op::modf_fractional, {&x}), elementwise(op::modf_integral, {&x})};
}

// ---- compositions

expr float_power(const operand& x1, const operand& x2) {
  const bool is_complex = x1->dtype().kind() == 'c' || x2->dtype().kind() == 'c';
  const dtype type = is_complex ? complex128 : float64;
  const caller where = x1.where();
  const operand base(x1->astype(type, where), where), exponent(x2->astype(type, where), where);
  return pow(base, exponent);
}

namespace {

/// Whether a C++ integer leaves every value of `type` on one side, so that clipping to it does nothing.
bool is_no_bound(const expr& bound, dtype type, bool low) {
  if (weak_kind_of(bound) != weak_kind::integer || !is_integer(type)) return false;
  const scalar_value& v = access::scalar_of(bound);
  const bool is_unsigned = type.kind() == 'u';
  const int bits = 8 * type.itemsize();
  if (low) {
    const std::int64_t smallest = is_unsigned ? 0 : std::numeric_limits<std::int64_t>::min() >> (64 - bits);
    return !v.wide && v.integer <= smallest;
  }
  const std::uint64_t largest = std::numeric_limits<std::uint64_t>::max() >> (64 - bits + (is_unsigned ? 0 : 1));
  return v.wide || v.integer >= 0 ? static_cast<std::uint64_t>(v.integer) >= largest : false;
}

}  // namespace

expr clip(const operand& x, const operand& low, const operand& high) {
  const dtype type = x->dtype();
  const bool no_low = is_no_bound(low.recipe(), type, true), no_high = is_no_bound(high.recipe(), type, false);
  if (no_low && no_high) return positive(x);
  if (no_low) return minimum(x, high);
  if (no_high) return maximum(x, low);
  return elementwise(op::clip, {&x, &low, &high});
}

namespace {

/// A function of real parts applied to both parts of a complex recipe, which is computed here.
template <class F> expr on_parts(const operand& x, F f) {
  const caller line = x.where();
  array parts = evaluate(x.recipe(), line);
  for (const array& part : {real(parts, line), imag(parts, line)}) {
    evaluate_into(part, f(operand(part, line)), assign_rule::unsafe, "round", line);
  }
  return operand(parts, line).recipe();
}

/// round of a floating or integer x: scale, round, scale back, as NumPy.
expr round_scaled(const operand& x, int decimals) {
  const caller line = x.where();
  const operand scale(std::pow(10.0, std::abs(decimals)), line);
  const operand scaled(decimals >= 0 ? multiply(x, scale) : divide(x, scale), line);
  const operand rounded(rint(scaled), line);
  return decimals >= 0 ? divide(rounded, scale) : multiply(rounded, scale);
}

}  // namespace

expr round(const operand& x, int decimals) {
  const dtype type = x->dtype();
  if (is_integer(type) && decimals >= 0) return positive(x);
  if (decimals == 0) return rint(x);
  if (type == bool_) throw dtype_error("round: not supported for dtype bool with decimals", x.where());
  if (type.kind() == 'c') return on_parts(x, [decimals](const operand& part) { return round_scaled(part, decimals); });
  const expr rounded = round_scaled(x, decimals);
  return is_integer(type) ? rounded.astype(type, x.where()) : rounded;
}

namespace {

double largest_of(dtype type) {
  switch (type.code()) {
    case dtype_code::float16: return 65504.0;
    case dtype_code::bfloat16: return 0x1.fep127;
    case dtype_code::float32: return std::numeric_limits<float>::max();
    default: return std::numeric_limits<double>::max();
  }
}

expr replace_not_finite(const operand& x, const nan_to_num_options& options) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const caller line = x.where();
  const double largest = largest_of(x->dtype());
  // Numbers as constants of x's dtype: a weak floating number beside bfloat16 would make float32 of it.
  const auto number = [&x, line](double value) { return operand(to_expr(to_node(value, line, x->dtype())), line); };
  const operand above = number(options.replace_infinities ? options.posinf : largest);
  const operand below = number(options.replace_infinities ? options.neginf : -largest);
  const operand without_low(where(operand(equal(x, number(-infinity)), line), below, x), line);
  const operand without_high(where(operand(equal(x, number(infinity)), line), above, without_low), line);
  return where(operand(isnan(x), line), number(options.nan), without_high);
}

}  // namespace

expr nan_to_num(const operand& x, const nan_to_num_options& options) {
  switch (x->dtype().kind()) {
    case 'f': return replace_not_finite(x, options);
    case 'c': return on_parts(x, [&options](const operand& part) { return replace_not_finite(part, options); });
    default: return x.recipe();
  }
}

expr isclose(const operand& a, const operand& b, const isclose_options& options) {
  const caller line = a.where();
  const dtype floating = promote({{b->dtype(), weak_kind_of(b.recipe())}, {float64, weak_kind::floating}});
  const operand y(b->astype(floating, line), line);
  const operand distance(abs(operand(subtract(a, y), line)), line);
  const operand scaled(multiply(operand(options.rtol, line), operand(abs(y), line)), line);
  const operand allowed(add(operand(options.atol, line), scaled), line);
  const operand near(less_equal(distance, allowed), line), finite(isfinite(y), line);
  const operand close(bitwise_and(near, finite), line), same(equal(a, y), line);
  const expr result = bitwise_or(close, same);
  if (!options.equal_nan) return result;
  const operand both_nan(bitwise_and(operand(isnan(a), line), operand(isnan(y), line)), line);
  return bitwise_or(operand(result, line), both_nan);
}

bool allclose(const operand& a, const operand& b, const isclose_options& options) {
  return all(operand(isclose(a, b, options), a.where())).item<bool>(a.where());
}

bool array_equal(const operand& a, const operand& b, bool equal_nan) {
  const caller line = a.where();
  if (!(a->shape() == b->shape())) return false;
  expr same = equal(a, b);
  if (equal_nan) {
    const operand both_nan(bitwise_and(operand(isnan(a), line), operand(isnan(b), line)), line);
    same = bitwise_or(operand(same, line), both_nan);
  }
  return all(operand(same, line)).item<bool>(line);
}

void apply(array destination, const operand& x, const apply_options& options) {
  evaluate_into(destination, x.recipe(), assign_rule::same_kind, "apply", x.where(), &options.where);
}

}  // namespace tessera
