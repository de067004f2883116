// For tests that need a GPU, real or emulated.
#pragma once
#include <gtest/gtest.h>

#include <cstdlib>

#include "tessera/tessera.hpp"

/// Skips a test where there is no GPU, and says why. Where the emulator should be (tests/cuda/run.sh) it fails instead.
class on_gpu : public testing::Test {
 protected:
  void SetUp() override {
    const tessera::backend_info cuda = tessera::backends()[1];
    if (cuda.available) return;
    if (std::getenv("TESSERA_TEST_NEEDS_CUDA") != nullptr) FAIL() << cuda.detail;
    GTEST_SKIP() << "no GPU and no emulator: " << cuda.detail;
  }
};

/// Frees are work on a stream too: at the end all of it is waited for, so that nothing looks lost (CUDAEMU_LEAKCHECK).
class frees_are_over : public testing::Environment {
  void TearDown() override {
    for (int i = 0; i < tessera::backends()[1].devices; ++i) tessera::release_cached_memory(tessera::cuda(i));
  }
};
inline const testing::Environment* const frees_over = testing::AddGlobalTestEnvironment(new frees_are_over);
