// arange, linspace, logspace and geomspace, in NumPy's arithmetic so that every bit agrees.
#include <cmath>
#include <complex>
#include <cstring>

#include "core/access.hpp"
#include "core/dtype_parts.hpp"
#include "core/element.hpp"
#include "core/layout.hpp"
#include "expr/build.hpp"
#include "ops/numbers_only.hpp"
#include "ops/reduce_parts.hpp"
#include "tessera/creation.hpp"
#include "tessera/elementwise.hpp"

namespace tessera {

using detail::access;
using detail::scalar_value;

namespace {

using complex = std::complex<double>;

double real_of(const scalar_value& v) {
  if (!v.is_integral()) return v.real;
  return v.wide ? static_cast<double>(static_cast<std::uint64_t>(v.integer)) : static_cast<double>(v.integer);
}
complex complex_of(const scalar_value& v) { return {real_of(v), v.imag}; }

__int128 integer_of(const scalar_value& v) {
  return v.wide ? static_cast<__int128>(static_cast<std::uint64_t>(v.integer)) : static_cast<__int128>(v.integer);
}

// ---- arange

/// What arange is asked for, in one of three arithmetics: integers, double, complex.
struct progression {
  scalar_value start, next;
  double length = 0;  // not yet rounded up
  bool integral = true, is_complex = false;
};

/// The number of steps as NumPy rounds it; a distance lost to underflow still counts as one step.
double steps(double quotient, bool distance_is_zero) {
  return quotient == 0 && !distance_is_zero && !std::signbit(quotient) ? 1 : quotient;
}

/// a / b of integers, rounded once while both are exact in double.
double quotient(__int128 a, __int128 b) {
  constexpr __int128 exact = __int128{1} << 53;
  if (a < exact && a > -exact && b < exact && b > -exact) return static_cast<double>(a) / static_cast<double>(b);
  return static_cast<double>(static_cast<long double>(a) / static_cast<long double>(b));
}

/// An integer that may be past 64 bits, where it counts only as out of bounds.
scalar_value integer_value(__int128 v) {
  constexpr __int128 largest = std::numeric_limits<std::int64_t>::max();
  if (v > largest && v <= std::numeric_limits<std::uint64_t>::max()) return static_cast<std::uint64_t>(v);
  if (v > largest || v < std::numeric_limits<std::int64_t>::min()) return static_cast<double>(v);
  return static_cast<std::int64_t>(v);
}

progression plan_arange(const scalar_value& start, const scalar_value& stop, const scalar_value& step, caller where) {
  progression p;
  p.start = start;
  for (const scalar_value* v : {&start, &stop, &step}) {
    p.integral = p.integral && v->is_integral();
    p.is_complex = p.is_complex || v->type.kind() == 'c';
  }
  const complex by = complex_of(step);
  if (by == complex(0)) throw value_error("arange: the step is 0", where);
  if (p.integral) {
    const __int128 distance = integer_of(stop) - integer_of(start);
    p.length = quotient(distance, integer_of(step));
    p.next = integer_value(integer_of(start) + integer_of(step));
  } else if (!p.is_complex) {
    const double distance = real_of(stop) - real_of(start);
    p.length = steps(distance / by.real(), distance == 0);
    p.next = real_of(start) + by.real();
  } else {
    const complex distance = complex_of(stop) - complex_of(start), ratio = distance / by;
    const bool lost = ratio == complex(0) && distance != complex(0);
    p.length = std::fmin(steps(ratio.real(), !lost), steps(ratio.imag(), !lost));
    p.next = complex_of(start) + by;
  }
  if (std::isnan(p.length)) throw value_error("arange: the length cannot be computed from a NaN", where);
  return p;
}

/// Continues the first two elements as their difference, computed in the dtype, leads on.
template <class T> void continue_progression(T* data, std::int64_t count) {
  if constexpr (std::is_same_v<T, bool>) {
    return;  // has at most two elements
  } else if constexpr (std::is_integral_v<T>) {
    const auto start = static_cast<std::uint64_t>(data[0]), delta = static_cast<std::uint64_t>(data[1]) - start;
    for (std::int64_t i = 2; i < count; ++i) data[i] = static_cast<T>(start + static_cast<std::uint64_t>(i) * delta);
  } else if constexpr (sizeof(T) == 2) {
    const float start = static_cast<float>(data[0]), delta = static_cast<float>(data[1]) - start;
    for (std::int64_t i = 2; i < count; ++i) data[i] = T(start + static_cast<float>(i) * delta);
  } else if constexpr (std::is_floating_point_v<T>) {
    const T start = data[0], delta = data[1] - start;
    for (std::int64_t i = 2; i < count; ++i) data[i] = start + static_cast<T>(i) * delta;
  } else {
    using part = typename T::value_type;
    const T start = data[0], delta = data[1] - start;
    for (std::int64_t i = 2; i < count; ++i) {
      const auto n = static_cast<part>(i);
      data[i] = T(start.real() + n * delta.real(), start.imag() + n * delta.imag());
    }
  }
}

// ---- linspace

/// start + i * step for a real or complex number. The order of operations is NumPy's.
template <class T> void fill_linspace(T* data, std::int64_t count, T start, T stop, bool endpoint) {
  const auto divisions = static_cast<double>(endpoint ? count - 1 : count);
  const T distance = stop - start, step = divisions > 0 ? distance / divisions : T(0);
  // A step lost to underflow: divide first, multiply then.
  const bool scale = divisions > 0 && step == T(0);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto n = static_cast<double>(i);
    if (scale) data[i] = T(n / divisions) * distance + start;
    else data[i] = T(n) * (divisions > 0 ? step : distance) + start;
  }
  if (endpoint && count > 1) data[count - 1] = stop;
}

void check_count(std::int64_t count, const char* name, caller where) {
  if (count < 0) throw value_error(std::string(name) + ": the count is negative: " + std::to_string(count), where);
  detail::element_count({count}, name, where, complex128.itemsize());
}

bool any_complex(const scalar_value& start, const scalar_value& stop) {
  return start.type.kind() == 'c' || stop.type.kind() == 'c';
}

/// float64 or complex128.
array linspace_values(const scalar_value& start, const scalar_value& stop, std::int64_t count, bool endpoint,
                      caller where) {
  array result = access::make({count}, any_complex(start, stop) ? complex128 : float64, order::C, cpu(), where);
  if (result.dtype() == complex128) {
    fill_linspace(reinterpret_cast<complex*>(access::data(result)), count, complex_of(start), complex_of(stop),
                  endpoint);
  } else {
    fill_linspace(reinterpret_cast<double*>(access::data(result)), count, real_of(start), real_of(stop), endpoint);
  }
  return result;
}

array as(const array& values, dtype type) {
  return type.is_set() && type != values.dtype() ? values.astype(type) : values;
}

/// Ranges are computed on the host, whose arithmetic is NumPy's to the bit, and copied from there.
array placed(const array& values, const std::optional<device>& on, caller where) {
  return values.to(on ? *on : default_device(where), where);
}

}  // namespace

