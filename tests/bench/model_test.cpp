// The modelled columns: what counts make of an emulator's statistics, what known GPUs need for them at least, by numbers worked
// out by hand; smaller workloads. bench_model_emulated_test counts a statement whose kernel is known.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "model/model.hpp"
#include "model/smaller.hpp"

namespace {

using bench::counts;
using bench::facts;
using bench::gpu_rates;
using bench::gpu_time;

const gpu_rates& gpu(const std::string& name) {
  for (const gpu_rates& each : bench::known_gpus()) {
    if (each.name == name) return each;
  }
  throw std::runtime_error("no GPU " + name);
}

void expect_estimate(const char* name, const counts& total, double least_bytes, double seconds, const char* bound) {
  const gpu_time found = least_time(gpu(name), total, least_bytes);
  EXPECT_NEAR(found.seconds, seconds, 1e-9 * seconds);
  EXPECT_EQ(found.bound, bound);
}

TEST(roofline, is_the_time_of_the_part_that_needs_longest) {
  // 3.35e12 and 1e12 bytes a second.
  expect_estimate("H100", {.launches = 1, .instructions = 1e6}, 3.35e9, 1e-3, "memory");
  expect_estimate("RTX 4090", {.launches = 1, .instructions = 1e6}, 3.35e9, 3.35e-3, "memory");
  // 132 multiprocessors at 1.7e9 clocks: 2.244e11 clocks a second; 128 at 2.5e9: 3.2e11.
  expect_estimate("H100", {.instructions = 128 * 2.244e11}, 1, 1, "issue");
  expect_estimate("H100", {.instructions = 64 * 2.244e11, .integer = 64 * 2.244e11}, 1, 1, "integer");
  expect_estimate("H100", {.float64 = 64 * 2.244e9}, 1, 0.01, "float64");
  expect_estimate("RTX 4090", {.float64 = 2 * 3.2e9}, 1, 0.01, "float64");
  expect_estimate("RTX 4090", {.special = 16 * 3.2e11}, 1, 1, "special");
  expect_estimate("H100", {.load_store = 1, .shared_passes = 32 * 2.244e11}, 1, 1, "load/store");
  expect_estimate("H100", {.sectors = 4 * 2.244e11}, 1, 1, "L1");
}

TEST(roofline, counts_three_microseconds_a_launch) {
  expect_estimate("H100", {.launches = 14, .instructions = 1000}, 1000, 42e-6, "launches");
}

TEST(roofline, takes_classes_from_the_emulator_and_leaves_parameters_out_of_sectors) {
  // Two warps, each with a load, 4 sectors, and two parameters that are requested like loads, a sector each.
  const counts total = bench::read_counts(nlohmann::json::parse(R"({"kernels": [{
    "launches": 1,
    "instructions": {"total": 640, "int": 64, "fp16": 1, "fp32": 63, "fp64": 2, "sfu": 3, "ld_global": 64, "st_global": 64,
                     "ld_shared": 5, "st_shared": 6, "local": 7, "atomic": 8, "const": 128, "control": 64},
    "global": {"load_requests": 6, "store_requests": 2, "load_sectors": 12, "store_sectors": 8},
    "shared": {"requests": 10, "bytes": 1280, "bank_conflicts": 2}}]})"));
  EXPECT_EQ(total.launches, 1);
  EXPECT_EQ(total.instructions, 640);
  EXPECT_EQ(total.float32, 64);
  EXPECT_EQ(total.float64, 2);
  EXPECT_EQ(total.integer, 64);
  EXPECT_EQ(total.special, 3);
  EXPECT_EQ(total.load_store, 64 + 64 + 5 + 6 + 7 + 8);
  EXPECT_EQ(total.shared_passes, 32 * 12);
  EXPECT_EQ(total.sectors, 12 - 4 + 8);
}

