// The workloads that are products or norms as a user of OpenBLAS writes them:   tessera-peer-openblas [THREADS]
#include "serve.hpp"  // its line of JSON each way

#include <cblas.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace peer {

/// A matrix where it lies, its elements in C order.
template <class T> struct matrix {
  const T* data;
  int rows, columns;
  bool transposed = false;
};

/// scale * a * b into `result`, which is in C order.
template <class T> void multiply(T scale, const matrix<T>& a, const matrix<T>& b, T* result) {
  const auto flag = [](const matrix<T>& m) { return m.transposed ? CblasTrans : CblasNoTrans; };
  const int m = a.transposed ? a.columns : a.rows, k = a.transposed ? a.rows : a.columns;
  const int n = b.transposed ? b.rows : b.columns;
  const auto gemm = [] {
    if constexpr (std::is_same_v<T, float>) return &cblas_sgemm;
    else return &cblas_dgemm;
  }();
  gemm(CblasRowMajor, flag(a), flag(b), m, n, k, scale, a.data, a.columns, b.data, b.columns, T(0), result, n);
}

inline float norm(int n, const float* x) { return cblas_snrm2(n, x, 1); }
inline double norm(int n, const double* x) { return cblas_dnrm2(n, x, 1); }

template <class T> matrix<T> as_matrix(task& t, const char* letter) {
  const operand& in = t.in(letter);
  return {in.data<T>(), static_cast<int>(in.extents[0]), static_cast<int>(in.extents[1])};
}

template <class T> block<T> new_block(std::int64_t n) { return block<T>(new T[n]); }

/// Of a, b with one of the two transposed, or none.
template <bool a_transposed, bool b_transposed>
constexpr auto product = []<class T>(task& t) {
  matrix<T> a = as_matrix<T>(t, "a"), b = as_matrix<T>(t, "b");
  a.transposed = a_transposed;
  b.transposed = b_transposed;
  const std::int64_t m = a_transposed ? a.columns : a.rows, n = b_transposed ? b.rows : b.columns;
  const auto call = [&] {
    block<T> result = new_block<T>(m * n);
    multiply(T(1), a, b, result.get());
    return result;
  };
  t.run(call, shape{m, n});
};

/// Of the last two axes.
template <bool b_transposed> void batched_product(task& t) {
  const operand &a = t.in("a"), &b = t.in("b");
  const std::size_t last = a.extents.size() - 1;
  const int m = static_cast<int>(a.extents[last - 1]), k = static_cast<int>(a.extents[last]);
  const int n = static_cast<int>(b.extents[b_transposed ? last - 1 : last]);
  const std::int64_t count = a.size() / m / k;
  shape extents = a.extents;
  extents[last] = n;
  const auto call = [&] {
    block<float> result = new_block<float>(count * m * n);
    for (std::int64_t i = 0; i < count; ++i) {
      const matrix<float> left{a.data<float>() + i * m * k, m, k};
      const matrix<float> right{b.data<float>() + i * k * n, b_transposed ? n : k, b_transposed ? k : n, b_transposed};
      multiply(1.0f, left, right, result.get() + i * m * n);
    }
    return result;
  };
  t.run(call, extents);
}

void batched_matrix_vector(task& t) {
  const operand &a = t.in("a"), &b = t.in("b");
  const std::int64_t count = a.extents[0];
  const int m = static_cast<int>(a.extents[1]), k = static_cast<int>(a.extents[2]);
  const auto call = [&] {
    block<float> result = new_block<float>(count * m);
    for (std::int64_t i = 0; i < count; ++i)
      cblas_sgemv(CblasRowMajor, CblasNoTrans, m, k, 1, a.data<float>() + i * m * k, k, b.data<float>() + i * k, 1, 0,
                  result.get() + i * m, 1);
    return result;
  };
  t.run(call, shape{count, m});
}

void chain3(task& t) {
  const auto a = as_matrix<float>(t, "a"), b = as_matrix<float>(t, "b"), c = as_matrix<float>(t, "c");
  const auto call = [&] {
    const block<float> of_two = new_block<float>(std::int64_t{b.rows} * c.columns);
    multiply(1.0f, b, c, of_two.get());
    block<float> result = new_block<float>(std::int64_t{a.rows} * c.columns);
    multiply(1.0f, a, {of_two.get(), b.rows, c.columns}, result.get());
    return result;
  };
  t.run(call, shape{a.rows, c.columns});
}

constexpr auto norm_of_all = []<class T>(task& t) {
  const operand& x = t.in("x");
  t.run([&] { return norm(static_cast<int>(x.size()), x.data<T>()); });
};

void norm_of_rows(task& t) {
  const auto x = as_matrix<float>(t, "x");
  const auto call = [&] {
    block<float> result = new_block<float>(x.rows);
    for (std::int64_t i = 0; i < x.rows; ++i) result[i] = norm(x.columns, x.data + i * x.columns);
    return result;
  };
  t.run(call, shape{x.rows});
}

/// Squares of the rows' norms.
template <class T> block<T> squares(const matrix<T>& x) {
  block<T> result = new_block<T>(x.rows);
  for (std::int64_t i = 0; i < x.rows; ++i) {
    T sum = 0;
    for (std::int64_t j = 0; j < x.columns; ++j) sum += x.data[i * x.columns + j] * x.data[i * x.columns + j];
    result[i] = sum;
  }
  return result;
}

/// |x|² + |y|² - 2 x y.
template <bool root>
constexpr auto distances = []<class T>(task& t) {
  const auto x = as_matrix<T>(t, "x");
  auto y = as_matrix<T>(t, "y");
  const std::int64_t rows = x.rows, columns = y.rows;
  const auto call = [&] {
    block<T> result = new_block<T>(rows * columns);
    const block<T> of_x = squares(x), of_y = squares(y);
    y.transposed = true;
    multiply(T(-2), x, y, result.get());
    for (std::int64_t i = 0; i < rows; ++i) {
      T* row = result.get() + i * columns;
      for (std::int64_t j = 0; j < columns; ++j) {
        const T square = std::max(row[j] + of_x[i] + of_y[j], T(0));
        row[j] = root ? std::sqrt(square) : square;
      }
    }
    return result;
  };
  t.run(call, shape{rows, columns});
};

// clang-format off
const row rows[] = {
    {"mm_f",               of_types<float, double>(product<false, false>)},
    {"mm_bt_",             of_types<float>(product<false, true>)},
    {"mm_at_",             of_types<float>(product<true, false>)},
    {"bmm_",               batched_product<false>},
    {"attn_scores_",       batched_product<true>},
    {"bmv_",               batched_matrix_vector},
    {"chain3_",            chain3},
    {"norm_rows_",         norm_of_rows},
    {"norm_",              of_types<float, double>(norm_of_all)},
    {"cdist_euclidean_",   of_types<float, double>(distances<true>)},
    {"cdist_sqeuclidean_", of_types<float, double>(distances<false>)},
};
// clang-format on

}  // namespace peer

int main(int argc, char** argv) {
  const int threads = peer::wanted_threads(argc, argv);
  openblas_set_num_threads(threads);
  std::string version = openblas_get_config();  // "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH …"
  version = version.substr(0, version.find(' ', version.find(' ') + 1));
  return peer::serve("openblas", version + ", " + openblas_get_corename(), threads, peer::rows);
}
