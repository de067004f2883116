// What kernels execute and move, from the emulator's statistics: this program runs parts of itself under them.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <memory>

#include "cuda/elementwise.hpp"
#include "cuda/emulator_statistics.hpp"
#include "cuda/fold.hpp"
#include "cuda/nvrtc.hpp"
#include "expr/evaluate.hpp"
#include "mirror.hpp"
#include "tessera/tessera.hpp"

namespace tessera::detail {
namespace {

constexpr std::int64_t count = 1 << 16;

// ---- what is run -----------------------------------------------------------------------------------------------------

bool is_probing() { return std::getenv("TESSERA_PROBE") != nullptr; }

void run_there(const expr& x) {
  const array target = evaluate(x, caller());
  for (const stage& s : plan(x, &target, caller()).stages) {
    cuda::run_mirrored({&s, 1}, [](cuda::context& on, std::span<const stage> all) {
      if (all[0].results[0].by == fold::none) cuda::run_elementwise(on, all[0]);
      else cuda::run_folds(on, all[0]);
    });
  }
}

constexpr const char* by_hand = R"(
extern "C" __global__ void __launch_bounds__(256) by_hand(const float* a, const float* b, float* c, unsigned n) {
  const unsigned i = blockIdx.x * 256u + threadIdx.x, at = 4 * i;
  if (at >= n) return;
  if (at + 4 <= n) {
    const float4 x = reinterpret_cast<const float4*>(a)[i], y = reinterpret_cast<const float4*>(b)[i];
    reinterpret_cast<float4*>(c)[i] = make_float4(x.x + y.x, x.y + y.y, x.z + y.z, x.w + y.w);
  } else {
    for (unsigned k = at; k < n; ++k) c[k] = a[k] + b[k];
  }
})";

TEST(probe, sum_of_two_and_by_hand) {
  if (!is_probing()) GTEST_SKIP() << "run by the tests below";
  const array a = ones({count}, float32), b = ones({count}, float32);
  run_there(a + b);
  cuda::context& on = cuda::context_of(0);
  const cuda::kernel& k = cuda::find_kernel("by hand", on.capability(), [] {
    return cuda::kernel_text{"by_hand", by_hand};
  });
  void* data[3];
  for (void*& each : data) {
    each = on.allocate(4 * count);
    cuda::check(cudaMemsetAsync(each, 0, 4 * count, on.stream()), "cudaMemsetAsync");
  }
  unsigned n = count;
  void* arguments[] = {&data[0], &data[1], &data[2], &n};
  cudaLaunchConfig_t how{};
  how.gridDim = dim3(count / 1024);
  how.blockDim = dim3(256);
  how.stream = on.stream();
  cuda::check(cudaLaunchKernelExC(&how, reinterpret_cast<const void*>(k.entry), arguments), "by_hand");
  for (void* each : data) on.free(each, 4 * count);
  cuda::check(cudaStreamSynchronize(on.stream()), "by_hand");
}

TEST(probe, fused_chain) {
  if (!is_probing()) GTEST_SKIP() << "run by the tests below";
  const array a = ones({512, 128}, float32), b = ones({512, 128}, float32), row = ones({128}, float32);
  run_there(sqrt(a * b + row) - a / 2);
}

TEST(probe, folds) {
  if (!is_probing()) GTEST_SKIP() << "run by the tests below";
  const array a = ones({512, 128}, float32);
  run_there(sum(a, 1));
  run_there(max(a, 0));
  run_there(prod(a));
}

/// to = x, one of them transposed.
template <class T> void copy_transposed(dtype type, bool from_transposed) {
  constexpr std::int64_t rows = 96, columns = 160, size = sizeof(T);
  struct alignas(64) elements {
    T at[rows * columns];
  };
  const auto from = std::make_unique<elements>(), to = std::make_unique<elements>();
  for (std::int64_t i = 0; i < rows * columns; ++i) from->at[i] = static_cast<T>(i);
  const shape along{columns * size, size}, across{size, rows * size};
  stage s;
  s.extents = {rows, columns};
  s.folded = axis_flags(2);
  s.inputs = {{reinterpret_cast<std::byte*>(from->at), type, from_transposed ? across : along}};
  s.register_types = {type};
  s.results = {{0, fold::none, {reinterpret_cast<std::byte*>(to->at), type, from_transposed ? along : across}, no_reg}};
  cuda::run_mirrored({&s, 1}, [](cuda::context& on, std::span<const stage> all) { cuda::run_elementwise(on, all[0]); });
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < columns; ++j) {
      const std::int64_t a = i * columns + j, b = j * rows + i;
      ASSERT_EQ(to->at[from_transposed ? a : b], from->at[from_transposed ? b : a]);
    }
  }
}

