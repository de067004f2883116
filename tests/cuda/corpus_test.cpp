// Gates of generated code that need no device: every kernel of a corpus compiles for all architectures, and keeps its values
// in registers.
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <regex>
#include <set>
#include <thread>

#include "corpus.hpp"
#include "cuda/nvrtc.hpp"

namespace tessera::detail {
namespace {

constexpr int architectures[] = {75, 80, 90, 100, 120};

/// Kernels that use a stack, and why: name, up to a star; bytes that they store and load there for lack of registers.
struct exception {
  const char *name, *reason;
  int spilled = 0;
};
constexpr const char* angles = "sines of large angles: CUDA's own code indexes the digits of 2 / pi, above 105615 only";
constexpr exception with_a_stack[] = {
    {"tessera_deviations_float64", "sm_90: one value saved around the call that joins two states", 20},
    {"tessera_cos_*", angles},
    {"tessera_cosh_complex64", angles},
    {"tessera_distances_haversine_*", angles},
    {"tessera_nearest_haversine_*", angles},
    {"tessera_nearest_one_haversine_*", angles},
    {"tessera_exp_complex128", angles},
    {"tessera_expm1_complex64", angles},
    {"tessera_pow_complex64", angles},
    {"tessera_sin_*", angles},
    {"tessera_sinh_complex64", angles},
    {"tessera_tan_*", angles},
    {"tessera_tanh_complex64", angles},
};

/// Bytes of stack and of spills: the most that the assembler reports of any function of any architecture.
struct memory_use {
  int stack = 0, spilled = 0;
  std::string where;
};

memory_use memory_use_of(const cuda::kernel_text& text) {
  static const std::regex line("([0-9]+) bytes stack frame, ([0-9]+) bytes spill stores, ([0-9]+) bytes spill loads");
  memory_use most;
  for (const int capability : architectures) {
    std::string report;
    cuda::compile(text.source, text.name, {capability, false}, &report);
    std::sregex_iterator each(report.begin(), report.end(), line), end;
    if (each == end) throw std::runtime_error("the assembler reports nothing of " + text.name + ":\n" + report);
    for (; each != end; ++each) {
      const int stack = std::stoi((*each)[1]), spilled = std::stoi((*each)[2]) + std::stoi((*each)[3]);
      if (stack > 0 || spilled > 0) most.where += " sm_" + std::to_string(capability);
      most.stack = std::max(most.stack, stack);
      most.spilled = std::max(most.spilled, spilled);
    }
  }
  return most;
}

/// That of each kernel, on as many threads as there are processors.
std::vector<memory_use> measured(const std::vector<cuda::kernel_text>& all) {
  std::vector<memory_use> found(all.size());
  std::atomic<std::size_t> next{0};
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::max(1u, std::thread::hardware_concurrency()); ++i) {
    threads.emplace_back([&] {
      for (std::size_t k = next++; k < all.size(); k = next++) {
        try {
          found[k] = memory_use_of(all[k]);
        } catch (const std::exception& problem) {
          ADD_FAILURE() << problem.what();
        }
      }
    });
  }
  for (std::thread& each : threads) each.join();
  return found;
}

bool matches(const std::string& name, const std::string& pattern) {
  return pattern.ends_with("*") ? name.starts_with(pattern.substr(0, pattern.size() - 1)) : name == pattern;
}

TEST(cuda_corpus, keeps_its_values_in_registers) {
  if (const std::string problem = cuda::nvrtc_problem(); !problem.empty()) GTEST_SKIP() << problem;
  std::set<std::string> seen;
  std::vector<cuda::kernel_text> all;
  for_each_kernel([&](const cuda::kernel_text& text) {
    if (seen.insert(text.source).second) all.push_back(text);
  });
  EXPECT_GE(all.size(), 400u);
  const std::vector<memory_use> found = measured(all);
  std::set<const exception*> needed;
  for (std::size_t k = 0; k < all.size(); ++k) {
    if (found[k].stack == 0 && found[k].spilled == 0) continue;
    bool listed = false;
    int may_spill = 0;
    for (const exception& each : with_a_stack) {
      if (!matches(all[k].name, each.name)) continue;
      listed = true;
      may_spill = std::max(may_spill, each.spilled);
      needed.insert(&each);
    }
    EXPECT_TRUE(listed) << all[k].name << " uses " << found[k].stack << " bytes of stack:" << found[k].where;
    EXPECT_LE(found[k].spilled, may_spill) << all[k].name << found[k].where;
  }
  for (const exception& each : with_a_stack) {
    EXPECT_TRUE(needed.contains(&each)) << each.name << " needs no stack any more: " << each.reason;
  }
  RecordProperty("kernels", static_cast<int>(all.size()));
}

}  // namespace
}  // namespace tessera::detail
