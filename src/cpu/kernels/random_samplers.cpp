// Samplers: the elements of src/samplers one at a time, from columns of numbers that were made ahead in vectors.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/random_samplers.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <cassert>
#include <cstring>
#include <limits>

#include "cpu/kernels/random-inl.hpp"
#include "samplers/list.hpp"

HWY_BEFORE_NAMESPACE();
namespace tessera::detail::cpu {
namespace HWY_NAMESPACE {
namespace {

// ---- the vocabulary of src/samplers/README.md
using i64 = std::int64_t;
HWY_INLINE u64 as_bits(double x) {
  u64 all;
  std::memcpy(&all, &x, sizeof(x));
  return all;
}
HWY_INLINE double as_number(u64 all) {
  double x;
  std::memcpy(&x, &all, sizeof(x));
  return x;
}
// Where the target has the instructions these are one each, correctly rounded everywhere.
HWY_INLINE double multiply_add(double a, double b, double c) { return __builtin_fma(a, b, c); }
HWY_INLINE double square_root(double x) { return __builtin_sqrt(x); }
HWY_INLINE double absolute(double x) { return __builtin_fabs(x); }
HWY_INLINE double round_down(double x) { return __builtin_floor(x); }

namespace samplers {
#define TESSERA_SAMPLER HWY_INLINE
#include "samplers/all-inl.hpp"
#undef TESSERA_SAMPLER
}  // namespace samplers

/// For what was not made ahead: later attempts, of 5 % of gamma numbers, 12 to 43 % of the others.
HWY_NOINLINE four_words late_words(u64 counter, u64 stream, u64 seed) { return philox_words(counter, stream, seed); }

/// The columns of one element.
class element_draws {
 public:
  element_draws(const random_plan& plan, const sampler_columns& ahead, i64 first, bool remembers)
      : plan_(plan),
        ahead_(ahead),
        blocks_(static_cast<u64>(plan.count + 1) / 2),
        first_(first),
        remembers_(remembers) {}
  void go_to(i64 element) { element_ = element; }

  HWY_INLINE double uniform(int column) const {
    if (column < sampler_columns::most && column < ahead_.count) return ahead_.at[column][element_ - first_];
    const four_words all = block(column);
    return static_cast<double>(number(all, element_ % 2) >> 11) * 0x1p-53;
  }
  HWY_INLINE double normal(int column) const {
    if (column < sampler_columns::most && column < ahead_.count) return ahead_.at[column][element_ - first_];
    const four_words all = block(column);
    pack<double, 1> even, odd;
    box_muller(pack<u64, 1>(number(all, 0)), pack<u64, 1>(number(all, 1)), even, odd);
    return hn::GetLane(element_ % 2 == 0 ? even.v[0] : odd.v[0]);
  }
  /// Remembered while the parameters are the same: a mean of 10 has few k (poisson 83 -> 51 ns on Zen 3, busy).
  template <class S> HWY_INLINE double log_probability(const S& s, double k) const {
    if (!remembers_) return s.log_probability(k);
    remembered& place = places_[static_cast<u64>(k) % (sizeof places_ / sizeof places_[0])];
    if (place.k != k) place = {k, s.log_probability(k)};
    return place.value;
  }

 private:
  struct remembered {
    double k = -1, value = 0;
  };
  four_words block(int column) const {
    const u64 counter = plan_.counter + static_cast<u64>(column) * blocks_ + static_cast<u64>(element_ / 2);
    return late_words(counter, plan_.stream, plan_.seed);
  }
  static u64 number(const four_words& all, i64 i) { return all.w[2 * i] | u64{all.w[2 * i + 1]} << 32; }

  const random_plan& plan_;
  const sampler_columns& ahead_;
  u64 blocks_;
  i64 first_, element_ = 0;
  bool remembers_;
  mutable remembered places_[128];
};

/// invert() by a table of its sums: where to start is looked up by the first ten bits of u.
template <class S> class inversion_table {
 public:
  explicit inversion_table(const S& s) {
    double k = 0, term = s.first_term(), sum = term;
    int size = 0;
    for (; s.goes_on(k, term); sums_[size++] = sum, sum += term) {
      assert(size + 1 < most_sums);
      k += 1;
      term = s.next_term(k, term);
    }
    sums_[size] = 2;  // whatever is left
    std::uint32_t at = 0;
    for (int j = 0; j < parts; ++j) {
      while (!(static_cast<double>(j) / parts < sums_[at])) ++at;
      start_[j] = at;
    }
  }
  HWY_INLINE double operator()(double u) const {
    std::uint32_t k = start_[static_cast<std::uint32_t>(u * parts)];
    while (!(u < sums_[k])) ++k;
    return k;
  }

 private:
  static constexpr int parts = 1024, most_sums = 128;  // means are below 10: 60 sums
  double sums_[most_sums];
  std::uint32_t start_[parts];
};

template <class T> HWY_INLINE T converted(double x) {
  if constexpr (std::is_same_v<T, i64>) return x < 0x1p63 ? static_cast<i64>(x) : std::numeric_limits<i64>::max();
  else return static_cast<T>(x);
}

HWY_INLINE bool read_parameters(const random_plan& plan, i64 element, double (&to)[3]) {
  bool same = true;
  for (int k = 0; k < 3; ++k) {
    const sampler_parameter& p = plan.parameters[k];
    to[k] = p.values ? p.values[element] : p.value;
    same = same && !p.values;
  }
  return same;
}

template <class S, class T> void sample(const random_plan& plan, i64 first, i64 count, const sampler_columns& ahead) {
  T* const out = reinterpret_cast<T*>(plan.out);
  double parameters[3];
  const bool same_for_all = read_parameters(plan, first, parameters);
  element_draws draws(plan, ahead, first, same_for_all);
  if (!same_for_all) {
    for (i64 i = first; i < first + count; ++i) {
      read_parameters(plan, i, parameters);
      draws.go_to(i);
      out[i] = converted<T>(S(parameters)(draws));
    }
    return;
  }
  const S same(parameters);
  if constexpr (requires { same.first_term(); }) {
    if (same.inverts()) {
      const inversion_table<S> look_up(same);
      for (i64 i = 0; i < count; ++i) out[first + i] = converted<T>(same.finish(look_up(ahead.at[0][i])));
      return;
    }
  }
  for (i64 i = first; i < first + count; ++i) {
    draws.go_to(i);
    out[i] = converted<T>(same(draws));
  }
}

template <class S> int columns_of(const random_plan& plan) {
  double parameters[3];
  return read_parameters(plan, 0, parameters) ? S(parameters).columns_ahead() : 2;
}

template <class S> sampler_kernel kernel_of(dtype_code type) {
  sampler_kernel all{nullptr, columns_of<S>, S::is_normal};
  if constexpr (S::is_integer) {
    if (type == dtype_code::int64) all.sample = sample<S, i64>;
  } else {
    if (type == dtype_code::float32) all.sample = sample<S, float>;
    if (type == dtype_code::float64) all.sample = sample<S, double>;
  }
  return all;
}

sampler_kernel choose_sampler(sampler_code which, dtype_code type) {
  switch (which) {
#define X(name, file, columns) \
  case sampler_code::name: return kernel_of<samplers::name>(type);
    TESSERA_SAMPLERS(X)
#undef X
  }
  return {};
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::detail::cpu {
HWY_EXPORT(choose_sampler);

sampler_kernel find_sampler(const random_plan& plan) {
  return HWY_DYNAMIC_DISPATCH(choose_sampler)(plan.sampler, plan.type.code());
}
}  // namespace tessera::detail::cpu
#endif