TEST(roofline, counts_products_of_cublas_as_multiply_adds) {
  counts total{.launches = 1};
  bench::add_library_calls(
      "cudaemu: cublas statistics\n"
      "  routine                             calls        m        n        k    batch        FLOPs\n"
      "  cublasGemmEx_64                         2      256      256      256        1    6.711e+07\n"
      "  total                                                                            6.711e+07\n",
      false, total);
  EXPECT_EQ(total.launches, 3);
  EXPECT_EQ(total.library_calls, 2);
  EXPECT_DOUBLE_EQ(total.float32, 6.711e7 / 2);
  EXPECT_EQ(total.float64, 0);
}

TEST(roofline, scales_what_grows_and_keeps_what_does_not) {
  // 5 launches always; instructions 100 + 800 n.
  const counts quarter{.launches = 5, .instructions = 300}, half{.launches = 5, .instructions = 500};
  const counts full = bench::scaled(half, 0.5, quarter, 0.25);
  EXPECT_DOUBLE_EQ(full.launches, 5);
  EXPECT_DOUBLE_EQ(full.instructions, 900);
}

facts with_inputs(std::map<std::string, bench::input> inputs) {
  facts work;
  work.name = "made_up";
  work.inputs = std::move(inputs);
  return work;
}

TEST(smaller_workloads, halve_the_largest_extent_in_all_inputs_and_the_range_of_indices) {
  const facts work = with_inputs({{"x", {.extents = {4096, 1024}}},
                                  {"m", {.extents = {4096, 1}}},
                                  {"i", {.extents = {600}, .kind = bench::generator::integer, .high = 4096}}});
  const bench::smaller quarter = halved(work, 2);
  EXPECT_EQ(quarter.work.inputs.at("x").extents, (std::vector<std::int64_t>{1024, 1024}));
  EXPECT_EQ(quarter.work.inputs.at("m").extents, (std::vector<std::int64_t>{1024, 1}));
  EXPECT_EQ(quarter.work.inputs.at("i").extents, (std::vector<std::int64_t>{600}));
  EXPECT_EQ(quarter.work.inputs.at("i").high, 1024);
  EXPECT_EQ(quarter.extents, (std::map<std::int64_t, std::int64_t>{{4096, 1024}}));
  EXPECT_EQ(halved(work, 3).work.inputs.at("x").extents, (std::vector<std::int64_t>{512, 1024}));
  EXPECT_EQ(most_halvings(work), 4);
  EXPECT_TRUE(halved(work, 0).extents.empty());
}

TEST(smaller_workloads, keep_lanes_that_are_sorted_and_have_fewer_queries_and_points) {
  facts lanes = with_inputs({{"a", {.extents = {1000, 10000}}}});
  lanes.name = "sort_axis1_f32_1000x10000";
  EXPECT_EQ(halved(lanes, 1).work.inputs.at("a").extents, (std::vector<std::int64_t>{500, 10000}));
  EXPECT_EQ(most_halvings(lanes), 5);
  facts neighbours = with_inputs({{"q", {.extents = {10000, 128}}}, {"b", {.extents = {100000, 128}}}});
  neighbours.name = "knn10_f32_10000x100000x128";
  const bench::smaller quarter = halved(neighbours, 2);
  EXPECT_EQ(quarter.work.inputs.at("q").extents, (std::vector<std::int64_t>{2500, 128}));
  EXPECT_EQ(quarter.work.inputs.at("b").extents, (std::vector<std::int64_t>{25000, 128}));
}

TEST(models, name_each_gpu_and_say_what_is_cublas) {
  const auto rows =
      bench::models_of({{.launches = 2, .instructions = 10, .sectors = 3, .library_calls = 1}, "scaled"}, 1);
  ASSERT_EQ(rows.size(), bench::known_gpus().size());
  EXPECT_EQ(rows[0].gpu, "H100");
  EXPECT_EQ(rows[0].launches, 2);
  EXPECT_EQ(rows[0].bytes, 96);
  EXPECT_EQ(rows[0].bound, "launches");
  EXPECT_EQ(rows[0].note, "scaled; 1 of the launches cuBLAS's, counted as multiply-adds");
  EXPECT_TRUE(bench::models_of({}, 100).empty());
}

}  // namespace
