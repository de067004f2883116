// Skips each test of a program that looks inside the CUDA module where there is no GPU, and says why.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "cuda/runtime.hpp"

namespace {

// A test's result is its own from here on: one that is skipped at its start is not run and counts as skipped, where those
// skipped by a global environment count as passed.
class device_needed : public testing::EmptyTestEventListener {
  void OnTestStart(const testing::TestInfo&) override {
    static const std::string missing = [] {
      std::string reason;
      return tessera::detail::cuda::device_count(reason) > 0 ? "" : reason;
    }();
    if (missing.empty()) return;
    if (std::getenv("TESSERA_TEST_NEEDS_CUDA") != nullptr) FAIL() << missing;
    GTEST_SKIP() << "no GPU and no emulator: " << missing;
  }
  // Frees are work on a stream too: at the end all of it is waited for, so that nothing looks lost (CUDAEMU_LEAKCHECK).
  void OnTestProgramEnd(const testing::UnitTest&) override {
    std::string reason;
    const int count = tessera::detail::cuda::device_count(reason);
    for (int i = 0; i < count; ++i) tessera::detail::cuda::context_of(i).release_cached();
  }
};

const bool added = (testing::UnitTest::GetInstance()->listeners().Append(new device_needed), true);

}  // namespace
