// The corpus of kernels.
#include "corpus.hpp"

#include "core/access.hpp"
#include "cuda/contraction.hpp"
#include "cuda/distances.hpp"
#include "cuda/elementwise.hpp"
#include "cuda/fold.hpp"
#include "cuda/nearest.hpp"
#include "cuda/pairs.hpp"
#include "expr/fold.hpp"
#include "ops/metric_rows.hpp"

namespace tessera::detail {
namespace {

constexpr dtype all_dtypes[] = {bool_,  int8,    int16,    int32,   int64,   uint8,     uint16,    uint32,
                                uint64, float16, bfloat16, float32, float64, complex64, complex128};
constexpr int architectures[] = {75, 80, 90, 100, 120};

bool has_loop(op code, dtype type) {
  const std::uint8_t kind = type == bool_ ? B : type.kind() == 'f' ? F : type.kind() == 'c' ? C : I;
  return (info(code).loops & kind) != 0 && !(info(code).notes == note::strict_bool && type == bool_);
}

enum class sample { contiguous, rows, strided, transposed };

/// One instruction on operands that lie like this. Nothing is read: addresses stand for alignment.
stage stage_of(op code, dtype loop, sample how) {
  stage s;
  const op_info& row = info(code);
  s.extents = how == sample::contiguous ? shape{100003} : shape{301, 64};
  s.folded = axis_flags(static_cast<std::size_t>(s.extents.size()));
  const auto strides = [&](dtype type, bool repeated) {
    const std::int64_t size = type.itemsize();
    if (how == sample::contiguous) return shape{size};
    if (how == sample::rows) return repeated ? shape{size, 0} : shape{64 * size, size};
    if (how == sample::transposed) return repeated ? shape{size, 301 * size} : shape{64 * size, size};
    return shape{200 * size, 3 * size};
  };
  instruction i{code, loop};
  for (int k = 0; k < row.arity; ++k) {
    const dtype type = code == op::where && k == 0 ? bool_ : k == 1 && row.notes == note::integer_second ? int64 : loop;
    s.inputs.push_back({reinterpret_cast<std::byte*>(4096), type,
                        strides(type, k == (how == sample::transposed ? row.arity - 1 : 1))});
    s.register_types.push_back(type);
    i.source[k] = static_cast<reg>(k);
  }
  const dtype gives = code == op::cast ? (loop == float32 ? int16 : float32) : result_dtype(code, loop);
  i.result = static_cast<reg>(row.arity);
  s.instructions.push_back(i);
  s.register_types.push_back(gives);
  s.results.push_back(
      {i.result, fold::none, {reinterpret_cast<std::byte*>(8192), gives, strides(gives, false)}, no_reg});
  return s;
}

stage fold_of(fold by, dtype type, bool columns) {
  stage s;
  s.extents = {1000, 1000};
  s.folded = {columns, !columns};
  const std::int64_t size = type.itemsize();
  const dtype gives = by == fold::any || by == fold::all         ? bool_
                      : by == fold::argmin || by == fold::argmax ? int64
                                                                 : type;
  s.inputs.push_back({reinterpret_cast<std::byte*>(4096), type, {1000 * size, size}});
  s.register_types.push_back(type);
  s.results.push_back(
      {0,
       by,
       {reinterpret_cast<std::byte*>(8192), gives, columns ? shape{0, gives.itemsize()} : shape{gives.itemsize(), 0}},
       no_reg});
  return s;
}

/// A contraction whose batch, rows, columns and summed points are of this many axes each. Nothing is read.
contraction_plan contraction_of(dtype type, int axes, bool large, bool columns_first, bool wide) {
  contraction_plan plan;
  plan.type = type;
  plan.x = reinterpret_cast<const std::byte*>(4096);
  plan.y = plan.x;
  plan.to = reinterpret_cast<std::byte*>(8192);
  const std::int64_t size = type.itemsize(), far = (wide ? std::int64_t{1} << 32 : 1000) * size;
  const auto add = [&](contraction_axes& group, std::int64_t extent, std::int64_t x, std::int64_t y, std::int64_t to) {
    for (int i = 0; i < axes; ++i) {
      const std::int64_t times = axes - i;  // gaps: nothing merges
      group.push_back({extent, x * times, y * times, to * times});
    }
  };
  const std::int64_t row = columns_first ? size : far, column = columns_first ? far : size;
  add(plan.batch, large ? 300 : 3, far, far, far);
  add(plan.rows, 40, row, 0, far);
  add(plan.columns, 40, 0, row, size);
  add(plan.summed, 40, column, column, 0);
  return plan;
}

/// Distances of 1000 rows and 1000, with the fields that the front end makes of rows of d coordinates. Nothing is read.
distance_plan distances_of(metric_code what, dtype type, std::int64_t d) {
  std::string name = name_of(what);
  const bool expanded = name.starts_with("expanded_");
  if (expanded) name = name.substr(9);
  const array x =
      zeros({2, what == metric_code::haversine ? 2 : d}, what == metric_code::bitwise_hamming ? uint64 : type);
  metric_options options;
  if (what == metric_code::mahalanobis) options.VI = {zeros({d, d})};
  if (what == metric_code::minkowski) options.p = 3.5;
  const metric by(name, options);
  const distance_method method(expanded ? "expanded" : "exact");
  const caller where;
  const metric_rows rows = rows_of({"cdist", x, x, true, by, method, type, where});
  std::byte* const data = reinterpret_cast<std::byte*>(4096);
  distance_plan plan;
  plan.what = rows.what;
  plan.type = rows.type;
  plan.result = rows.result;
  plan.n = plan.m = 1000;
  plan.d = rows.x[0].shape()[1];
  const std::int64_t size = rows.type.itemsize(), result = rows.result.itemsize();
  for (std::size_t k = 0; k < rows.x.size(); ++k) plan.x.push_back({data, rows.type, {plan.d * size, size}});
  for (std::size_t k = 0; k < rows.y.size(); ++k) plan.y.push_back({data, rows.type, {plan.d * size, size}});
  if (access::storage_of(rows.x_row)) plan.x_row = {data, rows.type, {size}};
  if (access::storage_of(rows.y_row)) plan.y_row = {data, rows.type, {size}};
  plan.to = {data, rows.result, {1000 * result, result}};
  return plan;
}

}  // namespace

void for_each_metric_kernel(const std::function<void(const cuda::kernel_text&)>& take) {
  for (int code = 0; code < metric_count; ++code) {
    const metric_code what = static_cast<metric_code>(code);
    for (const dtype type : {float32, float64}) {
      const distance_plan plan = distances_of(what, type, 64);
      if (plan.type != type && type == float32) continue;  // always in float64
      take(cuda::distances_text_of(plan));
      if (type != float32 || what == metric_code::haversine) continue;
      cuda::kernel_text leaves = cuda::distances_text_of(distances_of(what, type, 256));
      const std::string name = leaves.name;
      leaves.name += "_leaves";
      leaves.source.replace(leaves.source.rfind(name), name.size(), leaves.name);
      take(leaves);
    }
  }
}

/// Lists of each number of entries a lane, sums with leaves, of each kind of metric: registers, fields, calls.
void for_each_nearest_kernel(const std::function<void(const cuda::kernel_text&)>& take) {
  const auto kernels = [&](metric_code what, dtype type, std::int64_t d, std::int64_t k, std::int64_t n = 1000) {
    nearest_plan plan;
    plan.of = distances_of(what, type, d);
    plan.of.n = n;
    plan.of.m = 100000;
    plan.k = k;
    plan.largest_first = what == metric_code::inner_product;
    const std::int64_t size = plan.of.result.itemsize();
    plan.distances = {plan.of.to.data, plan.of.result, {k * size, size}};
    plan.indices = {plan.of.to.data, int64, {k * 8, 8}};
    for (const cuda::kernel_text& each : cuda::nearest_texts_of(plan)) take(each);
  };
  for (const dtype type : {float32, float64}) {
    for (const std::int64_t k : {1, 32, 64, 128}) {
      kernels(metric_code::euclidean, type, 64, k);
      kernels(metric_code::euclidean, type, 256, k, 100000);
    }
    for (const metric_code what : {metric_code::inner_product, metric_code::braycurtis, metric_code::minkowski,
                                   metric_code::haversine, metric_code::mahalanobis, metric_code::canberra}) {
      for (const std::int64_t k : {1, 128}) kernels(what, type, 64, k);
    }
  }
  kernels(metric_code::yule, float64, 64, 128);
  kernels(metric_code::bitwise_hamming, float64, 64, 128);
}

cuda::kernel_text text_of(const stage& s) {
  if (s.results[0].by == fold::none) return cuda::elementwise_text_of(s);
  const cuda::kernel_text pairs = cuda::pairs_text_of(s);
  return pairs.name.empty() ? cuda::fold_text_of(s) : pairs;
}

void for_each_kernel(const std::function<void(const cuda::kernel_text&)>& take) {
  for (int code = 0; code < op_count; ++code) {
    const op each = static_cast<op>(code);
    for (const dtype type : all_dtypes) {
      if (!has_loop(each, type)) continue;
      const bool sampled = type == float32 || type == float64 || type == int32 || type == complex64 ||
                           (code + static_cast<int>(type.code())) % 5 == 0;
      const sample how = static_cast<sample>((code + static_cast<int>(type.code())) % 4);
      if (sampled) take(cuda::elementwise_text_of(stage_of(each, type, how)));
    }
  }
  for (int by = static_cast<int>(fold::sum); by <= static_cast<int>(deviations_fold); ++by) {
    for (const dtype type : {uint8, int64, float16, float32, float64, complex64}) {
      if (static_cast<fold>(by) == deviations_fold && type.kind() != 'f') continue;
      for (const bool columns : {false, true}) take(cuda::fold_text_of(fold_of(static_cast<fold>(by), type, columns)));
    }
  }
  for (const dtype type : {bool_, int8, uint16, int32, uint32, int64}) {
    for (const bool large : {false, true}) {
      for (const bool columns_first : {false, true}) {
        take(cuda::tiles_text_of(contraction_of(type, 1, large, columns_first, false)));
        take(cuda::tiles_text_of(contraction_of(type, 2, large, columns_first, true)));
      }
    }
  }
  for_each_metric_kernel(take);
  for_each_nearest_kernel(take);
  for (const dtype type : {float32, float64, int32}) {
    const array x = zeros({300, 64}, type), y = zeros({200, 64}, type);
    const expr a = x(all, newaxis, all), b = y(newaxis, all, all);
    for (const expr& each : {sum(square(a - b), 2), sum(abs(a - b), 2), sum(a * b, 2)}) {
      take(text_of(plan(each, nullptr, caller()).stages[0]));
    }
  }
}

}  // namespace tessera::detail
