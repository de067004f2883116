// The table of docs/gpu.md: models of some workloads.
#include <fmt/format.h>

#include <algorithm>

#include "docs.hpp"

namespace bench {
namespace {

const char* const shown[] = {
    "add_f32_1e7",
    "add_f64_1e7",
    "add_f16_1e7",
    "add_strided_f32_1e7",
    "add_transposed_f32_4096",
    "bcast_row_f32",
    "bcast_col_f32",
    "poly10_f32_1e7",
    "gauss_f32_1e7",
    "zscore_cols_f32",
    "zscore_rows_f32",
    "sum_ax1_C_f32",
    "sum_ax0_C_f32",
    "sum_all_C_f32",
    "var_ax1_C_f32",
    "argmax_ax1_C_f32",
    "logsumexp_rows_f32",
    "cumsum_f32_1e7",
    "uniform_f32_1e7",
    "normal_f32_1e7",
    "bcast_dist_f32_d3",
    "bcast_dist_f32_d16",
    "bcast_dist_f32_d128",
    "cdist_euclidean_f32_d16",
    "knn10_f32_2000x1000000x16",
    "mm_f32_1024",
    "fancy_f32_1e6_of_1e7",
    "mask_select_f32_50pct",
    "sort_f32_1e7",
    "sort_axis0_f32_1000x10000",
    "topk100_f32_1e7",
    "partition_median_f32_1e7",
};

std::string short_number(double x) { return x < 1000 ? fmt::format("{:.3g}", x) : fmt::format("{:.0f}", x); }

std::string row(const measured& work) {
  const model& counted = work.models.front();
  std::string line = fmt::format("| `{}` | {} | {} | {} | {} |", work.name, counted.launches,
                                 counted.instructions > 0 ? short_number(counted.instructions / 1e6) : "",
                                 short_number(work.bytes / 1e6), short_number(counted.bytes / 1e6));
  for (const model& each : work.models) line += fmt::format(" {} | {} |", short_number(each.seconds * 1e6), each.bound);
  return line + (counted.note.starts_with("scaled") ? " scaled |\n" : " |\n");
}

}  // namespace

std::string modelled_table(const results& all) {
  std::string head = "| | launches | 10⁶ instructions | MB at least | MB of sectors |", rule = "|--|--|--|--|--|", rows;
  for (const char* name : shown) {
    const auto found = std::find_if(all.workloads.begin(), all.workloads.end(),
                                    [&](const measured& work) { return work.name == name && work.sweep.empty(); });
    if (found == all.workloads.end() || found->models.empty()) continue;
    if (rows.empty()) {
      for (const model& each : found->models) {
        head += fmt::format(" {}, modelled: µs | bound |", each.gpu);
        rule += "--|--|";
      }
    }
    rows += row(*found);
  }
  return rows.empty() ? "" : head + " |\n" + rule + "--|\n" + rows;
}

}  // namespace bench
