// What every generated kernel starts with: element types, conversions between them, elements read and written at any
// alignment, division by numbers known to the host, values of other threads.
//
// NVRTC reads this without a single header: toolkit headers would cost 10 to 600 ms a kernel.
namespace tessera {

using i8 = signed char;
using i16 = short;
using i32 = int;
using i64 = long long;
using u8 = unsigned char;
using u16 = unsigned short;
using u32 = unsigned int;
using u64 = unsigned long long;
using byte = unsigned char;

#define TESSERA_DEVICE __device__ __forceinline__

// ---- types about types ---------------------------------------------------------------------------------------------
template <class A, class B> inline constexpr bool same = false;
template <class A> inline constexpr bool same<A, A> = true;
template <class A, class B> concept same_as = same<A, B>;

template <bool First, class A, class B> struct either_type {
  using type = A;
};
template <class A, class B> struct either_type<false, A, B> {
  using type = B;
};
template <bool First, class A, class B> using either = typename either_type<First, A, B>::type;

template <class T> concept floating = same<T, float> || same<T, double>;
template <class T> concept signed_integer = same<T, i8> || same<T, i16> || same<T, i32> || same<T, i64>;
template <class T> concept unsigned_integer = same<T, u8> || same<T, u16> || same<T, u32> || same<T, u64>;
template <class T> concept integer = signed_integer<T> || unsigned_integer<T>;
template <class T> concept integral = integer<T> || same<T, bool>;
template <class T> concept real_number = integral<T> || floating<T>;

template <int Bytes> using unsigned_of = either<Bytes == 1, u8, either<Bytes == 2, u16, either<Bytes == 4, u32, u64>>>;
template <int Bytes> using signed_of = either<Bytes == 1, i8, either<Bytes == 2, i16, either<Bytes == 4, i32, i64>>>;

template <class To, class From> TESSERA_DEVICE To bits(From x) {
  static_assert(sizeof(To) == sizeof(From));
  if constexpr (same<To, From>) return x;
  else if constexpr (same<To, u32> && same<From, float>) return __float_as_uint(x);
  else if constexpr (same<To, float> && same<From, u32>) return __uint_as_float(x);
  else if constexpr (same<To, u64> && same<From, double>) return __double_as_longlong(x);
  else if constexpr (same<To, double> && same<From, u64>) return __longlong_as_double(x);
  else return {.bits = x};
}

// ---- 16-bit floating numbers ---------------------------------------------------------------------------------------
struct float16 {
  u16 bits;
};
struct bfloat16 {
  u16 bits;
};
template <class T> concept half = same<T, float16> || same<T, bfloat16>;

TESSERA_DEVICE float widen(float16 x) {
  float wide;
  asm("cvt.f32.f16 %0, %1;" : "=f"(wide) : "h"(x.bits));
  return wide;
}
TESSERA_DEVICE float widen(bfloat16 x) { return __uint_as_float(static_cast<u32>(x.bits) << 16); }
template <class T> TESSERA_DEVICE T widen(T x) { return x; }

/// A float as another type, rounded once if that has 16 bits.
template <class T> TESSERA_DEVICE T narrow(float x) {
  if constexpr (same<T, float16>) {
    u16 all;
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(all) : "f"(x));
    return {all};
  } else if constexpr (same<T, bfloat16>) {  // compute capability 7.5 has no instruction
    const u32 all = __float_as_uint(x), rounded = (all + 0x7fffu + ((all >> 16) & 1u)) >> 16;
    return {static_cast<u16>((all & 0x7fffffffu) > 0x7f800000u ? (all >> 16) | 0x40u : rounded)};
  } else {
    return x;
  }
}

/// A double as a float with the bits that are cut off or-ed into the last one, so that rounding that is rounding once.
template <half T> TESSERA_DEVICE float odd_float(double x) {
  constexpr u64 cut = 0x1fffffff, sign = 1ull << 63;
  const u64 all = __double_as_longlong(x), magnitude = all & ~sign;
  u64 odd = (magnitude & ~cut) | ((magnitude & cut) != 0 ? cut + 1 : 0);
  // Below 2**-126 a float has fewer bits: a bfloat16 is rounded here already, to its unit 2**-133.
  if (same<T, bfloat16> && magnitude < (1023ull - 126 << 52)) {
    odd = __double_as_longlong((__longlong_as_double(magnitude) + 0x1p-81) - 0x1p-81);
  }
  return static_cast<float>(__longlong_as_double(odd | (all & sign)));
}
/// The largest integers lose bits in double already.
TESSERA_DEVICE double odd_double(u64 x) {
  return static_cast<double>(x <= 1ull << 53 ? x : (x & ~0x7ffull) | ((x & 0x7ff) != 0 ? 0x800 : 0));
}
TESSERA_DEVICE double odd_double(i64 x) {
  const u64 all = x, odd = (all & ~0x7ffull) | ((all & 0x7ff) != 0 ? 0x800 : 0);
  return static_cast<double>(static_cast<i64>(all + (1ull << 53) <= 1ull << 54 ? all : odd));
}