array arange(number stop, const dtype& type, caller where) {
  return arange(0, stop, 1, range_options{.dtype = type}, where);
}

array arange(number start, number stop, number step, const dtype& type, caller where) {
  return arange(start, stop, step, range_options{.dtype = type}, where);
}

array arange(number stop, const range_options& options, caller where) { return arange(0, stop, 1, options, where); }

array arange(number start, number stop, number step, const range_options& options, caller where) {
  const dtype type = options.dtype;
  if (!detail::is_time(type)) detail::check_numbers({type}, "arange", where);
  const progression p = plan_arange(start.value, stop.value, step.value, where);
  const bool beyond_int64 = start.value.wide || stop.value.wide || step.value.wide;
  dtype wanted = type;
  if (!wanted.is_set()) wanted = p.is_complex ? complex128 : p.integral && !beyond_int64 ? int64 : float64;
  const double length = std::fmax(std::ceil(p.length), 0);
  if (length >= 0x1p63) throw value_error("arange: more elements than fit in 64 bits", where);
  const auto count = static_cast<std::int64_t>(length);
  if (wanted == bool_ && count > 2) {
    throw dtype_error("arange: a bool range has at most 2 elements, asked for " + std::to_string(count), where);
  }
  detail::element_count({count}, "arange", where, wanted.itemsize());
  detail::constant first[2];
  if (count > 0) first[0] = detail::make_constant(p.start, wanted, "arange", where);
  if (count > 1) first[1] = detail::make_constant(p.next, wanted, "arange", where);
  array result = access::make({count}, wanted, order::C, cpu(), where);
  const auto itemsize = static_cast<std::size_t>(wanted.itemsize());
  std::byte* const data = access::data(result);
  for (std::int64_t i = 0; i < count && i < 2; ++i) std::memcpy(data + i * wanted.itemsize(), first[i].bytes, itemsize);
  if (count > 2) {
    detail::with_type(
        wanted, [&](auto tag) { continue_progression(reinterpret_cast<typename decltype(tag)::type*>(data), count); });
  }
  return placed(result, options.device, where);
}

array linspace(number start, number stop, std::int64_t count, const linspace_options& options, caller where) {
  check_count(count, "linspace", where);
  const array values = linspace_values(start.value, stop.value, count, options.endpoint, where);
  const bool cut = values.dtype() == float64 && detail::is_integer(options.dtype);
  return placed(as(cut ? floor(values).eval(where) : values, options.dtype), options.device, where);
}

array logspace(number start, number stop, std::int64_t count, double base, const linspace_options& options,
               caller where) {
  check_count(count, "logspace", where);
  const array exponents = linspace_values(start.value, stop.value, count, options.endpoint, where);
  return placed(as(pow(base, exponents).eval(where), options.dtype), options.device, where);
}

array geomspace(number start, number stop, std::int64_t count, const linspace_options& options, caller where) {
  check_count(count, "geomspace", where);
  complex first = complex_of(start.value), last = complex_of(stop.value);
  if (first == complex(0) || last == complex(0)) throw value_error("geomspace: a progression cannot include 0", where);
  // Turned so that it starts on the positive real axis, where the logarithm loses nothing, and turned back at the end.
  array values;
  complex turn;
  if (any_complex(start.value, stop.value) || options.dtype.kind() == 'c') {
    turn = first / std::abs(first);
    first /= turn;
    last /= turn;
    values = logspace(std::log(first) / std::log(10.0), std::log(last) / std::log(10.0), count, 10.0,
                      {.endpoint = options.endpoint, .device = cpu()}, where);
  } else {
    turn = first.real() < 0 ? -1 : 1;
    first *= turn.real();
    last *= turn.real();
    values = logspace(std::log10(first.real()), std::log10(last.real()), count, 10.0,
                      {.endpoint = options.endpoint, .device = cpu()}, where);
  }
  const auto set = [&](std::int64_t i, complex v) {
    const scalar_value one = values.dtype() == complex128 ? scalar_value(v) : scalar_value(v.real());
    detail::write_element(access::data(values) + i * values.itemsize(), values.dtype(), one);
  };
  if (count > 0) set(0, first);
  if (count > 1 && options.endpoint) set(count - 1, last);
  const expr turned = values.dtype() == complex128 ? values * turn : values * turn.real();
  return placed(as(turned.eval(where), options.dtype), options.device, where);
}

}  // namespace tessera
