// From counts at one or two sizes to what a GPU needs at least.
#include "model/model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "model/smaller.hpp"

namespace bench {
namespace {

bool has_float64(const facts& work) {
  return std::any_of(work.inputs.begin(), work.inputs.end(),
                     [](const auto& each) { return each.second.type == element::float64; });
}

/// Halvings after which a first count takes a second or so; matrix products are computed by a library on the host.
int first_halvings(const facts& work) {
  constexpr double of_a_second = 5e7, of_an_item = 500;  // a sorted element costs some 500 instructions
  if (work.group == "einsum") return 0;
  const double of_a_byte = work.group == "selection" ? 10 : 1;
  const double amount = of_a_byte * work.bytes + work.flops + of_an_item * work.items;
  const int halvings = static_cast<int>(std::ceil(std::log2(amount / of_a_second)));
  return std::clamp(halvings, 0, std::max(0, most_halvings(work) - 1));
}

/// "scaled from 2048 and 1024 in place of 4096"; more extents follow after a comma.
std::string extents_text(const counted& larger, const counted& smaller) {
  std::string text;
  for (const auto& [full, extent] : smaller.extents) {
    const auto before = larger.extents.find(full);
    text += fmt::format("{}{} and {} in place of {}", text.empty() ? "scaled from " : ", ",
                        before == larger.extents.end() ? full : before->second, extent, full);
  }
  return text;
}

}  // namespace

counted_workload count_workload(const emulator& on, const facts& work, double seconds) {
  const double most =
      8 * seconds + 10;  // the smallest size that means something may take longer, and operands are made
  const auto count_at = [&](int halvings) { return count_once(on, work.name, has_float64(work), halvings, most); };
  int halvings = first_halvings(work), power = 0;
  counted larger = count_at(halvings), smaller;
  if (halvings == 0 || larger.total.launches == 0) return {larger.total, ""};
  if (larger.total.instructions == 0) return {count_at(0).total, ""};  // a library's products, quick at any size
  smaller = count_at(halvings + 1);
  // Twice the extent is 2 to the `power` times the work: larger sizes are counted until that shows, and while there is time.
  while (true) {
    const double growth = larger.total.instructions / smaller.total.instructions;
    power = static_cast<int>(std::lround(std::log2(growth)));
    if (larger.seconds * growth > seconds || halvings == 0) break;
    smaller = std::move(larger);
    larger = count_at(--halvings);
  }
  if (halvings == 0) return {larger.total, ""};
  if (power < 1) throw std::runtime_error("its work does not grow with its extents in so many seconds");
  const auto share = [&](const counted& part) {
    const auto& [full, extent] = *part.extents.begin();
    return std::pow(static_cast<double>(extent) / static_cast<double>(full), power);
  };
  return {scaled(larger.total, share(larger), smaller.total, share(smaller)), extents_text(larger, smaller)};
}

std::vector<model> models_of(const counted_workload& counted, double least_bytes) {
  std::vector<model> result;
  if (counted.total.launches == 0) return result;
  for (const gpu_rates& gpu : known_gpus()) {
    const gpu_time least = least_time(gpu, counted.total, least_bytes);
    model row;
    row.gpu = gpu.name;
    row.launches = std::llround(counted.total.launches);
    row.instructions = counted.total.instructions;
    row.bytes = 32 * counted.total.sectors;
    row.seconds = least.seconds;
    row.bound = least.bound;
    row.note = counted.note;
    if (counted.total.library_calls > 0)
      row.note += fmt::format("{}{:.0f} of the launches cuBLAS's, counted as multiply-adds",
                              row.note.empty() ? "" : "; ", counted.total.library_calls);
    result.push_back(row);
  }
  return result;
}

}  // namespace bench
