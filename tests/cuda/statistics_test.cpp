// What kernels execute and move, from the emulator's statistics: this program runs parts of itself under them.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cuda/elementwise.hpp"
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

// ---- what is expected ------------------------------------------------------------------------------------------------

/// The statistics of one of the tests above, by kernel; empty where no emulator runs it.
std::map<std::string, nlohmann::json> statistics_of(const std::string& test) {
  char name[] = "/tmp/tessera_statistics_XXXXXX";
  const int file = mkstemp(name);
  if (file < 0) return {};
  close(file);
  const std::string self = std::filesystem::read_symlink("/proc/self/exe");
  const std::string command = "TESSERA_PROBE=1 CUDAEMU_STATS=" + std::string(name) + ".json '" + self +
                              "' --gtest_filter=" + test + " >/dev/null 2>&1";
  const int status = std::system(command.c_str());
  EXPECT_EQ(status, 0) << command;
  std::ifstream in(std::string(name) + ".json");
  std::map<std::string, nlohmann::json> kernels;
  if (in) {
    const nlohmann::json all = nlohmann::json::parse(in);
    for (const nlohmann::json& kernel : all["kernels"]) kernels[kernel["name"]] = kernel;
  }
  std::filesystem::remove(name);
  std::filesystem::remove(std::string(name) + ".json");
  return kernels;
}

TEST(cuda_statistics, a_plus_b_is_what_one_writes_by_hand) {
  auto kernels = statistics_of("probe.sum_of_two_and_by_hand");
  if (kernels.empty()) GTEST_SKIP() << "no emulator";
  const auto &made = kernels["tessera_add_float32"], &hand = kernels["by_hand"];
  // PTX takes the address of the parameter struct and adds to it, four instructions a thread that become operands in machine
  // code. (The emulator counts such reads of parameters as global ones, so that bytes say nothing here.)
  constexpr std::int64_t threads = count / 4, for_parameters = 4;
  EXPECT_LE(made["instructions"]["total"].get<std::int64_t>(),
            hand["instructions"]["total"].get<std::int64_t>() + for_parameters * threads)
      << made["instructions"] << "\n"
      << hand["instructions"];
  for (const char* const kind : {"fp32", "ld_global", "st_global", "control", "local"}) {
    EXPECT_EQ(made["instructions"][kind], hand["instructions"][kind]) << kind;
  }
  EXPECT_EQ(made["launches"], 1);
  EXPECT_EQ(made["global"]["store_bytes"], 4 * count);
  EXPECT_EQ(made["instructions"]["ld_global"], count / 2);  // two of four floats each
  EXPECT_EQ(made["instructions"]["st_global"], count / 4);
  EXPECT_EQ(made["global"]["store_efficiency"], 1.0);
}

TEST(cuda_statistics, a_chain_is_one_pass) {
  auto kernels = statistics_of("probe.fused_chain");
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
  auto kernels = statistics_of("probe.folds");
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
