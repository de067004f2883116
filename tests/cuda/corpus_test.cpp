// Gates of generated code that need no device: every kernel of a corpus compiles for all architectures, and keeps its values
// in registers.
#include <gtest/gtest.h>

#include <set>

#include "corpus.hpp"
#include "cuda/nvrtc.hpp"

namespace tessera::detail {
namespace {

constexpr int architectures[] = {75, 80, 90, 100, 120};

/// Kernels that use a stack, and why. Names begin so.
constexpr const char* with_a_stack[] = {
    // The reduction of large angles keeps 2 / pi's product in memory: CUDA's own code, taken above 105615 only.
    "tessera_sin_",         "tessera_cos_",          "tessera_tan_",        "tessera_exp_complex",
    "tessera_exp2_complex", "tessera_expm1_complex", "tessera_pow_complex", "tessera_sinh_complex",
    "tessera_cosh_complex", "tessera_tanh_complex",
};

/// Compiles for all architectures; nothing may go to memory unless it is listed.
void expect_registers_only(const cuda::kernel_text& text, std::set<std::string>& seen) {
  if (!seen.insert(text.source).second) return;
  bool listed = false;
  for (const char* const name : with_a_stack) listed = listed || text.name.starts_with(name);
  for (const int capability : architectures) {
    std::string report;
    cuda::compile(text.source, text.name, {capability, false}, &report);
    ASSERT_NE(report.find("registers"), std::string::npos) << report;
    EXPECT_NE(report.find("0 bytes spill stores, 0 bytes spill loads"), std::string::npos)
        << text.name << " sm_" << capability << "\n"
        << report;
    if (listed) continue;
    EXPECT_NE(report.find("0 bytes stack frame"), std::string::npos) << text.name << " sm_" << capability << "\n"
                                                                     << report;
  }
}

TEST(cuda_corpus, keeps_its_values_in_registers) {
  if (const std::string problem = cuda::nvrtc_problem(); !problem.empty()) GTEST_SKIP() << problem;
  std::set<std::string> seen;
  for_each_kernel([&seen](const cuda::kernel_text& text) { expect_registers_only(text, seen); });
  EXPECT_GE(seen.size(), 350u);
  RecordProperty("kernels", static_cast<int>(seen.size()));
}

}  // namespace
}  // namespace tessera::detail
