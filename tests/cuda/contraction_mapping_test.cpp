// Which calls of cuBLAS a contraction becomes, and that these calls, done by plain loops, give what nested loops give. No GPU.
#include "cuda/contraction_mapping.hpp"

#include <gtest/gtest.h>

#include <complex>

#include "cuda/contraction_patterns.hpp"

namespace tessera::detail::cuda {
namespace {

using namespace tessera_test;

/// The mapping as the table of patterns writes it.
std::string brief(const contraction_mapping& m) {
  std::string text;
  if (m.copy_of_x.made) text += m.copy_of_x.conjugated ? 'X' : 'x';
  if (m.copy_of_y.made) text += 'y';
  if (m.copy_of_to.made) text += 'r';
  if (!text.empty()) text += '|';
  if (m.batches == product_batches::one) text += '1';
  if (m.batches == product_batches::strided) text += 'S' + std::to_string(m.products);
  if (m.batches == product_batches::pointers) text += 'P' + std::to_string(points(m.outer));
  text += ' ';
  text += static_cast<char>(m.first.op);
  text += static_cast<char>(m.second.op);
  text += ' ';
  text += std::to_string(m.rows) + 'x' + std::to_string(m.columns) + 'x' + std::to_string(m.summed);
  if (calls_of(m) > 1) text += ' ' + std::to_string(calls_of(m)) + " calls";
  return text;
}

template <class T> T conjugate(T x) {
  if constexpr (std::is_same_v<T, std::complex<float>>) return std::conj(x);
  else return x;
}

/// Copies and calls of a mapping, done by plain loops that know what cuBLAS's arguments mean.
template <class T> class simulation {
 public:
  explicit simulation(const contraction_mapping& m) : m_(m) {}

  void run() {
    const std::byte *x = m_.x, *y = m_.y;
    std::byte* to = m_.to;
    std::vector<T> own_x, own_y, own_to(static_cast<std::size_t>(m_.copy_of_to.bytes) / sizeof(T));
    if (m_.copy_of_x.made) x = packed(m_.copy_of_x, m_.x, own_x);
    if (m_.copy_of_y.made) y = packed(m_.copy_of_y, m_.y, own_y);
    if (m_.copy_of_to.made) to = reinterpret_cast<std::byte*>(own_to.data());
    for_each_point({m_.outer.begin(), m_.outer.end()}, [&](std::int64_t at_x, std::int64_t at_y, std::int64_t at_to) {
      const std::byte *const here_x = x + at_x, *const here_y = y + at_y;
      call(m_.y_first ? here_y : here_x, m_.y_first ? here_x : here_y, to + at_to);
    });
    if (!m_.copy_of_to.made) return;
    std::size_t next = 0;
    for_each_point(axes_of(m_.copy_of_to), [&](std::int64_t at, std::int64_t, std::int64_t) {
      std::memcpy(m_.to + at, &own_to[next++], sizeof(T));
    });
  }

 private:
  static std::vector<contraction_axis> axes_of(const mapped_copy& copy) {
    std::vector<contraction_axis> axes;
    for (int i = 0; i < copy.extents.size(); ++i) axes.push_back({copy.extents[i], copy.strides[i], 0, 0});
    return axes;
  }
  static const std::byte* packed(const mapped_copy& copy, const std::byte* from, std::vector<T>& own) {
    for_each_point(axes_of(copy), [&](std::int64_t at, std::int64_t, std::int64_t) {
      T value;
      std::memcpy(&value, from + at, sizeof value);
      own.push_back(copy.conjugated ? conjugate(value) : value);
    });
    EXPECT_EQ(own.size() * sizeof(T), static_cast<std::size_t>(copy.bytes));
    return reinterpret_cast<const std::byte*>(own.data());
  }

  /// Element [row, column] of op(matrix), whose `high` rows lie in columns of `leading`.
  static T at(const mapped_matrix& m, const T* data, std::int64_t row, std::int64_t column) {
    if (m.op == matrix_op::none) return data[row + column * m.leading];
    const T value = data[column + row * m.leading];
    return m.op == matrix_op::conjugated ? conjugate(value) : value;
  }
  void check(const mapped_matrix& m, std::int64_t rows, std::int64_t columns, const void* data) const {
    EXPECT_GE(m.leading, std::max<std::int64_t>(1, m.op == matrix_op::none ? rows : columns));
    EXPECT_GE(m.step, 0);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(data) % sizeof(T), 0u);
    if (m_.batches == product_batches::pointers) {
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(data) % 16, 0u);
    }
  }
  void call(const std::byte* first, const std::byte* second, std::byte* result) const {
    check(m_.first, m_.rows, m_.summed, first);
    check(m_.second, m_.summed, m_.columns, second);
    check(m_.result, m_.rows, m_.columns, result);
    for (std::int64_t p = 0; p < m_.products; ++p) {
      const T* const a = reinterpret_cast<const T*>(first) + p * m_.first.step;
      const T* const b = reinterpret_cast<const T*>(second) + p * m_.second.step;
      T* const c = reinterpret_cast<T*>(result) + p * m_.result.step;
      for (std::int64_t i = 0; i < m_.rows; ++i) {
        for (std::int64_t j = 0; j < m_.columns; ++j) {
          T sum = 0;
          for (std::int64_t k = 0; k < m_.summed; ++k) sum += at(m_.first, a, i, k) * at(m_.second, b, k, j);
          c[i + j * m_.result.leading] = sum;
        }
      }
    }
  }

