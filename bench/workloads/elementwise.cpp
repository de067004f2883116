// Elementwise workloads: one statement each, as NumPy's expression.
#include "workload.hpp"

namespace bench {
namespace {

using namespace tessera;

constexpr double inverse_root_two_pi = 0.3989422804014327;
constexpr std::int64_t rows = 4096, columns = 1024;  // of the matrices that broadcast a row or a column

answer like_a(const operands& in, std::function<double(std::int64_t)> element) {
  return {in.a.shape(), in.a.dtype(), std::move(element)};
}

answer like_x(const operands& in, std::function<double(std::int64_t)> element) {
  return {in.x.shape(), in.x.dtype(), std::move(element)};
}

answer sum_of_a_and_b(const operands& in) {
  return like_a(in, [a = in["a"], b = in["b"]](std::int64_t k) { return a(k) + b(k); });
}

answer sum_with_transposed(const operands& in) {
  return like_a(in, [a = in["a"], b = in["b"]](std::int64_t k) {
    const std::int64_t n = a.extent(1);
    return a(k) + b(k % n * n + k / n);
  });
}

answer sum_of_every_other(const operands& in) {
  return {shape(in.a.shape()[0] / 2), in.a.dtype(),
          [a = in["a"], b = in["b"]](std::int64_t k) { return a(2 * k) + b(2 * k); }};
}

/// (x - mean) / standard deviation over the row or column that element k lies in.
double zscore(const input& x, std::int64_t k, std::int64_t first, std::int64_t step, std::int64_t count) {
  double sum = 0, squares = 0;
  for (std::int64_t j = 0; j < count; ++j) sum += x(first + j * step);
  const double mean = sum / static_cast<double>(count);
  for (std::int64_t j = 0; j < count; ++j) squares += (x(first + j * step) - mean) * (x(first + j * step) - mean);
  return (x(k) - mean) / std::sqrt(squares / static_cast<double>(count));
}

answer zscore_of_columns(const operands& in) {
  return like_x(in, [x = in["x"]](std::int64_t k) { return zscore(x, k, k % columns, columns, rows); });
}

answer zscore_of_rows(const operands& in) {
  return like_x(in, [x = in["x"]](std::int64_t k) { return zscore(x, k, k - k % columns, 1, columns); });
}

answer scaled_by_row(const operands& in) {
  return like_x(
      in, [x = in["x"], m = in["m"], s = in["s"]](std::int64_t k) { return (x(k) - m(k % columns)) / s(k % columns); });
}

answer scaled_by_column(const operands& in) {
  return like_x(
      in, [x = in["x"], m = in["m"], s = in["s"]](std::int64_t k) { return (x(k) - m(k / columns)) / s(k / columns); });
}

answer gauss(const operands& in) {
  return like_x(in, [x = in["x"]](std::int64_t k) { return std::exp(-x(k) * x(k) / 2) * inverse_root_two_pi; });
}

answer polynomial(const operands& in) {
  return like_x(in, [x = in["x"]](std::int64_t k) {
    double sum = 0;
    for (const double coefficient : {0.1, 0.2, 0.3, 0.4, 0.5, 0.6}) sum = sum * x(k) + coefficient;
    return sum;
  });
}

answer leaky(const operands& in) {
  return like_x(in, [x = in["x"]](std::int64_t k) { return x(k) > 0 ? x(k) : 0.1 * x(k); });
}

answer mask_logic(const operands& in) {
  return {in.a.shape(), bool_, [a = in["a"], b = in["b"], c = in["c"]](std::int64_t k) -> double {
            return (a(k) > 0 && b(k) < 1) || c(k) == 0;
          }};
}

const entry entries[] = {
    {"add_(f16|bf16|f32|f64)_(10|1e3|1e5|1e7)", [](const operands& in) -> array { return in.a + in.b; },
     sum_of_a_and_b},
    {"add_out_(f32|f64)_1e7",
     [](const operands& in) -> array {
       apply(in.o, in.a + in.b);
       return in.o;
     },
     sum_of_a_and_b},
    {"add_transposed_f32_4096", [](const operands& in) -> array { return in.a + in.b.T(); }, sum_with_transposed},
    {"add_strided_f32_1e7",
     [](const operands& in) -> array { return in.a(slice(none, none, 2)) + in.b(slice(none, none, 2)); },
     sum_of_every_other},
    {"zscore_cols_f32",
     [](const operands& in) -> array {
       return (in.x - mean(in.x, 0, {.keepdims = true})) / stddev(in.x, 0, {.keepdims = true});
     },
     zscore_of_columns},
    {"zscore_rows_f32",
     [](const operands& in) -> array {
       return (in.x - mean(in.x, 1, {.keepdims = true})) / stddev(in.x, 1, {.keepdims = true});
     },
     zscore_of_rows},
    {"bcast_row_f32", [](const operands& in) -> array { return (in.x - in.m) / in.s; }, scaled_by_row},
    {"bcast_col_f32", [](const operands& in) -> array { return (in.x - in.m) / in.s; }, scaled_by_column},
    {"gauss_(f32|f64)_1e7", [](const operands& in) -> array { return exp(-in.x * in.x / 2) * inverse_root_two_pi; },
     gauss},
    {"poly10_(f32|f64)_1e7",
     [](const operands& in) -> array {
       return ((((0.1 * in.x + 0.2) * in.x + 0.3) * in.x + 0.4) * in.x + 0.5) * in.x + 0.6;
     },
     polynomial},
    {"leaky_where_f32_1e7", [](const operands& in) -> array { return where(in.x > 0, in.x, 0.1 * in.x); }, leaky},
    {"masklogic_i32_1e7", [](const operands& in) -> array { return ((in.a > 0) & (in.b < 1)) | ~in.c; }, mask_logic},
};

}  // namespace

std::span<const entry> elementwise_entries() { return entries; }

}  // namespace bench
