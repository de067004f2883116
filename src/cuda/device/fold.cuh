// Folds: what is kept while elements are taken, how partial results are joined, the loops of a thread and of a block.
//
//   thread   takes 16 steps into a leaf, joins the leaf to its total, and so on: rounding errors grow with the number of
//            leaves, not of elements (src/cuda/fold.cpp keeps that small); what does not round has no leaves
//   block    totals of its threads in a tree: shuffles in a warp, shared memory between warps
//   grid     with few results the folded axes are cut into pieces; a second kernel joins their totals
//
// Every fold is a struct with clear(), take(elements, how many, position of the first), join(other) and result(). Its `leaf`
// is what 16 steps are taken into. All are joined in an order that the shape alone decides.
//
// Each copy of a body costs compile time, of which first use has 150 ms: lanes are joined and stored by loops over shared
// memory that are not unrolled, and elements that are not there are replaced by an identity rather than branched around.
namespace tessera {

template <class T> using accumulated = either<half<T>, float, T>;
template <class T> TESSERA_DEVICE accumulated<T> accumulate(T x) { return widen(x); }

/// x[0] op … op x[V - 1], in pairs.
template <class Body, int V, class T> TESSERA_DEVICE T in_pairs(T (&x)[V]) {
#pragma unroll
  for (int apart = 1; apart < V; apart *= 2) {
#pragma unroll
    for (int k = 0; k + apart < V; k += 2 * apart) x[k] = Body()(x[k], x[k + apart]);
  }
  return x[0];
}

/// Folds that are a body of two elements and start from an identity. Joined has the body's value but where one is the identity.
template <class Body, class Identity, class T, class Joined = Body> struct body_fold {
  using leaf = body_fold;
  using value = accumulated<T>;
  value total;

  TESSERA_DEVICE void clear() { total = Identity::template of<value>(); }
  template <int V> TESSERA_DEVICE void take(const T (&x)[V], int count, i64) {
    value each[V];
#pragma unroll
    for (int k = 0; k < V; ++k) each[k] = k == 0 || k < count ? accumulate(x[k]) : Identity::template of<value>();
    total = either<V == 1, Body, Joined>()(total, in_pairs<Joined>(each));
  }
  TESSERA_DEVICE void join(const body_fold& other) { total = Joined()(total, other.total); }
  TESSERA_DEVICE value result() const { return total; }
};

template <class T> TESSERA_DEVICE T whole(int x) {
  if constexpr (complex_number<T>) return {static_cast<typename T::part>(x), 0};
  else return static_cast<T>(x);
}
struct zero {
  template <class T> static TESSERA_DEVICE T of() { return whole<T>(0); }
};
struct one {
  template <class T> static TESSERA_DEVICE T of() { return whole<T>(1); }
};
/// Above (Sign = 1) or below all numbers.
template <int Sign> struct beyond {
  template <class T> static TESSERA_DEVICE T of() {
    if constexpr (complex_number<T>) return {of<typename T::part>(), of<typename T::part>()};
    else if constexpr (same<T, bool>) return Sign > 0;
    else if constexpr (floating<T>) return Sign * infinity<T>();
    else return Sign > 0 ? greatest_integer<T> : least_integer<T>;
  }
};
/// NaN, which loses to every number; integers have none.
template <int Sign> struct nothing {
  template <class T> static TESSERA_DEVICE T of() {
    if constexpr (complex_number<T>) return {of<typename T::part>(), of<typename T::part>()};
    else if constexpr (floating<T>) return quiet_nan<T>();
    else return beyond<Sign>::template of<T>();
  }
};

/// NumPy's order in reductions: complex numbers by real, then by imaginary part.
template <class T> TESSERA_DEVICE bool is_less(T a, T b) {
  if constexpr (complex_number<T>) return a.re < b.re || (a.re == b.re && a.im < b.im);
  else return a < b;
}
template <bool Least> struct extreme {
  template <class T> TESSERA_DEVICE T operator()(T a, T b) const {
    const bool second = Least ? is_less(b, a) : is_less(a, b);
    return is_nan(a) || !(second || is_nan(b)) ? a : b;
  }
};
template <bool Least> struct extreme_number {
  template <class T> TESSERA_DEVICE T operator()(T a, T b) const {
    const bool second = Least ? is_less(b, a) : is_less(a, b);
    return is_nan(b) || !(second || is_nan(a)) ? a : b;
  }
};

/// Products of products. 1 + 0i times an infinite number has NaN as a part, so that threads without factors must not count.
struct multiply_factors {
  template <class T> TESSERA_DEVICE T operator()(T a, T b) const {
    if constexpr (complex_number<T>) {
      if (a.re == 1 && a.im == 0) return b;
      if (b.re == 1 && b.im == 0) return a;
    }
    return bodies::multiply()(a, b);
  }
};

template <class T> using sum_of = body_fold<bodies::add, zero, T>;  // from +0.0, so that a sum of -0.0 is +0.0
template <class T> using prod_of = body_fold<bodies::multiply, one, T, multiply_factors>;
template <class T> using min_of = body_fold<extreme<true>, beyond<1>, T>;
template <class T> using max_of = body_fold<extreme<false>, beyond<-1>, T>;
template <class T> using fmin_of = body_fold<extreme_number<true>, nothing<1>, T>;
template <class T> using fmax_of = body_fold<extreme_number<false>, nothing<-1>, T>;

template <class T, bool All> struct truth_fold {
  using leaf = truth_fold;
  bool total;
  TESSERA_DEVICE void clear() { total = All; }
  template <int V> TESSERA_DEVICE void take(const T (&x)[V], int count, i64) {
#pragma unroll
    for (int k = 0; k < V; ++k) {
      const bool each = truth(widen(x[k])), there = k == 0 || k < count;
      total = All ? total & (each | !there) : total | (each & there);
    }
  }
  TESSERA_DEVICE void join(const truth_fold& other) { total = All ? total && other.total : total || other.total; }
  TESSERA_DEVICE bool result() const { return total; }
};
template <class T> using any_of = truth_fold<T, false>;
template <class T> using all_of = truth_fold<T, true>;

/// The position of the first least or greatest element; the first NaN beats everything.
template <class T, bool Least> struct position_fold {
  using leaf = position_fold;
  using value = accumulated<T>;
  value best;
  i64 at;  // negative: nothing yet

  TESSERA_DEVICE void clear() {
    best = whole<value>(0);
    at = -1;
  }
  static TESSERA_DEVICE bool beats(value x, value y) { return Least ? is_less(x, y) : is_less(y, x); }
  TESSERA_DEVICE bool is_beaten_by(value x) const {
    if constexpr (floating<value>) return best == best && !(Least ? best <= x : best >= x);
    else return !is_nan(best) && (is_nan(x) || beats(x, best));
  }
  /// Positions ascend within a thread: of equals the one kept is the first.
  template <int V> TESSERA_DEVICE void take(const T (&x)[V], int count, i64 position) {
#pragma unroll
    for (int k = 0; k < V; ++k) {
      const value each = accumulate(x[k]);
      const bool better = (at < 0 || is_beaten_by(each)) && (k == 0 || k < count);
      best = better ? each : best;
      at = better ? position + k : at;
    }
  }
  TESSERA_DEVICE void join(const position_fold& other) {
    const bool worse = !is_nan(other.best) && (is_nan(best) || beats(best, other.best));
    if (other.at >= 0 && (at < 0 || is_beaten_by(other.best) || (!worse && other.at < at))) *this = other;
  }
  TESSERA_DEVICE i64 result() const { return at; }
};
template <class T> using argmin_of = position_fold<T, true>;
template <class T> using argmax_of = position_fold<T, false>;

/// Squared deviations from the mean in one pass. A leaf's are taken from its first element, in the element's type; leaves
/// are joined in double (T. Chan, G. Golub, R. LeVeque 1979, as src/cpu/kernels/reduce_deviations.cpp says more about).
template <class T> struct deviations_of {
  using value = accumulated<T>;
  double count, centre, offset, squares;

  struct leaf {
    value centre, sum, squares;
    int count;
    TESSERA_DEVICE void clear() {
      centre = sum = squares = 0;
      count = 0;
    }
    template <int V> TESSERA_DEVICE void take(const T (&x)[V], int some, i64) {
      centre = count == 0 ? accumulate(x[0]) : centre;
#pragma unroll
      for (int k = 0; k < V; ++k) {
        const value apart = k == 0 || k < some ? accumulate(x[k]) - centre : value(0);
        sum += apart;
        squares += apart * apart;
      }
      count += some;
    }
  };

  TESSERA_DEVICE void clear() { count = centre = offset = squares = 0; }
  TESSERA_DEVICE void join(const leaf& other) {
    if (other.count == 0) return;
    const double n = other.count, sum = other.sum, mean = sum / n, left = other.squares - sum * mean;
    join(deviations_of{n, static_cast<double>(other.centre), mean, left < 0 ? 0 : left});  // NaN stays
  }
  /// Not inlined: it is called in several places and costs NVRTC 8 ms in each.
  TESSERA_DEVICE void join(const deviations_of& other) { *this = joined(*this, other); }
  static __device__ __noinline__ deviations_of joined(deviations_of mine, deviations_of other) {
    mine.append(other);
    return mine;
  }
  TESSERA_DEVICE void append(const deviations_of& other) {
    if (other.count == 0) return;
    if (count == 0) {
      *this = other;
      return;
    }
    const double all = count + other.count, part = other.count / all;
    const double apart = (other.centre - centre) + (other.offset - offset);
    offset += apart * part;
    squares = squares + other.squares + apart * apart * (count * part);
    count = all;
  }
  TESSERA_DEVICE double result() const { return squares; }
};

// ---- the loops -----------------------------------------------------------------------------------------------------
// A Program is made for each stage:
//   operands, lanes (results a thread keeps side by side), unroll, always_full (units have one element)
//   leaves, states               the folds of all results, as one struct each; the same where nothing rounds
//   kept_place(p, unit, at)      each operand's address at a kept unit; how many elements the unit has there
//   take<full>(p, base, unit, count, leaves)  takes the elements of one folded unit, all of them where `full`
//   deliver(p, at, k, states)    stores the results of element k of a kept unit

/// Units from `unit` on, `Step` apart, before `stop`. Those below `full` have all their elements: several are read at once.
template <class Program, u32 Step, class Params>
TESSERA_DEVICE void take_units(const Params& p, byte* const (&base)[Program::operands], int count, u32& unit, u32 stop,
                               u32 full, typename Program::leaves (&leaves)[Program::lanes]) {
  const u32 whole = stop < full ? stop : full;
#pragma unroll Program::unroll
  for (; unit < whole; unit += Step) Program::template take<true>(p, base, unit, count, leaves);
  if constexpr (!Program::always_full) {
#pragma unroll 1
    for (; unit < stop; unit += Step) Program::template take<false>(p, base, unit, count, leaves);
  }
}

/// The part of the folded axes that threads of this block walk `Step` apart, this one from its place `beside` on.
template <class Program, u32 Step, class Params>
TESSERA_DEVICE void fold_units(const Params& p, byte* const (&base)[Program::operands], int count, u32 beside, u32 full,
                               typename Program::states (&totals)[Program::lanes]) {
  const u32 first = blockIdx.y * p.piece, last = p.folded - first < p.piece ? p.folded : first + p.piece;
  u32 unit = first + beside;
  if constexpr (same<typename Program::leaves, typename Program::states>) {
    take_units<Program, Step>(p, base, count, unit, last, full, totals);
  } else {
    constexpr u32 leaf = 16 * Step;
#pragma unroll 1
    while (unit < last) {
      typename Program::leaves leaves[Program::lanes];
#pragma unroll
      for (int k = 0; k < Program::lanes; ++k) leaves[k].clear();
      take_units<Program, Step>(p, base, count, unit, last - unit > leaf ? unit + leaf : last, full, leaves);
#pragma unroll
      for (int k = 0; k < Program::lanes; ++k) totals[k].join(leaves[k]);
    }
  }
}

/// Joins the totals of groups of `Group` neighbouring threads, a power of two up to 32 or 256; the group's first has them.
template <int Group, class States> TESSERA_DEVICE void join_group(States& mine) {
#pragma unroll 1
  for (int distance = (Group < 32 ? Group : 32) / 2; distance > 0; distance /= 2) {
    mine.join(from_above(mine, distance, Group < 32 ? Group : 32));
  }
  if constexpr (Group > 32) {
    __shared__ States warps[8];
    if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = mine;
    __syncthreads();
    if (threadIdx.x == 0) {
#pragma unroll 1
      for (int k = 1; k < 8; ++k) mine.join(warps[k]);
    }
  }
}

/// Joins the totals of threads with the same number modulo `Width`: that of lane k of thread t, t < Width, is all[t * Lanes + k].
template <int Width, int Lanes, class States>
TESSERA_DEVICE void join_columns(const States (&mine)[Lanes], States (&all)[256 * Lanes]) {
#pragma unroll
  for (int k = 0; k < Lanes; ++k) all[threadIdx.x * Lanes + k] = mine[k];
#pragma unroll 1
  for (u32 half = 128; half >= Width; half /= 2) {
    __syncthreads();
#pragma unroll 1
    for (u32 n = threadIdx.x; n < half * Lanes; n += 256) all[n].join(all[n + half * Lanes]);
  }
  __syncthreads();
}

/// Rows: `Group` threads walk the folded axes of one kept point together.
template <class Program, int Group, bool Split, class Params> TESSERA_DEVICE void fold_rows(const Params& p) {
  const u32 lane = threadIdx.x % Group, kept = blockIdx.x * (256 / Group) + threadIdx.x / Group;
  const bool inside = kept < p.kept;
  typename Program::states total[1];
  byte* base[Program::operands];
  total[0].clear();
  if (inside) {
    Program::kept_place(p, kept, base);
    fold_units<Program, Group>(p, base, 1, lane, p.full, total);
  }
  join_group<Group>(total[0]);
  if (!inside || lane != 0) return;
  if constexpr (Split) {
    auto* const partial = static_cast<typename Program::states*>(p.partial);
    partial[static_cast<u64>(kept) * p.pieces + (p.first_piece + blockIdx.y)] = total[0];
  } else {
    Program::deliver(p, base, 0, total[0]);
  }
}

/// One result of a column: to the partial ones, or where it belongs.
template <class Program, bool Split, class Params>
TESSERA_DEVICE void deliver_column(const Params& p, byte* const (&base)[Program::operands], u32 kept, int k,
                                   const typename Program::states& total) {
  if constexpr (Split) {
    auto* const partial = static_cast<typename Program::states*>(p.partial);
    constexpr u64 lanes = Program::lanes;
    partial[(p.first_piece + blockIdx.y) * (p.kept * lanes) + (kept * lanes + k)] = total;
  } else {
    Program::deliver(p, base, k, total);
  }
}

/// Columns: a thread keeps `lanes` neighbouring results; `Width` threads beside it the next ones, and 256 / Width rows of
/// threads share the folded axes.
template <class Program, int Width, bool Split, class Params> TESSERA_DEVICE void fold_columns(const Params& p) {
  using states = typename Program::states;
  const u32 column = threadIdx.x % Width, row = threadIdx.x / Width, kept = blockIdx.x * Width + column;
  const bool inside = kept < p.kept;
  constexpr int lanes = Program::lanes;
  states totals[lanes];
  byte* base[Program::operands];
  int count = 0;
#pragma unroll
  for (int k = 0; k < lanes; ++k) totals[k].clear();
  if (inside) {
    count = Program::kept_place(p, kept, base);
    fold_units<Program, 256 / Width>(p, base, count, row, count == lanes ? p.folded : 0, totals);
  }
  if constexpr (Width < 256 || lanes * sizeof(states) <= 64) {
    __shared__ states all[256 * lanes];
    join_columns<Width>(totals, all);
    if (row != 0) return;
#pragma unroll 1
    for (int k = 0; k < count; ++k) deliver_column<Program, Split>(p, base, kept, k, all[column * lanes + k]);
  } else {
#pragma unroll
    for (int k = 0; k < lanes; ++k) {
      if (k < count) deliver_column<Program, Split>(p, base, kept, k, totals[k]);
    }
  }
}

/// Joins every `step`th of the partial results from `at` on.
template <class States, class Params>
TESSERA_DEVICE void join_partials(const Params& p, const byte* at, u32 first, u32 step, States& total) {
#pragma unroll 1
  for (u32 i = first; i < p.pieces; i += step) total.join(*reinterpret_cast<const States*>(at + i * p.piece_bytes));
}

/// The second pass, `Group` threads a result where those of one result lie together.
template <class Program, int Group, class Params> TESSERA_DEVICE void join_rows(const Params& p) {
  const u32 lane = threadIdx.x % Group, kept = blockIdx.x * (256 / Group) + threadIdx.x / Group;
  typename Program::states total[1];
  total[0].clear();
  if (kept < p.kept) {
    const byte* const at = static_cast<const byte*>(p.partial) + static_cast<u64>(kept) * p.pieces * sizeof(total[0]);
    join_partials(p, at, lane, Group, total[0]);
  }
  join_group<Group>(total[0]);
  if (kept >= p.kept || lane != 0) return;
  byte* at[Program::operands];
  Program::kept_place(p, kept, at);
  Program::deliver(p, at, 0, total[0]);
}
template <class Program, int Width, class Params> TESSERA_DEVICE void join_kept(const Params& p) {
  constexpr u32 lanes = Program::lanes;
  const u32 column = threadIdx.x % Width, row = threadIdx.x / Width, number = blockIdx.x * Width + column;
  const u32 kept = number / lanes, k = number % lanes;
  typename Program::states total[1];
  byte* at[Program::operands];
  total[0].clear();
  const bool inside = kept < p.kept && static_cast<int>(k) < Program::kept_place(p, kept, at);
  if (inside) {
    const byte* const from = static_cast<const byte*>(p.partial) + static_cast<u64>(number) * sizeof(total[0]);
    join_partials(p, from, row, 256 / Width, total[0]);
  }
  if constexpr (Width < 256) {
    __shared__ typename Program::states all[256];
    join_columns<Width>(total, all);
    if (inside && row == 0) Program::deliver(p, at, k, all[column]);
  } else if (inside) {
    Program::deliver(p, at, k, total[0]);
  }
}

}  // namespace tessera
