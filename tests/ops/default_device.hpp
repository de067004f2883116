// A fixture for tests that are compiled twice: new arrays are made on the host, or with TESSERA_TEST_ON_DEVICE on a GPU, real or
// emulated.
#pragma once
#ifdef TESSERA_TEST_ON_DEVICE
#include "cuda/device.hpp"

class on_default_device : public on_gpu {
 protected:
  void SetUp() override {
    on_gpu::SetUp();
    if (!IsSkipped() && !HasFatalFailure()) tessera::set_default_device(tessera::cuda());
  }
  void TearDown() override { tessera::set_default_device(tessera::cpu()); }
};
#else
#include <gtest/gtest.h>

class on_default_device : public testing::Test {};
#endif
