// Counts of statements whose kernels are known, by the emulator: TESSERA_CUDA_EMULATOR is its folder, TESSERA_BENCH the
// program.
#include <gtest/gtest.h>
#include <unistd.h>

#include "model/model.hpp"

namespace {

bench::emulator emulator() { return {TESSERA_CUDA_EMULATOR, TESSERA_BENCH}; }

class emulated_counts : public testing::Test {
  void SetUp() override {
    if (access((std::string(TESSERA_CUDA_EMULATOR) + "/run").c_str(), X_OK) != 0)
      GTEST_SKIP() << "there is no emulator";
  }
};

TEST_F(emulated_counts, of_a_sum_are_one_launch_and_its_three_arrays) {
  const bench::counted found = bench::count_once(emulator(), "add_f32_1e3", false, 0, 100);
  EXPECT_EQ(found.total.launches, 1);
  EXPECT_EQ(found.total.float32, 1000);
  EXPECT_EQ(32 * found.total.sectors, 4000 * 3);
  EXPECT_EQ(found.total.load_store, 3 * 1000 / 4);  // 16 bytes at a time
  EXPECT_TRUE(found.extents.empty());
}

TEST_F(emulated_counts, of_a_smaller_workload_are_those_of_its_extents) {
  const bench::counted found = bench::count_once(emulator(), "add_f32_1e5", false, 5, 100);  // 3125 elements
  EXPECT_EQ(found.total.float32, 3125);
  EXPECT_EQ(found.extents, (std::map<std::int64_t, std::int64_t>{{100000, 3125}}));
}

TEST_F(emulated_counts, of_a_matrix_product_are_cublas) {
  const bench::counted found = bench::count_once(emulator(), "mm_f64_64", true, 0, 100);
  EXPECT_EQ(found.total.library_calls, 1);
  EXPECT_NEAR(found.total.float64, 64 * 64 * 64, 64);  // printed with four digits
}

TEST_F(emulated_counts, are_scaled_from_two_sizes_where_the_full_one_takes_too_long) {
  for (const bench::facts& work : bench::read_workloads(TESSERA_WORKLOADS)) {
    if (work.name != "add_f32_1e7") continue;
    const bench::counted_workload found = bench::count_workload(emulator(), work, 0.01);
    EXPECT_EQ(found.note, "scaled from 2500000 and 1250000 in place of 10000000");
    EXPECT_NEAR(found.total.launches, 1, 1e-9);
    EXPECT_NEAR(found.total.float32, 1e7, 1);
    EXPECT_NEAR(32 * found.total.sectors, 1.2e8, 1200);  // a few of the last warps are taken for reads of parameters
    return;
  }
  FAIL() << "the workload is not there";
}

TEST_F(emulated_counts, say_why_there_are_none) {
  try {
    bench::count_once(emulator(), "no_such_workload", false, 0, 100);
    FAIL() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "tessera-bench: no workload is named no_such_workload");
  }
  try {
    bench::count_once(emulator(), "normal_f32_1e7", false, 0, 1);
    FAIL() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "takes more than 1 s of the processor");
  }
}

}  // namespace