  const contraction_mapping& m_;
};

template <class T> void fill(laid_out<T>& x, unsigned seed) {
  std::mt19937 random(seed);
  for (T& each : x.memory) {
    if constexpr (std::is_same_v<T, std::complex<float>>) each = {float(random() % 9) - 4, float(random() % 9) - 4};
    else each = static_cast<T>(random() % 9) - 4;
  }
}

template <class T> inline const dtype type_of = std::is_same_v<T, float> ? float32 : complex64;

/// Runs the simulation of `plan`, and expects the values of nested loops, nothing else written.
template <class T> void expect_same(const contraction_plan& plan, std::vector<T>& result) {
  const auto untouched = static_cast<T>(12345);
  std::fill(result.begin(), result.end(), untouched);
  simulation<T>(map_contraction(plan)).run();
  const std::vector<T> got = result;
  std::set<const std::byte*> seen;
  std::fill(result.begin(), result.end(), untouched);
  nested_loops(plan, [&](std::byte* to, const std::byte* x, const std::byte* y) {
    T a, b, sum;
    std::memcpy(&a, x, sizeof a);
    std::memcpy(&b, y, sizeof b);
    std::memcpy(&sum, to, sizeof sum);
    sum = (seen.insert(to).second ? T(0) : sum) + (plan.conjugate_x ? conjugate(a) : a) * b;
    std::memcpy(to, &sum, sizeof sum);
  });
  EXPECT_EQ(got, result);
}

TEST(contraction_mapping, makes_the_calls_that_the_rules_say) {
  for (const pattern& p : patterns) {
    for (const layout how : all_layouts) {
      SCOPED_TRACE(std::string(p.equation) + " " + p.extents + ", layout " + std::to_string(static_cast<int>(how)));
      const equation e(p.equation, p.extents);
      laid_out<float> x(e.x, e, how), y(e.y, e, how), to(e.to, e, layout::contiguous);
      const contraction_plan plan = plan_of(e, x, y, to, float32);
      EXPECT_EQ(brief(map_contraction(plan)), p.calls[static_cast<int>(how)]);
    }
  }
}

TEST(contraction_mapping, gives_what_nested_loops_give) {
  for (const pattern& p : patterns) {
    for (const layout how : all_layouts) {
      SCOPED_TRACE(std::string(p.equation) + " " + p.extents + ", layout " + std::to_string(static_cast<int>(how)));
      const equation e(p.equation, p.extents);
      laid_out<float> x(e.x, e, how), y(e.y, e, how), to(e.to, e, layout::contiguous);
      fill(x, 1);
      fill(y, 2);
      expect_same(plan_of(e, x, y, to, float32), to.memory);
    }
  }
}

/// The brief mapping of x[i, k] * y[k, j], whose strides are given in bytes, and the same results from the simulation.
template <class T>
std::string product(const shape& x, const shape& y, bool conjugated = false, std::int64_t offset = 0) {
  constexpr std::int64_t m = 20, n = 28, k = 24, item = sizeof(T), middle = 4096;
  std::vector<T> a(20000), b(20000), to(m * n);
  laid_out<T> filled("i", equation("i,i->i", "i20000"), layout::contiguous);
  fill(filled, 3);
  a = filled.memory;
  fill(filled, 4);
  b = filled.memory;
  contraction_plan plan;
  plan.type = type_of<T>;
  plan.conjugate_x = conjugated;
  plan.x = reinterpret_cast<const std::byte*>(a.data() + middle) + offset;
  plan.y = reinterpret_cast<const std::byte*>(b.data() + middle);
  plan.to = reinterpret_cast<std::byte*>(to.data());
  plan.rows.push_back({m, x[0], 0, n * item});
  plan.columns.push_back({n, 0, y[1], item});
  plan.summed.push_back({k, x[1], y[0], 0});
  if (offset == 0 && x[0] % item == 0 && x[1] % item == 0) expect_same(plan, to);
  return brief(map_contraction(plan));
}

