// Skips every test of a program that looks inside the CUDA module where there is no GPU, and says why.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "cuda/runtime.hpp"

namespace {

class device_needed : public testing::Environment {
  void SetUp() override {
    std::string reason;
    if (tessera::detail::cuda::device_count(reason) > 0) return;
    if (std::getenv("TESSERA_TEST_NEEDS_CUDA") != nullptr) FAIL() << reason;
    std::printf("[  SKIPPED ] all tests, no GPU and no emulator\n");  // by this line ctest knows
    GTEST_SKIP() << reason;
  }
};

const testing::Environment* const needed = testing::AddGlobalTestEnvironment(new device_needed);

}  // namespace