// ---- complex numbers -----------------------------------------------------------------------------------------------
template <class T> struct complex_value {
  using part = T;
  T re, im;
};
using complex64 = complex_value<float>;
using complex128 = complex_value<double>;
template <class T> concept complex_number = same<T, complex64> || same<T, complex128>;

template <class T> struct real_part {
  using type = T;
};
template <class T> struct real_part<complex_value<T>> {
  using type = T;
};
template <class T> using real_part_of = typename real_part<T>::type;

// ---- limits --------------------------------------------------------------------------------------------------------
template <integer T> inline constexpr bool is_signed = signed_integer<T>;
template <integer T> inline constexpr u32 width = 8 * sizeof(T);
template <integer T>
inline constexpr T least_integer =
    is_signed<T> ? static_cast<T>(unsigned_of<sizeof(T)>(1) << (8 * sizeof(T) - 1)) : T(0);
template <integer T> inline constexpr T greatest_integer = static_cast<T>(~least_integer<T>);

template <floating T> TESSERA_DEVICE T infinity() {
  if constexpr (same<T, float>) return __uint_as_float(0x7f800000u);
  else return __longlong_as_double(0x7ff0000000000000);
}
template <floating T> TESSERA_DEVICE T quiet_nan() {
  if constexpr (same<T, float>) return __uint_as_float(0x7fc00000u);
  else return __longlong_as_double(0x7ff8000000000000);
}

// ---- conversions, as the CPU's convert() -----------------------------------------------------------------------------
/// What x86 gives: the minimum where the integer type does not hold it, small types cut off from int32.
template <integer To, floating From> TESSERA_DEVICE To to_integer(From x) {
  if constexpr (sizeof(To) < 4) {
    return static_cast<To>(to_integer<i32>(x));
  } else if constexpr (!is_signed<To>) {
    constexpr To top = To(1) << (width<To> - 1);
    const bool large = x >= static_cast<From>(top);
    const To low = static_cast<To>(to_integer<signed_of<sizeof(To)>>(large ? x - static_cast<From>(top) : x));
    return low ^ (large ? top : To(0));
  } else {
    constexpr From limit = static_cast<From>(1ull << (width<To> - 1));
    return x >= -limit && x < limit ? static_cast<To>(x) : least_integer<To>;
  }
}

template <class To, class From> TESSERA_DEVICE To convert(From x) {
  if constexpr (same<To, From>) {
    return x;
  } else if constexpr (complex_number<To>) {
    using part = typename To::part;
    if constexpr (complex_number<From>) return {static_cast<part>(x.re), static_cast<part>(x.im)};
    else return {convert<part>(x), part(0)};
  } else if constexpr (complex_number<From>) {
    if constexpr (same<To, bool>) return x.re != 0 || x.im != 0;
    else return convert<To>(x.re);
  } else if constexpr (half<From>) {
    return convert<To>(widen(x));
  } else if constexpr (half<To>) {
    if constexpr (same<From, float>) return narrow<To>(x);
    else if constexpr (sizeof(From) == 8 && integer<From>) return narrow<To>(odd_float<To>(odd_double(x)));
    else if constexpr (same<From, double> || sizeof(From) == 4)
      return narrow<To>(odd_float<To>(static_cast<double>(x)));
    else return narrow<To>(static_cast<float>(x));
  } else if constexpr (same<To, bool>) {
    return x != 0;
  } else if constexpr (integer<To> && floating<From>) {
    return to_integer<To>(x);
  } else {
    return static_cast<To>(x);
  }
}

// ---- memory --------------------------------------------------------------------------------------------------------
// A bool in memory is any byte. `Align` is the alignment that the host knows of: less than the element's reads bytes.
template <class T> using stored = either<same<T, bool>, u8, T>;

template <int Bytes> struct chunk_of;
template <> struct chunk_of<1> {
  using type = u8;
};
template <> struct chunk_of<2> {
  using type = u16;
};
template <> struct chunk_of<4> {
  using type = u32;
};
template <> struct chunk_of<8> {
  using type = uint2;
};
template <> struct chunk_of<16> {
  using type = uint4;
};

/// V elements that lie one after the other, in pieces of `Align` bytes.
template <int V, int Align, class T> struct cluster {
  static constexpr int bytes = V * sizeof(T), piece = bytes < Align ? bytes : Align, pieces = bytes / piece;
  using chunk = typename chunk_of<piece>::type;
  union {
    chunk chunks[pieces];
    stored<T> values[V];
  };
};

