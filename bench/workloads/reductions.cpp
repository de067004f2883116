// Reduction workloads: folds of matrices in both memory orders over every axis, scans, norms.
#include "workload.hpp"

namespace bench {
namespace {

using namespace tessera;

/// The elements that one element of the result folds: in(first), in(first + step), …
struct lane {
  const input& in;
  std::int64_t first, step, count;
  double operator[](std::int64_t k) const { return in(first + k * step); }
};

double total(const lane& x) {
  double sum = 0;
  for (std::int64_t k = 0; k < x.count; ++k) sum += x[k];
  return sum;
}

double average(const lane& x) { return total(x) / static_cast<double>(x.count); }

double variance(const lane& x) {
  const double center = average(x);
  double sum = 0;
  for (std::int64_t k = 0; k < x.count; ++k) sum += (x[k] - center) * (x[k] - center);
  return sum / static_cast<double>(x.count);
}

double place_of_largest(const lane& x) {
  std::int64_t place = 0;
  double largest = x[0];
  for (std::int64_t k = 1; k < x.count; ++k) {
    const double value = x[k];
    if (value > largest) {
      largest = value;
      place = k;
    }
  }
  return static_cast<double>(place);
}

double largest(const lane& x) { return x[static_cast<std::int64_t>(place_of_largest(x))]; }

double length(const lane& x) {
  double sum = 0;
  for (std::int64_t k = 0; k < x.count; ++k) sum += x[k] * x[k];
  return std::sqrt(sum);
}

double log_of_summed_exponentials(const lane& x) {
  double sum = 0;
  for (std::int64_t k = 0; k < x.count; ++k) sum += std::exp(x[k]);
  return std::log(sum);
}

using fold_of_lane = double (*)(const lane&);

template <fold_of_lane fold> answer folded(const operands& in) {
  return {{}, in.x.dtype(), [x = in["x"]](std::int64_t) { return fold({x, 0, 1, x.size()}); }};
}

template <fold_of_lane fold, int axis> answer folded_along(const operands& in) {
  tessera::shape extents = in.x.shape();
  extents.erase(axis);
  return {extents, in.x.dtype(), [x = in["x"]](std::int64_t k) {
            std::int64_t step = 1;
            for (std::size_t i = axis + 1; i < x.extents.size(); ++i) step *= x.extents[i];
            const std::int64_t count = x.extent(axis);
            return fold({x, k / step * step * count + k % step, step, count});
          }};
}

answer as_index(answer result) {
  result.type = int64;
  return result;
}

template <bool value> answer boolean(const operands&) {
  return {{}, bool_, [](std::int64_t) -> double { return value; }};
}

answer running_sum(const operands& in) {
  return {in.x.shape(), in.x.dtype(), [x = in["x"]](std::int64_t k) { return total({x, 0, 1, k + 1}); }, 8};
}

answer sum_of_squared_differences(const operands& in) {
  return {{}, in.x.dtype(), [x = in["x"], y = in["y"]](std::int64_t) {
            double sum = 0;
            for (std::int64_t k = 0; k < x.size(); ++k) sum += (x(k) - y(k)) * (x(k) - y(k));
            return sum;
          }};
}

const entry entries[] = {
    {"sum_all_[CF]_f32", [](const operands& in) -> array { return sum(in.x); }, folded<total>},
    {"sum_ax0_[CF]_f32", [](const operands& in) -> array { return sum(in.x, 0); }, folded_along<total, 0>},
    {"sum_ax1_[CF]_f32", [](const operands& in) -> array { return sum(in.x, 1); }, folded_along<total, 1>},
    {"mean_all_[CF]_f32", [](const operands& in) -> array { return mean(in.x); }, folded<average>},
    {"mean_ax0_[CF]_f32", [](const operands& in) -> array { return mean(in.x, 0); }, folded_along<average, 0>},
    {"mean_ax1_[CF]_f32", [](const operands& in) -> array { return mean(in.x, 1); }, folded_along<average, 1>},
    {"var_all_[CF]_f32", [](const operands& in) -> array { return var(in.x); }, folded<variance>},
    {"var_ax0_[CF]_f32", [](const operands& in) -> array { return var(in.x, 0); }, folded_along<variance, 0>},
    {"var_ax1_[CF]_f32", [](const operands& in) -> array { return var(in.x, 1); }, folded_along<variance, 1>},
    {"max_all_[CF]_f32", [](const operands& in) -> array { return max(in.x); }, folded<largest>},
    {"max_ax0_[CF]_f32", [](const operands& in) -> array { return max(in.x, 0); }, folded_along<largest, 0>},
    {"max_ax1_[CF]_f32", [](const operands& in) -> array { return max(in.x, 1); }, folded_along<largest, 1>},
    {"argmax_all_[CF]_f32", [](const operands& in) -> array { return argmax(in.x); },
     [](const operands& in) { return as_index(folded<place_of_largest>(in)); }},
    {"argmax_ax0_[CF]_f32", [](const operands& in) -> array { return argmax(in.x, 0); },
     [](const operands& in) { return as_index(folded_along<place_of_largest, 0>(in)); }},
    {"argmax_ax1_[CF]_f32", [](const operands& in) -> array { return argmax(in.x, 1); },
     [](const operands& in) { return as_index(folded_along<place_of_largest, 1>(in)); }},
    {"sum_middle_f32_256", [](const operands& in) -> array { return sum(in.x, 1); }, folded_along<total, 1>},
    {"any_bool_1e7", [](const operands& in) -> array { return any(in.x); }, boolean<false>},
    {"all_bool_1e7", [](const operands& in) -> array { return all(in.x); }, boolean<true>},
    {"cumsum_(f32|f64)_1e7", [](const operands& in) -> array { return cumsum(in.x); }, running_sum},
    {"norm_(f32|f64)_1e7", [](const operands& in) -> array { return norm(in.x); }, folded<length>},
    {"norm_rows_f32", [](const operands& in) -> array { return norm(in.x, 1); }, folded_along<length, 1>},
    {"sqdiff_sum_f32_1e7", [](const operands& in) -> array { return sum(square(in.x - in.y)); },
     sum_of_squared_differences},
    {"logsumexp_rows_f32", [](const operands& in) -> array { return logsumexp(in.x, 1); },
     folded_along<log_of_summed_exponentials, 1>},
};

}  // namespace

std::span<const entry> reduction_entries() { return entries; }

}  // namespace bench