TEST(probe, transposed) {
  if (!is_probing()) GTEST_SKIP() << "run by the tests below";
  for (const dtype type : {float32, float64, float16}) {
    const array a = ones({96, 160}, type), b = ones({160, 96}, type);
    run_there(a * b.T());
  }
  copy_transposed<std::int32_t>(int32, true);
  copy_transposed<std::int64_t>(int64, true);
  copy_transposed<std::int16_t>(int16, true);
  copy_transposed<std::uint32_t>(uint32, false);
  copy_transposed<std::uint64_t>(uint64, false);
  copy_transposed<std::uint16_t>(uint16, false);
}

// ---- what is expected ------------------------------------------------------------------------------------------------

/// The statistics of one of the tests above, by kernel; empty where no emulator runs it.
std::map<std::string, nlohmann::json> kernels_of(const std::string& test) {
  std::map<std::string, nlohmann::json> kernels;
  const nlohmann::json all = statistics_of(test, "1");
  if (all.is_null()) return kernels;
  for (const nlohmann::json& kernel : all["kernels"]) kernels[kernel["name"]] = kernel;
  return kernels;
}

TEST(cuda_statistics, a_plus_b_is_what_one_writes_by_hand) {
  auto kernels = kernels_of("probe.sum_of_two_and_by_hand");
  if (kernels.empty()) GTEST_SKIP() << "no emulator";
  const auto &made = kernels["tessera_add_float32"], &hand = kernels["by_hand"];
  EXPECT_LE(made["instructions"]["total"].get<std::int64_t>(), hand["instructions"]["total"].get<std::int64_t>())
      << made["instructions"] << "\n"
      << hand["instructions"];
  for (const char* const kind : {"fp32", "ld_global", "st_global", "local"}) {
    EXPECT_EQ(made["instructions"][kind], hand["instructions"][kind]) << kind;
  }
  EXPECT_EQ(made["launches"], 1);
  EXPECT_EQ(made["global"]["store_bytes"], 4 * count);
  EXPECT_EQ(made["instructions"]["ld_global"], count / 2);  // two of four floats each
  EXPECT_EQ(made["instructions"]["st_global"], count / 4);
  EXPECT_EQ(made["global"]["load_bytes"], 8 * count);
  EXPECT_EQ(made["global"]["load_efficiency"], 1.0);
  EXPECT_EQ(made["global"]["store_efficiency"], 1.0);
}

// Every sector of 32 bytes that a warp touches is one it needs all of.
TEST(cuda_statistics, transposed_operands_are_read_and_written_in_whole_sectors) {
  auto kernels = kernels_of("probe.transposed");
  if (kernels.empty()) GTEST_SKIP() << "no emulator";
  ASSERT_EQ(kernels.size(), 9u);
  constexpr std::int64_t elements = 96 * 160;
  for (auto& [name, made] : kernels) {
    EXPECT_EQ(made["launches"], 1) << name;
    EXPECT_EQ(made["global"]["load_efficiency"], 1.0) << name << made["global"];
    EXPECT_EQ(made["global"]["store_efficiency"], 1.0) << name << made["global"];
    const bool product = name.find("multiply") != std::string::npos;
    const std::int64_t size = name.ends_with("64") ? 8 : name.ends_with("32") ? 4 : 2;
    EXPECT_EQ(made["global"]["load_bytes"], (product ? 2 : 1) * size * elements) << name;
    EXPECT_EQ(made["global"]["store_bytes"], size * elements) << name;
    EXPECT_EQ(made["local_bytes"], 0) << name;
  }
}

TEST(cuda_statistics, a_chain_is_one_pass) {
  auto kernels = kernels_of("probe.fused_chain");
  if (kernels.empty()) GTEST_SKIP() << "no emulator";
  ASSERT_EQ(kernels.size(), 1u);
  const auto& made = kernels.begin()->second;
  EXPECT_EQ(made["launches"], 1);
  EXPECT_EQ(made["global"]["store_bytes"], 4 * count);
  EXPECT_EQ(made["instructions"]["ld_global"], 3 * count / 4);  // of 16 bytes
  EXPECT_EQ(made["instructions"]["st_global"], count / 4);
  EXPECT_EQ(made["local_bytes"], 0);
}

TEST(cuda_statistics, folds_read_every_byte_once) {
  auto kernels = kernels_of("probe.folds");
  if (kernels.empty()) GTEST_SKIP() << "no emulator";
  for (const char* name : {"tessera_sum_float32", "tessera_max_float32", "tessera_prod_float32"}) {
    ASSERT_TRUE(kernels.contains(name)) << name;
    const auto& made = kernels[name];
    EXPECT_EQ(made["launches"], 1) << name;
    EXPECT_EQ(made["instructions"]["ld_global"], count / 4) << name;  // of 16 bytes
    EXPECT_EQ(made["local_bytes"], 0) << name;
  }
}

}  // namespace
}  // namespace tessera::detail
