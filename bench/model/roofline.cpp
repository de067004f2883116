// The roofline of GPUs that are known, and the counts that go into it.
#include "model/roofline.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>

namespace bench {
namespace {

using nlohmann::json;

// Lanes by class: the table of arithmetic instructions' throughput in the CUDA C++ Programming Guide, compute capability 9.0 and
// 8.9; multiprocessors, clock and bandwidth: data sheets (SXM5; boost clock).
constexpr gpu_rates gpus[] = {
    {.name = "H100",
     .processors = 132,
     .clock = 1.7e9,
     .memory = 3.35e12,
     .issue = 128,
     .float32 = 128,
     .float64 = 64,
     .integer = 64,
     .special = 16,
     .load_store = 32,
     .sectors = 4},
    {.name = "RTX 4090",
     .processors = 128,
     .clock = 2.5e9,
     .memory = 1.0e12,
     .issue = 128,
     .float32 = 128,
     .float64 = 2,
     .integer = 64,
     .special = 16,
     .load_store = 32,
     .sectors = 4},
};

/// All counts, to walk over them.
constexpr double counts::*all_counts[] = {
    &counts::launches, &counts::instructions, &counts::float32,       &counts::float64, &counts::integer,
    &counts::special,  &counts::load_store,   &counts::shared_passes, &counts::sectors, &counts::library_calls};

/// Without reads of kernel parameters, a sector a warp each, some of which the emulator takes for loads: requests beyond those of
/// load instructions. Where warps diverge a few per cent of the loads are taken for such reads too.
double sectors_of_data(const json& kernel) {
  const json &instructions = kernel.at("instructions"), &moved = kernel.at("global");
  const auto number = [](const json& value) { return value.get<double>(); };
  const double beyond = number(moved.at("load_requests")) - std::ceil(number(instructions.at("ld_global")) / 32);
  const double of_parameters = std::clamp(number(instructions.at("const")) / 32, 0.0, std::max(0.0, beyond));
  return number(moved.at("load_sectors")) - of_parameters + number(moved.at("store_sectors"));
}

}  // namespace

std::span<const gpu_rates> known_gpus() { return gpus; }

counts read_counts(const json& statistics) {
  counts total;
  for (const json& kernel : statistics.at("kernels")) {
    const auto sum_of = [&](std::initializer_list<const char*> classes) {
      double sum = 0;
      for (const char* each : classes) sum += kernel.at("instructions").at(each).get<double>();
      return sum;
    };
    total.launches += kernel.at("launches").get<double>();
    total.instructions += sum_of({"total"});
    total.float32 += sum_of({"fp32", "fp16"});
    total.float64 += sum_of({"fp64"});
    total.integer += sum_of({"int"});
    total.special += sum_of({"sfu"});
    total.load_store += sum_of({"ld_global", "st_global", "ld_shared", "st_shared", "local", "atomic"});
    const json& shared = kernel.at("shared");
    total.shared_passes += 32 * (shared.at("requests").get<double>() + shared.at("bank_conflicts").get<double>());
    total.sectors += sectors_of_data(kernel);
  }
  return total;
}

void add_library_calls(const std::string& printed, bool of_float64, counts& total) {
  std::istringstream lines(printed);
  for (std::string line; std::getline(lines, line);) {
    double calls = 0, flops = 0;
    if (std::sscanf(line.c_str(), " cublas%*s %lf %*s %*s %*s %*s %lf", &calls, &flops) != 2) continue;
    total.launches += calls;
    total.library_calls += calls;
    (of_float64 ? total.float64 : total.float32) += flops / 2;
  }
}

counts scaled(const counts& larger, double size_of_larger, const counts& smaller, double size_of_smaller) {
  counts result;
  for (double counts::*each : all_counts) {
    const double slope = (larger.*each - smaller.*each) / (size_of_larger - size_of_smaller);
    result.*each = larger.*each + slope * (1 - size_of_larger);
  }
  return result;
}

gpu_time least_time(const gpu_rates& gpu, const counts& total, double least_bytes) {
  const double clocks = gpu.processors * gpu.clock;
  const std::pair<double, const char*> parts[] = {
      {total.launches * launch_seconds, "launches"},
      {least_bytes / gpu.memory, "memory"},
      {total.instructions / (gpu.issue * clocks), "issue"},
      {total.float32 / (gpu.float32 * clocks), "float32"},
      {total.float64 / (gpu.float64 * clocks), "float64"},
      {total.integer / (gpu.integer * clocks), "integer"},
      {total.special / (gpu.special * clocks), "special"},
      {std::max(total.load_store, total.shared_passes) / (gpu.load_store * clocks), "load/store"},
      {total.sectors / (gpu.sectors * clocks), "L1"},
  };
  const auto longest = std::max_element(std::begin(parts), std::end(parts),
                                        [](const auto& a, const auto& b) { return a.first < b.first; });
  return {longest->first, longest->second};
}

}  // namespace bench