TEST(contraction_mapping, copies_what_is_no_matrix) {
  EXPECT_EQ(product<float>({96, 4}, {112, 4}), "1 NN 28x20x24");
  EXPECT_EQ(product<float>({200, 8}, {112, 4}), "x|1 NN 28x20x24");  // every second element
  EXPECT_EQ(product<float>({-96, 4}, {112, 4}), "x|1 NN 28x20x24");  // rows backwards
  EXPECT_EQ(product<float>({96, -4}, {112, 4}), "x|1 NN 28x20x24");  // one operand backwards along what is summed
  EXPECT_EQ(product<float>({96, -4}, {-112, 4}), "1 NN 28x20x24");   // both: turned around
  EXPECT_EQ(product<float>({96, 4}, {112, -4}), "y|1 TN 28x20x24");
  EXPECT_EQ(product<float>({0, 4}, {112, 4}), "x|1 NN 28x20x24");  // repeated rows
  EXPECT_EQ(product<float>({96, 4}, {0, 4}), "y|1 TN 28x20x24");
  EXPECT_EQ(product<float>({4, 4}, {112, 4}), "x|1 NN 28x20x24");             // windows that overlap
  EXPECT_EQ(product<float>({97, 4}, {112, 4}), "x|1 NN 28x20x24");            // not whole elements apart
  EXPECT_EQ(product<float>({96, 4}, {112, 4}, false, 2), "x|1 NN 28x20x24");  // misaligned
}

TEST(contraction_mapping, conjugates_together_with_a_transposition_or_in_a_copy) {
  using c = std::complex<float>;
  EXPECT_EQ(product<c>({192, 8}, {224, 8}), "1 NN 28x20x24");
  EXPECT_EQ(product<c>({192, 8}, {224, 8}, true), "X|1 NN 28x20x24");
  EXPECT_EQ(product<c>({8, 160}, {224, 8}, true), "1 NC 28x20x24");
  EXPECT_EQ(product<c>({8, 160}, {8, 192}, true), "1 TC 28x20x24");
  EXPECT_EQ(product<c>({192, 8}, {224, 8}, true, 4), "X|1 NN 28x20x24");
}

TEST(contraction_mapping, prints_as_text) {
  const auto text = [](const char* equation_text, const char* extents, dtype type, bool tf32 = false) {
    const equation e(equation_text, extents);
    laid_out<float> x(e.x, e, layout::contiguous), y(e.y, e, layout::contiguous), to(e.to, e, layout::contiguous);
    contraction_plan plan = plan_of(e, x, y, to, type);
    plan.tf32 = tf32;
    return text_of(map_contraction(plan));
  };
  EXPECT_EQ(text("ij,jk->ik", "i20 j24 k28", float32), "cublasGemmEx NN 28 x 20 x 24");
  EXPECT_EQ(text("ij,jk->ik", "i20 j24 k28", float32, true), "cublasGemmEx NN 28 x 20 x 24 in TF32");
  EXPECT_EQ(text("ijk,kjl->il", "i20 j6 k8 l28", float32), "copy of x (3.75 KiB), cublasGemmEx NN 28 x 20 x 48");
  EXPECT_EQ(text("bij,bjk->ikb", "b6 i20 j24 k28", float32),
            "cublasGemmStridedBatchedEx NN 28 x 20 x 24, 6 products, copy of the result (13.12 KiB)");
  EXPECT_EQ(text("bihd,bjhd->bhij", "b3 i20 h4 d24 j28", float32),
            "cublasGemmStridedBatchedEx TN 28 x 20 x 24, 4 products, 3 calls");
  EXPECT_EQ(text("bihd,bjhd->bhij", "b9 i20 h12 d24 j28", float32),
            "cublasGemmBatchedEx TN 28 x 20 x 24, 108 products");
}

