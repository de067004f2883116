// Folds: what is kept while elements are taken, how partial results are joined, the loops of a thread and of a block.
//
//   thread   takes 16 steps into a leaf, joins the leaf to its total, and so on: rounding errors grow with the number of
//            leaves, not of elements (src/cuda/fold.cpp keeps that small)
//   block    totals of its threads in a tree: shuffles in a warp, shared memory between warps
//   grid     with few results the folded axes are cut into pieces; a second kernel joins their totals
//
// Every fold is a struct with clear(), take(elements, how many, position of the first), join(other) and result(). Its `leaf`
// is what 16 steps are taken into. All are joined in an order that the shape alone decides.
namespace tessera {

template <class T> using accumulated = either<half<T>, float, T>;
template <class T> TESSERA_DEVICE accumulated<T> accumulate(T x) { return widen(x); }

/// x[0] op … op x[V - 1], in pairs.
template <class Body, class A, int V, class T> TESSERA_DEVICE A in_pairs(const T (&x)[V]) {
  A pairs[V];
#pragma unroll
  for (int k = 0; k < V; ++k) pairs[k] = accumulate(x[k]);
#pragma unroll
  for (int apart = 1; apart < V; apart *= 2) {
#pragma unroll
    for (int k = 0; k + apart < V; k += 2 * apart) pairs[k] = Body()(pairs[k], pairs[k + apart]);
  }
  return pairs[0];
}

/// Folds that are a body of two elements and start from an identity. Joined has the body's value but where one is the identity.
template <class Body, class Identity, class T, class Joined = Body> struct body_fold {
  using leaf = body_fold;
  using value = accumulated<T>;
  value total;

  TESSERA_DEVICE void clear() { total = Identity::template of<value>(); }
  template <int V> TESSERA_DEVICE void take(const T (&x)[V], int count, i64) {
    if (V == 1 || count >= V) {
      total = either<V == 1, Body, Joined>()(total, in_pairs<Body, value>(x));
    } else {
#pragma unroll
      for (int k = 0; k < V; ++k) {
        if (k < count) total = Body()(total, accumulate(x[k]));
      }
    }
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
      const bool each = truth(widen(x[k]));
      if (V == 1 || k < count) total = All ? total && each : total || each;
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
  TESSERA_DEVICE void offer(value x, i64 position) {
    const bool mine_nan = is_nan(best), other_nan = is_nan(x);
    const bool less = Least ? is_less(x, best) : is_less(best, x), more = Least ? is_less(best, x) : is_less(x, best);
    const bool better = other_nan ? !mine_nan : !mine_nan && less;
    const bool equal = other_nan ? mine_nan : !mine_nan && !less && !more;
    if (at < 0 || better || (equal && position < at)) {
      best = x;
      at = position;
    }
  }
  template <int V> TESSERA_DEVICE void take(const T (&x)[V], int count, i64 position) {
#pragma unroll
    for (int k = 0; k < V; ++k) {
      if (V == 1 || k < count) offer(accumulate(x[k]), position + k);
    }
  }
  TESSERA_DEVICE void join(const position_fold& other) {
    if (other.at >= 0) offer(other.best, other.at);
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
#pragma unroll
      for (int k = 0; k < V; ++k) {
        if (V > 1 && k >= some) continue;
        const value each = accumulate(x[k]);
        if (count == 0) centre = each;
        const value apart = each - centre;
        sum += apart;
        squares += apart * apart;
        ++count;
      }
    }
  };

  TESSERA_DEVICE void clear() { count = centre = offset = squares = 0; }
  TESSERA_DEVICE void join(const leaf& other) {
    if (other.count == 0) return;
    const double n = other.count, sum = other.sum, mean = sum / n, left = other.squares - sum * mean;
    join(deviations_of{n, static_cast<double>(other.centre), mean, left < 0 ? 0 : left});  // NaN stays
  }
  TESSERA_DEVICE void join(const deviations_of& other) {
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
//   leaves, states               the folds of all results, as one struct each
//   kept_place(p, unit, at)      each operand's address at a kept unit; how many elements the unit has there
//   take<full>(p, base, unit, count, leaves)  takes the elements of one folded unit, all of them where `full`
//   deliver(p, at, k, states)    stores the results of element k of a kept unit

/// Units first, first + step … before last. Those below `full` have all their elements: several are read at once.
template <class Program, class Params>
TESSERA_DEVICE void fold_units(const Params& p, byte* const (&base)[Program::operands], int count, u32 first, u32 step,
                               u32 last, u32 full, typename Program::states (&totals)[Program::lanes]) {
  constexpr u32 leaf_steps = 16, unroll = Program::unroll;
  const u32 end = full < last ? full : last;
#pragma unroll 1
  for (u32 unit = first; unit < last;) {
    typename Program::leaves leaves[Program::lanes];
#pragma unroll
    for (int k = 0; k < Program::lanes; ++k) leaves[k].clear();
#pragma unroll 1
    for (u32 done = 0; done < leaf_steps && unit < last;) {
      if (unroll > 1 && unit < end && end - unit > (unroll - 1) * step) {
#pragma unroll
        for (u32 u = 0; u < unroll; ++u) Program::template take<true>(p, base, unit + u * step, count, leaves);
        unit += unroll * step;
        done += unroll;
      } else {
        Program::template take<Program::always_full>(p, base, unit, count, leaves);
        unit += step;
        ++done;
      }
    }
#pragma unroll
    for (int k = 0; k < Program::lanes; ++k) totals[k].join(leaves[k]);
  }
}

/// The state of the thread `distance` lanes further.
template <class States> TESSERA_DEVICE States shuffled(const States& mine, int distance, int among) {
  return by_words(mine, [=](u32 word) { return __shfl_down_sync(0xffffffffu, word, distance, among); });
}

/// Joins the totals of groups of `Group` neighbouring threads, a power of two up to 32 or 256; the group's first has them.
template <int Group, class States> TESSERA_DEVICE void join_group(States& mine) {
#pragma unroll 1
  for (int distance = (Group < 32 ? Group : 32) / 2; distance > 0; distance /= 2) {
    mine.join(shuffled(mine, distance, Group < 32 ? Group : 32));
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

/// Joins the totals of threads with the same number modulo `Width`; the first `Width` threads have them.
template <int Width, int Lanes, class States> TESSERA_DEVICE void join_columns(States (&mine)[Lanes]) {
  if constexpr (Width < 256) {
    __shared__ States all[256];
#pragma unroll
    for (int k = 0; k < Lanes; ++k) {
      all[threadIdx.x] = mine[k];
#pragma unroll 1
      for (u32 half = 128; half >= Width; half /= 2) {
        __syncthreads();
        if (threadIdx.x < half) {
          mine[k].join(all[threadIdx.x + half]);
          all[threadIdx.x] = mine[k];
        }
      }
      __syncthreads();
    }
  }
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
    const u32 first = blockIdx.y * p.piece, last = p.folded - first < p.piece ? p.folded : first + p.piece;
    fold_units<Program>(p, base, 1, first + lane, Group, last, p.full, total);
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

/// Columns: a thread keeps `lanes` neighbouring results; `Width` threads beside it the next ones, and 256 / Width rows of
/// threads share the folded axes.
template <class Program, int Width, bool Split, class Params> TESSERA_DEVICE void fold_columns(const Params& p) {
  const u32 column = threadIdx.x % Width, row = threadIdx.x / Width, kept = blockIdx.x * Width + column;
  const bool inside = kept < p.kept;
  constexpr int lanes = Program::lanes;
  typename Program::states totals[lanes];
  byte* base[Program::operands];
  int count = 0;
#pragma unroll
  for (int k = 0; k < lanes; ++k) totals[k].clear();
  if (inside) {
    count = Program::kept_place(p, kept, base);
    const u32 first = blockIdx.y * p.piece, last = p.folded - first < p.piece ? p.folded : first + p.piece;
    fold_units<Program>(p, base, count, first + row, 256 / Width, last, count == lanes ? last : 0, totals);
  }
  join_columns<Width>(totals);
  if (!inside || row != 0) return;
#pragma unroll
  for (int k = 0; k < lanes; ++k) {
    if (k >= count) break;
    if constexpr (Split) {
      auto* const partial = static_cast<typename Program::states*>(p.partial);
      partial[static_cast<u64>(p.first_piece + blockIdx.y) * p.kept * lanes + kept * lanes + k] = totals[k];
    } else {
      Program::deliver(p, base, k, totals[k]);
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
  join_columns<Width>(total);
  if (inside && row == 0) Program::deliver(p, at, k, total[0]);
}

}  // namespace tessera
