// What src/metrics/*-inl.hpp may use, for one pair of rows: V is float or double (src/metrics/README.md has the list).
// Products are fused with sums where they say so. Division and roots are IEEE's.
namespace tessera {

/// Sixteen pairs of a thread would each have a copy: NVRTC takes a third of the time for sines, half for float64's logarithms.
#define TESSERA_CALLED __device__ __noinline__

template <floating V> TESSERA_DEVICE V absolute(V a) {
  if constexpr (same<V, float>) return fabsf(a);
  else return fabs(a);
}
template <floating V> TESSERA_DEVICE V square_root(V a) {
  if constexpr (same<V, float>) return sqrtf(a);
  else return sqrt(a);
}
template <floating V> TESSERA_CALLED V logarithm(V a) {
  if constexpr (same<V, float>) return logf(a);
  else return log(a);
}
template <floating V> TESSERA_CALLED V power(V a, V b) {
  if constexpr (same<V, float>) return powf(a, b);
  else return pow(a, b);
}
template <floating V> TESSERA_CALLED V sine(V a) {
  if constexpr (same<V, float>) return sinf(a);
  else return sin(a);
}
template <floating V> TESSERA_CALLED V arc_sine(V a) {
  if constexpr (same<V, float>) return asinf(a);
  else return asin(a);
}
template <floating V> TESSERA_DEVICE V fused(V a, V b, V c) {
  if constexpr (same<V, float>) return __fmaf_rn(a, b, c);
  else return __fma_rn(a, b, c);
}

// NaN wins, unlike in fmaxf and fminf.
template <floating V> TESSERA_DEVICE V larger(V a, V b) { return a > b || a != a ? a : b; }
template <floating V> TESSERA_DEVICE V smaller(V a, V b) { return a < b || a != a ? a : b; }
template <floating V> TESSERA_DEVICE V unequal(V a, V b) { return a != b ? V(1) : V(0); }
template <floating V> TESSERA_DEVICE V if_zero(V a, V then, V otherwise) { return a == 0 ? then : otherwise; }
template <floating V> TESSERA_DEVICE V constant(V, double c) { return static_cast<V>(c); }

template <floating V> TESSERA_DEVICE void add_term(V& sum, V t, no_weight) { sum = sum + t; }
template <floating V> TESSERA_DEVICE void add_term(V& sum, V t, V w) { sum = fused(t, w, sum); }
template <floating V> TESSERA_DEVICE void add_product(V& sum, V s, V t, no_weight) { sum = fused(s, t, sum); }
template <floating V> TESSERA_DEVICE void add_product(V& sum, V s, V t, V w) { sum = fused(s * w, t, sum); }

/// NaN loses.
template <floating V> TESSERA_DEVICE void keep_larger(V& sum, V t) {
  if constexpr (same<V, float>) sum = fmaxf(sum, t);
  else sum = t > sum ? t : sum;
}
TESSERA_DEVICE void add_unequal_bits(double& sum, u64 a, u64 b) { sum += static_cast<double>(__popcll(a ^ b)); }

}  // namespace tessera