TEST(contraction_mapping, cuts_more_products_than_a_call_may_have) {
  contraction_plan plan;
  plan.type = float32;
  plan.batch.push_back({200'000, 16 * 16 * 4, 16 * 16 * 4, 16 * 16 * 4});
  plan.rows.push_back({16, 64, 0, 64});
  plan.columns.push_back({16, 0, 4, 4});
  plan.summed.push_back({16, 4, 64, 0});
  const contraction_mapping m = map_contraction(plan);
  EXPECT_EQ(m.products, 200'000);
  EXPECT_EQ(calls_of(m), 4);
}

/// Axes of random roles in random order, each forwards, backwards, repeated, or with gaps; some arrays not aligned.
class random_plan_maker {
 public:
  explicit random_plan_maker(unsigned seed) : random_(seed) {}

  contraction_plan make() {
    const int count = 2 + one_of(5);
    std::vector<std::int64_t> extents;
    std::vector<int> roles;
    for (int i = 0; i < count; ++i) {
      extents.push_back(one_of(4) == 0 ? 17 : 2 + one_of(3));
      roles.push_back(one_of(4));
    }
    std::vector<std::int64_t> x = strides(extents, roles, 2, memory_x_, true),
                              y = strides(extents, roles, 1, memory_y_, true);
    std::vector<std::int64_t> to = strides(extents, roles, 3, memory_to_, false);
    contraction_plan plan;
    plan.type = float32;
    plan.x = start_of(memory_x_);
    plan.y = start_of(memory_y_);
    result.assign(memory_to_.size() / 4, 0);
    plan.to = reinterpret_cast<std::byte*>(result.data());
    contraction_axes* const groups[] = {&plan.batch, &plan.rows, &plan.columns, &plan.summed};
    for (int i = 0; i < count; ++i) groups[roles[i]]->push_back({extents[i], x[i], y[i], to[i]});
    for (contraction_axes* group : {&plan.batch, &plan.rows, &plan.columns}) {
      std::stable_sort(group->begin(), group->end(), [](const auto& a, const auto& b) { return a.to > b.to; });
    }
    std::stable_sort(plan.summed.begin(), plan.summed.end(),
                     [](const auto& a, const auto& b) { return std::abs(a.y) > std::abs(b.y); });
    return plan;
  }
  std::vector<std::uint32_t> result;  // modulo 2**32 every order of a sum gives the same

 private:
  int one_of(int count) { return static_cast<int>(random_() % static_cast<unsigned>(count)); }

  /// Of the axes but those of role `without`; fills memory large enough on both sides of its middle.
  std::vector<std::int64_t> strides(const std::vector<std::int64_t>& extents, const std::vector<int>& roles,
                                    int without, std::vector<std::byte>& memory, bool any) {
    std::vector<std::size_t> order(extents.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    if (any || one_of(2) == 0) std::shuffle(order.begin(), order.end(), random_);
    std::vector<std::int64_t> all(extents.size(), 0);
    std::int64_t next = any && one_of(12) == 0 ? 5 : 4, whole = 4;
    for (const std::size_t i : order) {
      if (roles[i] == without || (any && one_of(12) == 0)) continue;
      if (any && one_of(10) == 0) next *= 2;
      all[i] = any && one_of(10) == 0 ? -next : next;
      next *= extents[i];
      whole = std::max(whole, next);
    }
    memory.resize(static_cast<std::size_t>(2 * whole + 64));
    for (std::byte& each : memory) each = static_cast<std::byte>(random_());
    if (!any) memory.resize(static_cast<std::size_t>(whole));
    return all;
  }
  const std::byte* start_of(const std::vector<std::byte>& memory) {
    return memory.data() + memory.size() / 8 * 4 + (one_of(12) == 0 ? 4 * one_of(3) + 2 : 0);
  }

  std::mt19937 random_;
  std::vector<std::byte> memory_x_, memory_y_, memory_to_;
};

TEST(contraction_mapping, of_anything_gives_what_nested_loops_give) {
  for (unsigned seed = 0; seed < 4000; ++seed) {
    random_plan_maker maker(seed);
    const contraction_plan plan = maker.make();
    if (points(plan.batch) * points(plan.rows) * points(plan.columns) * points(plan.summed) > 300'000) continue;
    SCOPED_TRACE("seed " + std::to_string(seed) + ": " + text_of(map_contraction(plan)));
    expect_same(plan, maker.result);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace tessera::detail::cuda
