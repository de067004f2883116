// For tests that are compiled twice: their arrays lie on the host or, with TESSERA_TEST_ON_DEVICE, on a GPU, real or emulated.
#pragma once
#ifdef TESSERA_TEST_ON_DEVICE
#include "cuda/device.hpp"

constexpr bool on_device = true;
using on_test_device = on_gpu;
inline const tessera::device here = tessera::cuda();
#else
#include <gtest/gtest.h>

#include "tessera/tessera.hpp"

constexpr bool on_device = false;
using on_test_device = testing::Test;
inline const tessera::device here = tessera::cpu();
#endif

inline tessera::array on(const tessera::array& x) { return x.to(here); }

/// New arrays are made there, too.
class on_default_device : public on_test_device {
 protected:
  void SetUp() override {
    on_test_device::SetUp();
    if (!IsSkipped() && !HasFatalFailure()) tessera::set_default_device(here);
  }
  void TearDown() override { tessera::set_default_device(tessera::cpu()); }
};
