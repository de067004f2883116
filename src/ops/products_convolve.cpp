// convolve and correlate: the shorter operand times every window of the longer, which is padded by zeros.
#include "expr/evaluate.hpp"
#include "ops/products.hpp"
#include "tessera/joining.hpp"
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

/// Where a kernel of `count` elements is laid on x, one window a row.
array windows(const array& x, std::int64_t count, convolve_mode mode, caller where) {
  array padded = x;
  if (mode != convolve_mode::valid && count > 1) {
    const std::int64_t before = mode == convolve_mode::full ? count - 1 : count / 2;
    const std::int64_t after = mode == convolve_mode::full ? count - 1 : count - 1 - before;
    padded = pad(operand(x, where), {{before, after}});
  }
  return sliding_window_view(padded, count, {}, where);
}

constexpr label place = 0, within = 1;

array scaled(const array& x, const array& number, caller where) {
  check(x, atleast_1d(number), "convolve", where);
  return product_call("convolve", x, number, {}, where)({x, {place}}, {number, {}}, {place}, x.shape());
}

}  // namespace

array convolve(const operand& x, const operand& y, convolve_mode mode) {
  const caller where = x.where();
  array longer = materialize(x.recipe(), where), shorter = materialize(y.recipe(), y.where());
  if (longer.ndim() == 0) std::swap(longer, shorter);
  if (shorter.ndim() == 0) return scaled(atleast_1d(longer), shorter, where);
  check(longer, shorter, "convolve", where);
  if (longer.size() < shorter.size()) std::swap(longer, shorter);
  const array laid = windows(longer, shorter.size(), mode, where), kernel = shorter(slice(none, none, -1));
  return product_call("convolve", laid, kernel, {}, where)({laid, {place, within}}, {kernel, {within}}, {place},
                                                           laid.shape()[0]);
}

array correlate(const operand& x, const operand& y, convolve_mode mode) {
  const caller where = x.where();
  const array a = materialize(x.recipe(), where), b = materialize(y.recipe(), y.where());
  check(a, b, "correlate", where);
  product_call call("correlate", a, b, {}, where);
  call.options.conjugate_x = true;
  if (a.size() >= b.size()) {
    const array laid = windows(a, b.size(), mode, where);
    return call({b, {within}}, {laid, {place, within}}, {place}, laid.shape()[0]);
  }
  const array laid = windows(b, a.size(), mode, where)(slice(none, none, -1));  // y moves past x: the last place first
  return call({laid, {place, within}}, {a, {within}}, {place}, laid.shape()[0]);
}

}  // namespace tessera
