// convolve and correlate: one operand slides along the other, which is padded by zeros; each place is a sum of products.
#include <limits>

#include "core/access.hpp"
#include "expr/evaluate.hpp"
#include "ops/numbers_only.hpp"
#include "ops/operands.hpp"
#include "ops/products.hpp"
#include "tessera/creation.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/reduce.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;

namespace {

void check(const array& x, const array& y, const char* name, caller where) {
  const std::string shapes = to_string(x.shape()) + " and " + to_string(y.shape());
  if (x.ndim() != 1 || y.ndim() != 1)
    throw shape_error(std::string(name) + ": takes two vectors, not shapes " + shapes, where);
  if (x.size() == 0 || y.size() == 0)
    throw value_error(std::string(name) + ": shapes " + shapes + ": an operand without elements", where);
}

struct padding {
  std::int64_t before = 0, after = 0;
};

padding padding_of(std::int64_t count, convolve_mode mode) {
  if (mode == convolve_mode::valid) return {};
  if (mode == convolve_mode::full) return {count - 1, count - 1};
  return {count / 2, count - 1 - count / 2};
}

array padded(const array& x, padding by, caller where) {
  if (by.before == 0 && by.after == 0) return x;
  const array result = zeros(x.size() + by.before + by.after, {.dtype = x.dtype(), .device = x.device()}, where);
  std::byte* const first = access::data(result) + by.before * x.itemsize();
  copy_elements(x, access::view(result, first, x.dtype(), x.shape(), x.itemsize()));
  return result;
}

/// x[i * down + j * across], counted from element `first`.
array table(const array& x, const shape& extents, std::int64_t down, std::int64_t across, std::int64_t first = 0) {
  const std::int64_t step = x.strides()[0];
  return access::view(x, access::data(x) + first * step, x.dtype(), extents, {down * step, across * step});
}

bool is_finite(const array& x) {
  return (x.dtype().kind() != 'f' && x.dtype().kind() != 'c') || bool(all(isfinite(x)));
}

constexpr label place = 0, within = 1, block = 2;

/// Blocks of places at once, a product of matrices: row a of the left are the elements that places [a * width, (a + 1) * width)
/// meet, column b of the right is the kernel b elements further down.
///
///     x0 x1 x2 x3 x4      k0
///     x3 x4 x5 x6 x7      k1 k0
///     …                   k2 k1 k0        width 3: a product of m + 2 elements a place, not m, but several times as fast
///                            k2 k1
///                               k2
array slide_blocks(const product_call& call, const array& x, padding by, const array& kernel, std::int64_t places) {
  constexpr std::int64_t width = 16;
  const std::int64_t blocks = (places + width - 1) / width, met = kernel.size() + width - 1;
  by.after += blocks * width - places;
  const array line = padded(x, by, call.where), column = padded(kernel, {width - 1, width - 1}, call.where);
  const array left = table(line, {blocks, met}, width, 1), right = table(column, {met, width}, 1, -1, width - 1);
  const array all_places = call({left, {block, within}}, {right, {within, place}}, {block, place}, {blocks, width});
  return reshape(all_places, {blocks * width}, order::C, call.where)(slice(0, places)).copy();
}

/// Sum over j of x[i + j] * kernel[j], both finite or whatever a product with a zero of the padding would be is left out.
array slide(const product_call& call, const array& x, const array& kernel, convolve_mode mode) {
  const std::int64_t count = kernel.size();
  const padding by = padding_of(count, mode);
  if (x.size() >
      std::numeric_limits<std::int64_t>::max() / 4)  // no memory is that large, but a repeated element may seem so
    throw value_error(std::string(call.name) + ": an operand has " + std::to_string(x.size()) + " elements",
                      call.where);
  const std::int64_t places = x.size() + by.before + by.after - count + 1;
  const bool is_exact = mode == convolve_mode::valid || is_finite(kernel);
  // Blocks multiply by zeros of their own. On a GPU they gain nothing, and asking for what is finite waits for the answer.
  constexpr double worth_blocks = 4096;
  if (is_exact && x.device() == cpu() && kernel.device() == cpu() &&
      static_cast<double>(places) * static_cast<double>(count) > worth_blocks && is_finite(x) && is_finite(kernel)) {
    return slide_blocks(call, x, by, kernel, places);
  }
  const array line = padded(x, by, call.where), laid = table(line, {places, count}, 1, 1);
  if (is_exact) return call({laid, {place, within}}, {kernel, {within}}, {place}, places);
  const array inside = padded(ones(x.size(), {.dtype = bool_, .device = x.device()}, call.where), by, call.where);
  const dtype type = result_type(x.dtype(), kernel.dtype()), working = result_type(type, float32);
  const expr products = multiply(astype(laid, working), astype(kernel, working));
  return array(sum(where(table(inside, {places, count}, 1, 1), products, 0), 1).astype(type), call.where);
}

array scaled(const array& x, const array& number, caller where) {
  check(x, atleast_1d(number), "convolve", where);
  return product_call("convolve", x, number, {}, where)({x, {place}}, {number, {}}, {place}, x.shape());
}

}  // namespace

array convolve(const operand& x, const operand& y, convolve_mode mode) {
  const caller where = x.where();
  array longer = materialize(x.recipe(), where), shorter = materialize(y.recipe(), y.where());
  check_numbers({longer.dtype(), shorter.dtype()}, "convolve", where);
  if (longer.ndim() == 0) std::swap(longer, shorter);
  if (shorter.ndim() == 0) return scaled(atleast_1d(longer), shorter, where);
  check(longer, shorter, "convolve", where);
  if (longer.size() < shorter.size()) std::swap(longer, shorter);
  return slide({"convolve", longer, shorter, {}, where}, longer, shorter(slice(none, none, -1)), mode);
}

array correlate(const operand& x, const operand& y, convolve_mode mode) {
  const caller where = x.where();
  const array a = materialize(x.recipe(), where), b = materialize(y.recipe(), y.where());
  check_numbers({a.dtype(), b.dtype()}, "correlate", where);
  check(a, b, "correlate", where);
  const product_call call("correlate", a, b, {}, where);
  const auto conjugate = [&](const array& of) { return of.dtype().kind() == 'c' ? array(conj(of), where) : of; };
  if (a.size() >= b.size()) return slide(call, a, conjugate(b), mode);
  // y moves along x: the last place of x along y comes first.
  return conjugate(slide(call, b, conjugate(a), mode)(slice(none, none, -1))).copy();
}

}  // namespace tessera
