// Random fills: docs/random.md's bits. A thread turns the four words of one counter into 4 / words elements.
//
// The steps, and the polynomials of normal numbers, are those of src/cpu/kernels/random-inl.hpp, which says where they come
// from: correctly rounded sums, products, fused multiply-adds, quotients and square roots, so that the bits are the same.
namespace tessera {

struct random_params {
  byte* out;
  u64 count, seed, stream, counter;
  double low, width, last;
  u64 first, most;
};

struct word_block {
  u32 w[4];
  TESSERA_DEVICE u64 wide(int i) const { return w[2 * i] | static_cast<u64>(w[2 * i + 1]) << 32; }
};

TESSERA_DEVICE word_block philox(u64 counter, u64 stream, u64 seed) {
  u32 x0 = static_cast<u32>(counter), x1 = static_cast<u32>(counter >> 32);
  u32 x2 = static_cast<u32>(stream), x3 = static_cast<u32>(stream >> 32);
  u32 k0 = static_cast<u32>(seed), k1 = static_cast<u32>(seed >> 32);
#pragma unroll
  for (int round = 0; round < 10; ++round, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
    const u64 a = 0xD2511F53ull * x0, b = 0xCD9E8D57ull * x2;
    x0 = static_cast<u32>(b >> 32) ^ x1 ^ k0;
    x1 = static_cast<u32>(b);
    x2 = static_cast<u32>(a >> 32) ^ x3 ^ k1;
    x3 = static_cast<u32>(a);
  }
  return {{x0, x1, x2, x3}};
}

// ---- numbers: each turns one block into `count` elements -------------------------------------------------------------
template <class T> struct uniform_numbers {
  using element = T;
  static constexpr int count = 16 / sizeof(T);
  static TESSERA_DEVICE void make(const random_params& p, const word_block& words, T (&to)[count]) {
    const T low = static_cast<T>(p.low), width = static_cast<T>(p.width), last = static_cast<T>(p.last);
#pragma unroll
    for (int i = 0; i < count; ++i) {
      T unit;
      if constexpr (same<T, float>) unit = static_cast<float>(words.w[i] >> 8) * 0x1p-24f;
      else unit = static_cast<double>(words.wide(i) >> 11) * 0x1p-53;
      const T x = unit * width + low;
      to[i] = x < last ? x : last;
    }
  }
};

/// -2 log(w / 2**32) of odd w.
TESSERA_DEVICE float minus_two_log(u32 w) {
  const u32 half_root = 0x3F3504F3, above = __float_as_uint(static_cast<float>(w)) - half_root;
  const float e = static_cast<float>(static_cast<i32>(above - (32u << 23)) >> 23);
  const float f = __uint_as_float((above & 0x7FFFFFu) + half_root) - 1.0f, f2 = f * f, f4 = f2 * f2;
  const float p01 = fmaf(f, -0.666666508f, 0.999999762f), p23 = fmaf(f, -0.400039375f, 0.50003171f);
  const float p45 = fmaf(f, -0.283636719f, 0.332180262f), p67 = fmaf(f, -0.258093059f, 0.264869243f);
  const float p = fmaf(f4, fmaf(f4, 0.152422115f, fmaf(f2, p67, p45)), fmaf(f2, p23, p01));
  return fmaf(e, -1.38629436f, fmaf(e, 3.80930842e-09f, fmaf(f2, p, f * -2.0f)));
}
/// -2 log(w / 2**64) of odd w.
TESSERA_DEVICE double minus_two_log(u64 w) {
  const u64 half_root = 0x3FE6A09E667F3BCD, above = bits<u64>(static_cast<double>(w)) - half_root;
  const double e = bits<double>(above >> 52 | 0x4330000000000000ull) - (0x1p52 + 64);
  const double f = bits<double>((above & 0xFFFFFFFFFFFFFull) + half_root) - 1.0, f2 = f * f;
  const double s = f / (f + 2.0), z = s * s, z2 = z * z;
  const double c01 = ::fma(z, -0.79999999998597759, -1.333333333333353);
  const double c23 = ::fma(z, -0.44444393976413421, -0.57142857522694268);
  const double c45 = ::fma(z, -0.30624887430341408, -0.36367270192191342);
  const double c = ::fma(z2 * z2, ::fma(z2, -0.29621060400708343, c45), ::fma(z2, c23, c01));
  const double log_m = ::fma(f, -2.0, f2 - s * (f2 - z * c));
  return ::fma(e, -1.3862943611198906, ::fma(e, -4.6380936276925991e-17, log_m));
}

/// Of t quarter turns, |t| <= 1/2.
TESSERA_DEVICE void quarter_sine_cosine(float t, float& sine, float& cosine) {
  const float z = t * t, z2 = z * z;
  const float q = fmaf(z, fmaf(z, -0.00460165786f, 0.079680033f), -0.64596349f);
  const float c01 = fmaf(z, -1.23370051f, 1.0f), c23 = fmaf(z, -0.0208599363f, 0.253669173f);
  sine = fmaf(t, 1.57079637f, t * z * q);
  cosine = fmaf(z2, fmaf(z2, 0.00090336299f, c23), c01);
}
TESSERA_DEVICE void quarter_sine_cosine(double t, double& sine, double& cosine) {
  const double z = t * t, z2 = z * z, z4 = z2 * z2;
  const double q01 = ::fma(z, 0.079692626246039566, -0.64596409750624428);
  const double q23 = ::fma(z, 0.00016044115029163048, -0.0046817541322824148);
  const double q45 = ::fma(z, 5.6337210053140959e-08, -3.5986417543868745e-06);
  const double q = ::fma(z4, q45, ::fma(z2, q23, q01));
  const double c01 = ::fma(z, -1.2337005501361697, 1.0), c23 = ::fma(z, -0.020863480763308004, 0.25366950790104659);
  const double c45 = ::fma(z, -2.5202036558199326e-05, 0.00091926027414676928);
  const double c67 = ::fma(z, -6.3205573088108561e-09, 4.710603581027675e-07);
  sine = ::fma(t, 1.5707963267948966, t * z * q);
  cosine = ::fma(z4, ::fma(z2, c67, c45), ::fma(z2, c23, c01));
}
TESSERA_DEVICE float quarter_turns(u32 a) { return static_cast<float>(static_cast<i32>(a << 2 | 2u)) * 0x1p-32f; }
TESSERA_DEVICE double quarter_turns(u64 a) { return static_cast<double>(static_cast<i64>(a << 2 | 2ull)) * 0x1p-64; }

/// Two normal numbers from two words: u = (w | 1) / 2**bits, angle a / 2**bits turns.
template <class T, class W> TESSERA_DEVICE void box_muller(W w, W a, T& z0, T& z1) {
  constexpr W top = W(1) << (8 * sizeof(W) - 1);
  const T r = math_sqrt(minus_two_log(w | W(1)));
  T sine, cosine;
  quarter_sine_cosine(quarter_turns(a), sine, cosine);
  // The two bits on top of `nearest` are the quarter: odd ones swap sine and cosine.
  const W nearest = a + (top >> 2);
  const bool odd = (nearest << 1 & top) != 0;
  const W cosine_sign = (nearest + (top >> 1)) & top, sine_sign = nearest & top;
  z0 = r * bits<T>(bits<W>(odd ? sine : cosine) ^ cosine_sign);
  z1 = r * bits<T>(bits<W>(odd ? cosine : sine) ^ sine_sign);
}

template <class T> struct normal_numbers {
  using element = T;
  static constexpr int count = 16 / sizeof(T);
  static TESSERA_DEVICE void make(const random_params& p, const word_block& words, T (&to)[count]) {
    const T mean = static_cast<T>(p.low), deviation = static_cast<T>(p.width);
#pragma unroll
    for (int i = 0; i < count; i += 2) {
      if constexpr (same<T, float>) box_muller(words.w[i], words.w[i + 1], to[i], to[i + 1]);
      else box_muller(words.wide(i), words.wide(i + 1), to[i], to[i + 1]);
      to[i] = to[i] * deviation + mean;
      to[i + 1] = to[i + 1] * deviation + mean;
    }
  }
};

template <class T> struct exponential_numbers {
  using element = T;
  static constexpr int count = 16 / sizeof(T);
  static TESSERA_DEVICE void make(const random_params& p, const word_block& words, T (&to)[count]) {
    const T scale = static_cast<T>(p.width);
#pragma unroll
    for (int i = 0; i < count; ++i) {
      if constexpr (same<T, float>) to[i] = minus_two_log(words.w[i] | 1u) * 0.5f * scale;
      else to[i] = minus_two_log(words.wide(i) | 1ull) * 0.5 * scale;
    }
  }
};

/// Ranges of up to 2**32: floor(w * (1 + most) / 2**64) of a 64-bit number w.
template <class T> struct narrow_integers {
  using element = T;
  static constexpr int count = 2;
  static TESSERA_DEVICE void make(const random_params& p, const word_block& words, T (&to)[count]) {
#pragma unroll
    for (int i = 0; i < count; ++i) {
      const u64 low = words.w[2 * i], high = words.w[2 * i + 1];
      const u64 below = (low * p.most + low) >> 32;
      to[i] = static_cast<T>(((high * p.most + high + below) >> 32) + p.first);
    }
  }
};
/// Larger ranges, of a 128-bit number.
template <class T> struct wide_integers {
  using element = T;
  static constexpr int count = 1;
  static TESSERA_DEVICE void make(const random_params& p, const word_block& words, T (&to)[count]) {
    const u64 low = words.wide(0), high = words.wide(1);
    const u64 below = __umul64hi(low, p.most) + (low * p.most + low < low ? 1 : 0);
    const u64 product = high * p.most, sum = product + high, total = sum + below;
    to[0] = static_cast<T>(__umul64hi(high, p.most) + (sum < high ? 1 : 0) + (total < below ? 1 : 0) + p.first);
  }
};

template <class Numbers, int Align> TESSERA_DEVICE void random_fill(const random_params& p) {
  using T = typename Numbers::element;
  constexpr int count = Numbers::count;
  const u64 block = static_cast<u64>(blockIdx.x) * 256 + threadIdx.x, begin = block * count;
  if (begin >= p.count) return;
  T made[count];
  Numbers::make(p, philox(p.counter + block, p.stream, p.seed), made);
  byte* const to = p.out + begin * sizeof(T);
  if (begin + count <= p.count) return store<Align>(to, made);
#pragma unroll
  for (int i = 0; i < count; ++i) {
    if (begin + i < p.count) store_one<(Align < sizeof(T) ? Align : sizeof(T))>(to + i * sizeof(T), made[i]);
  }
}

}  // namespace tessera
