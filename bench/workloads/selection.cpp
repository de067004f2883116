// Workloads that pick, place, sort and search.
#include "workload.hpp"

namespace bench {
namespace {

using namespace tessera;

/// All elements of an input as a vector.
std::vector<double> elements(const input& in, std::int64_t first = 0, std::int64_t step = 1, std::int64_t count = -1) {
  std::vector<double> result(count < 0 ? in.size() : count);
  for (std::size_t k = 0; k < result.size(); ++k) result[k] = in(first + static_cast<std::int64_t>(k) * step);
  return result;
}

answer given(std::vector<double> values, const dtype& type) {
  const std::int64_t count = static_cast<std::int64_t>(values.size());
  return {count, type, [values = std::move(values)](std::int64_t k) { return values[k]; }};
}

answer positive_elements(const operands& in) {
  std::vector<double> values = elements(in["a"]);
  std::erase_if(values, [](double value) { return !(value > 0); });
  return given(std::move(values), in.a.dtype());
}

answer negatives_zeroed(const operands& in) {
  return {in.a.shape(), in.a.dtype(), [a = in["a"]](std::int64_t k) { return a(k) < 0 ? 0 : a(k); }};
}

answer three_ranges(const operands& in) {
  return {in.x.shape(), in.x.dtype(), [x = in["x"]](std::int64_t k) {
            const double value = x(k);  // compared with the bounds rounded to float32, as a weak scalar is
            return value < 0.2f ? value : value < 0.5f ? value * 2 : value < 0.8f ? value * 3 : 0.0;
          }};
}

answer insertion_points(const operands& in) {
  return {in.v.shape(), int64, [a = in["a"], v = in["v"]](std::int64_t k) {
            const std::vector<double>& sorted = *a.values;
            return static_cast<double>(std::lower_bound(sorted.begin(), sorted.end(), v(k)) - sorted.begin());
          }};
}

answer sorted_elements(const operands& in) {
  std::vector<double> values = elements(in["a"]);
  std::sort(values.begin(), values.end());
  return given(std::move(values), in.a.dtype());
}

answer largest_100(const operands& in) {
  std::vector<double> values = elements(in["a"]);
  std::partial_sort(values.begin(), values.begin() + 100, values.end(), std::greater<>());
  values.resize(100);
  return given(std::move(values), in.a.dtype());
}

answer middle_element(const operands& in) {
  std::vector<double> values = elements(in["a"]);
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return {{}, in.a.dtype(), [value = *middle](std::int64_t) { return value; }};
}

answer distinct_elements(const operands& in) {
  std::vector<double> values = elements(in["a"]);
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return given(std::move(values), in.a.dtype());
}

answer sorting_order(const operands& in) {  // compared by the elements it picks
  answer result = sorted_elements(in);
  result.type = int64;
  return result;
}

answer sorted_lanes(const operands& in, int axis) {
  return {in.a.shape(), in.a.dtype(), [a = in["a"], axis](std::int64_t k) {
            const std::int64_t columns = a.extent(1), row = k / columns, column = k % columns;
            std::vector<double> lane =
                axis == 0 ? elements(a, column, columns, a.extent(0)) : elements(a, row * columns, 1, columns);
            const std::int64_t place = axis == 0 ? row : column;
            std::nth_element(lane.begin(), lane.begin() + place, lane.end());
            return lane[place];
          }};
}

answer picked(const operands& in) {
  return {in.i.shape(), in.x.dtype(),
          [x = in["x"], i = in["i"]](std::int64_t k) { return x(static_cast<std::int64_t>(i(k))); }};
}

answer picked_rows(const operands& in) {
  return {{in.i.shape()[0], in.x.shape()[1]}, in.x.dtype(), [x = in["x"], i = in["i"]](std::int64_t k) {
            return x(static_cast<std::int64_t>(i(k / x.extent(1))) * x.extent(1) + k % x.extent(1));
          }};
}

/// `lower`: edges but the last, rounded as the bins' own.
answer counted(const operands& in, const std::vector<double>& lower) {
  std::vector<double> counts(lower.size(), 0);
  const input a = in["a"];
  for (std::int64_t k = 0; k < a.size(); ++k) {
    ++counts[static_cast<std::size_t>(std::upper_bound(lower.begin(), lower.end(), a(k)) - lower.begin() - 1)];
  }
  return given(std::move(counts), int64);
}

answer counted_integers(const operands& in) {
  std::vector<double> lower(1000);
  for (std::size_t k = 0; k < lower.size(); ++k) lower[k] = static_cast<double>(k);
  return counted(in, lower);
}

answer counted_in_hundredths(const operands& in) {
  std::vector<double> lower(100);
  for (std::size_t k = 0; k < lower.size(); ++k) lower[k] = static_cast<float>(static_cast<double>(k) * 0.01);
  return counted(in, lower);
}

/// The code points of texts of four.
answer buy_or_hold(const operands& in) {
  return {{4 * in.x.size()}, int32, [x = in["x"]](std::int64_t k) {
            return static_cast<double>((x(k / 4) > 0.5 ? "buy\0" : "hold")[k % 4]);
          }};
}

const entry entries[] = {
    {"mask_select_f32_(50|1)pct", [](const operands& in) -> array { return in.a[in.a > 0]; }, positive_elements},
    {"mask_assign_f32_1e7",
     [](const operands& in) -> array {
       array b = in.a.copy();
       b[b < 0] = 0;
       return b;
     },
     negatives_zeroed},
    {"select3_f32_1e7",
     [](const operands& in) -> array {
       return select({in.x < 0.2, in.x < 0.5, in.x < 0.8}, {in.x, in.x * 2, in.x * 3}, 0);
     },
     three_ranges},
    {"searchsorted_f64_1e6_(sorted|random)", [](const operands& in) -> array { return searchsorted(in.a, in.v); },
     insertion_points},
    {"sort_(f32|f64|i64)_(1e6|1e7)", [](const operands& in) -> array { return sort(in.a); }, sorted_elements},
    {"argsort_(f32|f64|i64)_(1e6|1e7)", [](const operands& in) -> array { return argsort(in.a); }, sorting_order},
    {"sort_axis0_f32_1000x10000", [](const operands& in) -> array { return sort(in.a, 0); },
     [](const operands& in) { return sorted_lanes(in, 0); }},
    {"sort_axis1_f32_1000x10000", [](const operands& in) -> array { return sort(in.a, 1); },
     [](const operands& in) { return sorted_lanes(in, 1); }},
    {"topk100_f32_1e7", [](const operands& in) -> array { return topk(in.a, 100).values; }, largest_100},
    {"partition_median_f32_1e7",
     [](const operands& in) -> array { return partition(in.a, in.a.size() / 2)(in.a.size() / 2); }, middle_element},
    {"unique_(i64|f64)_1e6", [](const operands& in) -> array { return unique(in.a); }, distinct_elements},
    {"take_rows_f32_1e6x16", [](const operands& in) -> array { return in.x(in.i); }, picked_rows},
    {"bincount_i64_1e7", [](const operands& in) -> array { return bincount(in.a, {.minlength = 1000}); },
     counted_integers},
    {"histogram_f32_1e7",
     [](const operands& in) -> array {
       return histogram(in.a, 100, {.range = {0, 1}}).counts;
     },
     counted_in_hundredths},
    {"where_strings_1e6",
     [](const operands& in) -> array { return array(where(in.x > 0.5, "buy", "hold")).view(int32); }, buy_or_hold},
    {"fancy_f32_1e6_of_1e7", [](const operands& in) -> array { return in.x(in.i); }, picked},
};

}  // namespace

std::span<const entry> selection_entries() { return entries; }

}  // namespace bench
