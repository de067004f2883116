// Measures how far the mathematical kernels are from the exact results, and prints the rows of docs/accuracy.md.
//
//   accuracy                                  every function in every floating dtype, on samples
//   accuracy --dtype float32 --function exp   one of them
//   accuracy --all                            float32: every one of the 2**32 arguments instead of samples
//   accuracy --dtype float32 --all --stride 7     every seventh of them: strides without the factor 2 meet every exponent
//   accuracy --target AVX2                    on this instruction set (default: the best)
//
// Fails if an error is larger than the function's bound, a special value is not C99's, or the sign of a zero is wrong. The
// exact result is the C library's in a wider type: of float32 and the 16-bit floats in double, of float64 in long double.
#include <atomic>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <functional>
#include <mutex>
#include <numbers>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "core/half.hpp"
#include "cpu/kernels/table.hpp"

namespace {

using tessera::dtype;
using tessera::detail::bfloat16_t;
using tessera::detail::find_kernel;
using tessera::detail::float16_t;
using tessera::detail::kernel;
using tessera::detail::op;

/// A function in the wider type; `bound` in units in the last place holds for float32 and float64.
struct function {
  op code;
  double bound;
  double (*in_double)(double, double);
  long double (*in_long_double)(long double, long double);
  double low = -HUGE_VAL, high = HUGE_VAL;  // samples are drawn between these, and a few outside
  bool binary = false;
  bool of_larger = false;  // errors count in units of the larger operand where that is larger than the result
};

#define EACH(formula)                                                    \
  [](double x, [[maybe_unused]] double y) -> double { return formula; }, \
      [](long double x, [[maybe_unused]] long double y) -> long double { return formula; }

template <class T> T log_of_sum(T x, T y, T base) {
  if (x == y) return x + std::log(T(2)) / std::log(base);
  return std::max(x, y) + std::log1p(std::pow(base, -std::abs(x - y))) / std::log(base);
}

const function functions[] = {
    {op::exp, 1.1, EACH(std::exp(x)), -800, 800},
    {op::exp2, 1.1, EACH(std::exp2(x)), -1100, 1100},
    {op::expm1, 2, EACH(std::expm1(x)), -50, 800},
    {op::log, 1.1, EACH(std::log(x)), 0},
    {op::log2, 1.3, EACH(std::log2(x)), 0},
    {op::log10, 1.3, EACH(std::log10(x)), 0},
    {op::log1p, 1.3, EACH(std::log1p(x)), -1},
    {op::sin, 1.3, EACH(std::sin(x))},
    {op::cos, 1.3, EACH(std::cos(x))},
    {op::tan, 1.1, EACH(std::tan(x))},
    {op::asin, 1.1, EACH(std::asin(x)), -1, 1},
    {op::acos, 1.1, EACH(std::acos(x)), -1, 1},
    {op::atan, 1.1, EACH(std::atan(x))},
    {op::sinh, 2, EACH(std::sinh(x)), -720, 720},
    {op::cosh, 2, EACH(std::cosh(x)), -720, 720},
    {op::tanh, 2, EACH(std::tanh(x)), -30, 30},
    {op::asinh, 1.1, EACH(std::asinh(x))},
    {op::acosh, 1.1, EACH(std::acosh(x)), 1},
    {op::atanh, 1.1, EACH(std::atanh(x)), -1, 1},
    {op::cbrt, 1, EACH(std::cbrt(x))},
    {op::sqrt, 0.5, EACH(std::sqrt(x)), 0},
    {op::atan2, 1, EACH(std::atan2(x, y)), -HUGE_VAL, HUGE_VAL, true},
    {op::hypot, 1, EACH(std::hypot(x, y)), -HUGE_VAL, HUGE_VAL, true},
    {op::pow, 1, EACH(std::pow(x, y)), -HUGE_VAL, HUGE_VAL, true},
    {op::logaddexp, 3, EACH(log_of_sum(x, y, std::numbers::e_v<decltype(x)>)), -1000, 1000, true, true},
    {op::logaddexp2, 3, EACH(log_of_sum(x, y, decltype(x)(2))), -1000, 1000, true, true},
};
#undef EACH

template <class T> struct floating;
template <> struct floating<float16_t> {
  using bits = std::uint16_t;
  using wide = double;
  static constexpr int digits = 11, least = -24, most = 16;
  static inline const dtype type = tessera::float16;
};
template <> struct floating<bfloat16_t> {
  using bits = std::uint16_t;
  using wide = double;
  static constexpr int digits = 8, least = -133, most = 128;
  static inline const dtype type = tessera::bfloat16;
};
template <> struct floating<float> {
  using bits = std::uint32_t;
  using wide = double;
  static constexpr int digits = 24, least = -149, most = 128;
  static inline const dtype type = tessera::float32;
};
template <> struct floating<double> {
  using bits = std::uint64_t;
  using wide = long double;
  static constexpr int digits = 53, least = -1074, most = 1024;
  static inline const dtype type = tessera::float64;
};

template <class T> typename floating<T>::wide widen(T x) {
  if constexpr (sizeof(T) == 2) return static_cast<float>(x);
  else return x;
}

/// The distance of `got` from the exact result in units in its last place; infinity is taken for the power of two after the
/// largest number. HUGE_VAL if one is NaN and the other not, or zeros differ in sign. Units of `size` where that is larger.
template <class T> double error_of(T got, typename floating<T>::wide exact, typename floating<T>::wide size = 0) {
  using wide = typename floating<T>::wide;
  using all = floating<T>;
  wide g = widen(got);
  if (exact != exact || g != g) return (exact != exact) == (g != g) ? 0 : HUGE_VAL;
  if (exact == 0 && size == 0) return g == 0 && std::signbit(g) == std::signbit(exact) ? 0 : HUGE_VAL;
  const wide top = std::ldexp(wide(1), all::most);
  if (std::abs(g) == HUGE_VAL) g = std::copysign(top, g);
  if (std::abs(exact) > top) exact = std::copysign(top, exact);
  const int unit =
      std::max(std::min(std::ilogb(std::max(std::abs(exact), size)), all::most - 1) - all::digits + 1, all::least);
  return static_cast<double>(std::abs(std::ldexp(g - exact, -unit)));
}

struct worst_error {
  double ulp = -1;
  double x = 0, y = 0, got = 0;
  void take(double error, double a, double b, double result) {
    if (error > ulp) ulp = error, x = a, y = b, got = result;
  }
};

/// Runs the kernel over the arguments and keeps the worst error.
template <class T>
void measure(const function& f, const std::vector<T>& x, const std::vector<T>& y, worst_error& worst) {
  using wide = typename floating<T>::wide;
  std::vector<T> got(x.size());
  find_kernel(f.code, floating<T>::type)(got.data(), x.data(), y.data(), nullptr, x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    wide exact;
    if constexpr (sizeof(wide) == 8) exact = f.in_double(widen(x[i]), widen(y[i]));
    else exact = f.in_long_double(widen(x[i]), widen(y[i]));
    const wide size = f.of_larger ? std::max(std::abs(wide(widen(x[i]))), std::abs(wide(widen(y[i])))) : wide(0);
    const double error = error_of(got[i], exact, std::isfinite(size) ? size : wide(0));
    if (error > worst.ulp)
      worst.take(error, static_cast<double>(widen(x[i])), static_cast<double>(widen(y[i])),
                 static_cast<double>(widen(got[i])));
  }
}

template <class T> T from_bits(std::uint64_t bits) {
  return std::bit_cast<T>(static_cast<typename floating<T>::bits>(bits));
}

/// Every argument there is, over all threads.
template <class T> worst_error over_all(const function& f, std::uint64_t stride) {
  constexpr std::uint64_t count = std::uint64_t{1} << (8 * std::min(sizeof(T), std::size_t{4})), block = 1 << 16;
  std::atomic<std::uint64_t> next = 0;
  std::mutex lock;
  worst_error worst;
  const auto work = [&] {
    worst_error mine;
    std::vector<T> x, y(block);
    for (std::uint64_t first; (first = next.fetch_add(block * stride)) < count;) {
      x.clear();
      for (std::uint64_t i = first; i < std::min(first + block * stride, count); i += stride)
        x.push_back(from_bits<T>(i));
      y.resize(x.size());
      measure<T>(f, x, y, mine);
    }
    const std::lock_guard guard(lock);
    worst.take(mine.ulp, mine.x, mine.y, mine.got);
  };
  std::vector<std::thread> threads;
  for (unsigned k = 1; k < std::max(1u, std::thread::hardware_concurrency()); ++k) threads.emplace_back(work);
  work();
  for (auto& t : threads) t.join();
  return worst;
}

/// Samples: any bits; evenly and by magnitude within the function's range; the special values, each with each.
template <class T> worst_error over_samples(const function& f, int count) {
  std::mt19937_64 random(static_cast<unsigned>(f.code));
  const auto between = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  const double low = std::max(f.low, -1e4), high = std::min(f.high, 1e4);
  const auto draw = [&](int kind) {
    if (kind == 0) return from_bits<T>(random());
    if (kind == 1) return T(between(low, high));
    const double size = std::exp2(between(-80, 10)), x = (random() & 1) != 0 ? size : -size;
    if (kind == 2) return T(x);
    if (kind == 3) return T(1 + std::ldexp(between(-1, 1), -static_cast<int>(random() % 50)));
    return T(between(-4, 4));
  };
  worst_error worst;
  std::vector<T> x, y;
  for (int i = 0; i < count; ++i) {
    const int kind = i % 5;
    T a = draw(kind), b = f.binary ? draw(static_cast<int>(random() % 5)) : T(0.0);
    if (f.code == op::pow && i % 2 == 0) {  // results that neither vanish nor overflow
      a = T(std::exp2(between(-30, 30)));
      b = T(between(-1, 1) * floating<T>::most / std::max(0.01, std::abs(std::log2(static_cast<double>(widen(a))))));
    }
    if (f.code == op::pow && i % 16 == 1) b = T(std::trunc(between(-30, 30)));
    x.push_back(a);
    y.push_back(b);
  }
  const double inf = HUGE_VAL, pi = std::numbers::pi;
  const double special[] = {
      0.0, -0.0, 1, -1, 0.5, -0.5, 2, -2, 3, -3, 4, 1e5, 1e10, 1e22, 1e38, 1e300, inf, -inf, NAN, pi, pi / 2, pi / 4,
      // the smallest and largest of each dtype
      5e-324, -5e-324, 1e-310, 2.2250738585072014e-308, 1.7976931348623157e308, -1.7976931348623157e308, 1e-45, -1e-45,
      1e-40, 1.17549435e-38, 3.4028235e38, -3.4028235e38, 65504, -65504,
      // around where results of exp, sinh and exp2 become infinite, subnormal, zero
      88.72283, 88.72284, -87.33655, -103.97208, -104, 709.782712893384, 709.7827128933841, -708.3964185322641,
      -745.1332191019411, -745.1332191019412, 89.415985, 89.42, -89.415985, 710.4758600739439, 710.475860073944,
      127.99999, 128, -126, -149, -150, -151, 1023.9999999999999, 1024, -1022, -1074, -1075, -1076};
  for (const double a : special) {
    for (const double b : special) {
      if (!f.binary && b != 1) continue;
      x.push_back(T(a));
      y.push_back(T(b));
    }
  }
  measure<T>(f, x, y, worst);
  return worst;
}

struct options {
  std::string dtype, function, target;
  bool all = false;
  std::uint64_t stride = 1;
  int samples = 1000000;
};

bool failed = false;

template <class T> void report(const options& o) {
  const std::string type = std::string(floating<T>::type.name());
  if (!o.dtype.empty() && o.dtype != type) return;
  for (const function& f : functions) {
    const std::string name = tessera::detail::info(f.code).name;
    if (!o.function.empty() && o.function != name) continue;
    const bool every = !f.binary && (sizeof(T) == 2 || (sizeof(T) == 4 && o.all));
    const worst_error worst = every ? over_all<T>(f, sizeof(T) == 2 ? 1 : o.stride) : over_samples<T>(f, o.samples);
    const double bound = sizeof(T) == 2 ? 0.51 : f.bound;
    const bool bad = !(worst.ulp <= bound);
    failed |= bad;
    char at[100];
    std::snprintf(at, sizeof at, f.binary ? "%.9g, %.9g" : "%.9g", worst.x, worst.y);
    const std::uint64_t step = sizeof(T) == 2 ? 1 : o.stride;
    const std::string arguments = !every ? "samples" : step == 1 ? "all" : "1 in " + std::to_string(step);
    std::printf("| %s | %s | %.3f | %s | %s |\n", name.c_str(), type.c_str(), worst.ulp, at, arguments.c_str());
    if (bad) std::printf("beyond the bound of %g: %.17g at %.17g, %.17g\n", bound, worst.got, worst.x, worst.y);
    std::fflush(stdout);
  }
}

}  // namespace

int main(int count, char** words) {
  options o;
  for (int k = 1; k < count; ++k) {
    const std::string word = words[k];
    const auto next = [&] { return k + 1 < count ? words[++k] : ""; };
    if (word == "--dtype") o.dtype = next();
    else if (word == "--function") o.function = next();
    else if (word == "--target") o.target = next();
    else if (word == "--all") o.all = true;
    else if (word == "--stride") o.stride = std::strtoull(next(), nullptr, 10);
    else if (word == "--samples") o.samples = std::atoi(next());
    else return std::fprintf(stderr, "accuracy: unknown option %s\n", words[k]), 2;
  }
  if (!o.target.empty()) tessera::detail::use_simd_target(o.target);
  report<float16_t>(o);
  report<bfloat16_t>(o);
  report<float>(o);
  report<double>(o);
  return failed ? 1 : 0;
}