template <int Align, int V, class T> TESSERA_DEVICE void load(T (&to)[V], const byte* from) {
  cluster<V, Align, T> all;
#pragma unroll
  for (int i = 0; i < all.pieces; ++i) all.chunks[i] = reinterpret_cast<const typename decltype(all)::chunk*>(from)[i];
#pragma unroll
  for (int k = 0; k < V; ++k) {
    if constexpr (same<T, bool>) to[k] = all.values[k] != 0;
    else to[k] = all.values[k];
  }
}
template <int Align, int V, class T> TESSERA_DEVICE void store(byte* to, const T (&from)[V]) {
  cluster<V, Align, T> all;
#pragma unroll
  for (int k = 0; k < V; ++k) all.values[k] = from[k];
#pragma unroll
  for (int i = 0; i < all.pieces; ++i) reinterpret_cast<typename decltype(all)::chunk*>(to)[i] = all.chunks[i];
}
template <class T, int Align> TESSERA_DEVICE T load_one(const byte* from) {
  T value[1];
  load<Align>(value, from);
  return value[0];
}
/// The first `count` of V elements, one by one.
template <int One, int V, class T> TESSERA_DEVICE void load_part(T (&to)[V], const byte* from, int count) {
#pragma unroll
  for (int k = 0; k < V; ++k) to[k] = k < count ? load_one<T, One>(from + k * sizeof(T)) : T{};
}
template <int Align, int One, int V, class T> TESSERA_DEVICE void load_some(T (&to)[V], const byte* from, int count) {
  if (count >= V) load<Align>(to, from);
  else load_part<One>(to, from, count);
}
template <int Align, class T> TESSERA_DEVICE void store_one(byte* to, T x) {
  const T value[1] = {x};
  store<Align>(to, value);
}

// ---- index arithmetic ----------------------------------------------------------------------------------------------
/// Division by an extent with a product (T. Granlund, P. Montgomery, "Division by invariant integers using
/// multiplication", 1994): a 32-bit division takes 38 instructions for three axes, this 26. Numbers below 2**31.
struct divisor {
  u32 extent, magic, shift;
};
TESSERA_DEVICE u32 quotient(u32 n, const divisor& d) { return (__umulhi(n, d.magic) + n) >> d.shift; }

/// How many of the numbers 0 to `length` - 1 `holds` is true of: of those below some number, which is found in halves.
template <class Holds> TESSERA_DEVICE i64 count_leading(i64 length, const Holds& holds) {
  i64 begin = 0;
  while (length > 0) {
    const i64 half = length / 2;
    const bool above = holds(begin + half);
    if (above) begin += half + 1;
    length = above ? length - half - 1 : half;
  }
  return begin;
}

// ---- values of other threads ---------------------------------------------------------------------------------------
/// A value of any size as `move` hands over each of its 32-bit words: the processor shuffles words only.
template <class T, class Move> TESSERA_DEVICE T by_words(const T& mine, Move move) {
  constexpr int words = (sizeof(T) + 3) / 4;
  union {
    u32 word[words];
    T value;
  } all;
#pragma unroll
  for (int i = 0; i < words; ++i) all.word[i] = 0;
  all.value = mine;
#pragma unroll
  for (int i = 0; i < words; ++i) all.word[i] = move(all.word[i]);
  return all.value;
}
/// Of the thread `distance` lanes before this one, or behind it (`among` so many lanes).
template <class T> TESSERA_DEVICE T from_below(const T& mine, int distance) {
  return by_words(mine, [=](u32 word) { return __shfl_up_sync(0xffffffffu, word, distance, 32); });
}
template <class T> TESSERA_DEVICE T from_above(const T& mine, int distance, int among = 32) {
  return by_words(mine, [=](u32 word) { return __shfl_down_sync(0xffffffffu, word, distance, among); });
}

/// The sum of all threads before this one, and of all 256 of the block.
template <class T> TESSERA_DEVICE T sum_before(T mine, T& all) {
  __shared__ T totals[8];
  const u32 lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  T sum = mine;
#pragma unroll
  for (int apart = 1; apart < 32; apart *= 2) {
    const T below = from_below(sum, apart);
    if (lane >= apart) sum += below;
  }
  __syncthreads();  // the totals of the call before have been read
  if (lane == 31) totals[warp] = sum;
  __syncthreads();
  all = 0;
  T before = 0;
#pragma unroll
  for (int k = 0; k < 8; ++k) {
    before += k < warp ? totals[k] : 0;
    all += totals[k];
  }
  return before + sum - mine;
}

}  // namespace tessera
