// Samplers: the words of src/samplers/README.md on this device, and the kernel: a thread an element.
namespace tessera {

struct sampler_params {
  byte* out;
  u64 count, seed, stream, counter;
  const double* values[3];
  double value[3];
};

TESSERA_DEVICE u64 as_bits(double x) { return bits<u64>(x); }
TESSERA_DEVICE double as_number(u64 all) { return bits<double>(all); }
TESSERA_DEVICE double multiply_add(double a, double b, double c) { return ::fma(a, b, c); }
TESSERA_DEVICE double square_root(double x) { return math_sqrt(x); }
TESSERA_DEVICE double absolute(double x) { return ::fabs(x); }
TESSERA_DEVICE double round_down(double x) { return ::floor(x); }

/// The columns of element i.
struct element_draws {
  const sampler_params& p;
  u64 i;

  TESSERA_DEVICE word_block block(int column) const {
    return philox(p.counter + static_cast<u64>(column) * ((p.count + 1) / 2) + i / 2, p.stream, p.seed);
  }
  TESSERA_DEVICE double uniform(int column) const {
    return static_cast<double>(block(column).wide(i % 2) >> 11) * 0x1p-53;
  }
  TESSERA_DEVICE double normal(int column) const {
    const word_block words = block(column);
    double even, odd;
    box_muller(words.wide(0), words.wide(1), even, odd);
    return i % 2 == 0 ? even : odd;
  }
  template <class S> TESSERA_DEVICE double log_probability(const S& s, double k) const { return s.log_probability(k); }
};

template <class T> TESSERA_DEVICE T sampled(double x) {
  if constexpr (same<T, i64>) return x < 0x1p63 ? static_cast<i64>(x) : greatest_integer<i64>;
  else return static_cast<T>(x);
}

template <class Sampler, class T> TESSERA_DEVICE void sampler_fill(const sampler_params& p) {
  const u64 i = static_cast<u64>(blockIdx.x) * 256 + threadIdx.x;
  if (i >= p.count) return;
  double parameters[3];
#pragma unroll
  for (int k = 0; k < 3; ++k) parameters[k] = p.values[k] ? p.values[k][i] : p.value[k];
  const Sampler make(parameters);
  store_one<sizeof(T)>(p.out + i * sizeof(T), sampled<T>(make(element_draws{p, i})));
}

}  // namespace tessera
