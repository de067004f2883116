// Workloads on tables: arrays of records, in memory and in a file.
#include "workload.hpp"

namespace bench {
namespace {

using namespace tessera;

/// What is checked of a table: the prices, in the order of its rows.
answer prices(std::vector<double> list) {
  const auto count = static_cast<std::int64_t>(list.size());
  return {count, float64, [list = std::move(list)](std::int64_t k) { return list[k]; }};
}

answer prices_by_volume(const operands& in) {
  const input r = in["r"];
  const std::vector<std::int64_t> volumes = record_volumes(r.seed, r.size());
  std::vector<double> list(volumes.size());
  for (std::size_t i = 0; i < list.size(); ++i)  // volumes are 0, 1, … in some order
    list[volumes[i]] = record_price(r.seed, static_cast<std::int64_t>(i));
  return prices(std::move(list));
}

answer prices_of_active(const operands& in) {
  const input r = in["r"];
  std::vector<double> list;
  for (std::int64_t i = 0; i < r.size(); ++i) {
    if (record_active(r.seed, i)) list.push_back(record_price(r.seed, i));
  }
  return prices(std::move(list));
}

answer sum_of_prices(const operands& in) {
  const input r = in["r"];
  double sum = 0;
  for (std::int64_t i = 0; i < r.size(); ++i) sum += record_price(r.seed, i);
  return {{}, float64, [sum](std::int64_t) { return sum; }};
}

const entry entries[] = {
    {"rec_sort_volume_1e6", [](const operands& in) -> array { return sort(in.r, {.order = "volume"})["price"]; },
     prices_by_volume},
    {"rec_filter_active_1e6", [](const operands& in) -> array { return array(in.r[in.r["active"]])["price"]; },
     prices_of_active},
    {"rec_field_sum_1e6", [](const operands& in) -> array { return sum(in.r["price"]); }, sum_of_prices},
    {"rec_file_sum_100MB",
     [](const operands& in) -> array {
       return sum(memmap(in.file, {.dtype = records, .mode = mmap_mode::readonly})["price"]);
     },
     sum_of_prices},
};

}  // namespace

std::span<const entry> structured_entries() { return entries; }

}  // namespace bench
