// einsum and matmul on a GPU, or under the emulator, as users call them: streams, devices, threads, memory; and that cuBLAS is
// called as often as the table of patterns says, as the emulator's cuBLAS counts it.
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "array_values.hpp"
#include "cuda/contraction_patterns.hpp"
#include "cuda/device.hpp"

namespace {

using namespace tessera;
using tessera_test::message_of;
using tessera_test::values;

class contractions_on_gpu : public on_gpu {};

/// Small integers, so that sums are exact in every order.
array numbers(const shape& extents, const dtype& type, const device& on) {
  std::int64_t n = 1;
  for (const std::int64_t extent : extents) n *= extent;
  return reshape(array(remainder(arange(0, n, 1, {.dtype = int64, .device = cpu()}) * 7919, 7) - 3).astype(type),
                 extents)
      .to(on);
}
bool same(const array& there, const array& here) { return bool(array_equal(there.to(cpu()), here)); }

TEST_F(contractions_on_gpu, follow_the_order_of_streams) {
  const array a = numbers({40, 50}, float32, cpu()), b = numbers({50, 60}, float32, cpu());
  const array want = matmul(a * 2, b);
  const stream first(cuda()), second(cuda());
  for (int i = 0; i < 3; ++i) {
    array x, y = b.to(cuda()), z;
    {
      const stream_scope on(first);
      x = a.to(cuda()) + a.to(cuda());
    }
    {
      const stream_scope on(second);
      z = matmul(x, y);
    }
    {
      const stream_scope on(first);
      x = full({40, 50}, 9, {.dtype = float32, .device = cuda()});
      y += 1;  // after what `second` reads
    }
    EXPECT_TRUE(same(z, want));
  }
}

TEST_F(contractions_on_gpu, run_on_each_device) {
  const array a = numbers({40, 50}, float64, cpu()), b = numbers({50, 60}, float64, cpu());
  for (int i = 0; i < backends()[1].devices; ++i) {
    const array x = a.to(cuda(i)), y = b.to(cuda(i));
    const array z = matmul(x, y);
    EXPECT_EQ(z.device(), cuda(i));
    EXPECT_TRUE(same(z, matmul(a, b)));
    EXPECT_TRUE(same(matmul(x.astype(int32), y.astype(int32)), matmul(a, b)));
  }
  if (backends()[1].devices < 2) return;
  EXPECT_EQ(message_of<device_error>([&] { matmul(a.to(cuda(0)), b.to(cuda(1))); }),
            "matmul: operands on cuda:0 and cuda:1; to() copies from one device to another");
}

TEST_F(contractions_on_gpu, run_on_threads_that_share_a_stream_and_on_others) {
  const array a = numbers({40, 50}, float32, cpu()), b = numbers({50, 60}, float32, cpu());
  const array want = matmul(a, b), x = a.to(cuda()), y = b.to(cuda());
  const stream shared(cuda());
  std::vector<array> results(6);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < results.size(); ++i) {
    threads.emplace_back([&, i] {
      std::optional<stream_scope> on;
      if (i % 2 == 0) on.emplace(shared);
      for (int n = 0; n < 5; ++n) results[i] = matmul(x, y);
    });
  }
  for (std::thread& each : threads) each.join();
  for (const array& each : results) EXPECT_TRUE(same(each, want));
}

TEST_F(contractions_on_gpu, without_memory_leave_nothing_and_work_again) {
  const array x = numbers({64, 64}, float32, cuda());
  synchronize(cuda());
  const std::int64_t before = memory_stats(cuda()).bytes_in_use;
  const std::int64_t limit = set_memory_limit(before + (1 << 20), cuda());
  const std::string message = message_of<out_of_memory>([&] { matmul(x, x); });
  EXPECT_TRUE(message.starts_with("contraction: ")) << message;
  EXPECT_NE(message.find(" for intermediate results are not available on cuda:0"), std::string::npos) << message;
  EXPECT_EQ(memory_stats(cuda()).bytes_in_use, before);
  set_memory_limit(limit, cuda());
  EXPECT_TRUE(same(matmul(x, x), matmul(x.to(cpu()), x.to(cpu()))));
  EXPECT_EQ(memory_stats(cuda()).bytes_in_use, before);
}

TEST_F(contractions_on_gpu, print_what_they_call) {
  const array x = numbers({20, 24}, float32, cuda()), y = numbers({24, 28}, float32, cuda());
  const auto text = [&](const array& a, const array& b) { return to_string(einsum_path_list("ij,jk->ik", {a, b})); };
  EXPECT_NE(text(x, y).find("cublasGemmEx NN 28 x 20 x 24"), std::string::npos) << text(x, y);
  const array i = x.astype(int32), j = y.astype(int32);
  EXPECT_NE(text(i, j).find("tiles of 64 x 64"), std::string::npos) << text(i, j);
}

// ---- calls as the emulator counts them -----------------------------------------------------------------------------------

/// An operand on the device that lies as a layout says, with small integers in it.
array laid_out(const std::string& labels, const tessera_test::equation& e, tessera_test::layout how) {
  shape extents, larger;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    extents.push_back(e.extents.at(labels[i]));
    larger.push_back(e.extents.at(labels[i]) + 2);
  }
  const array here = numbers(extents, float32, cpu());
  if (how == tessera_test::layout::contiguous) return here.to(cuda());
  if (how == tessera_test::layout::permuted) return here.T().copy().to(cuda()).T();
  array whole = zeros(larger, {.dtype = float32, .device = cuda()});
  array inside = whole;
  for (int axis = 0; axis < extents.size(); ++axis) {
    inside = swapaxes(swapaxes(inside, 0, axis)(slice(0, extents[axis])), 0, axis);
  }
  inside(ellipsis) = here.to(cuda());
  return inside;
}

/// Run in another process by the test below: all patterns of one layout.
TEST_F(contractions_on_gpu, probe_of_patterns) {
  const char* const probe = std::getenv("TESSERA_PROBE");
  if (probe == nullptr) return;
  const auto how = static_cast<tessera_test::layout>(std::atoi(probe));
  for (const tessera_test::pattern& p : tessera_test::patterns) {
    const tessera_test::equation e(p.equation, p.extents);
    const array x = laid_out(e.x, e, how), y = laid_out(e.y, e, how);
    EXPECT_TRUE(same(einsum(p.equation, x, y), einsum(p.equation, x.to(cpu()), y.to(cpu())))) << p.equation;
  }
}

/// "28x20x24": m, n, k of a pattern's call.
std::string sizes_of(const std::string& calls) {
  const std::size_t bar = calls.find('|'),
                    start = calls.find(' ', calls.find(' ', bar == std::string::npos ? 0 : bar) + 1) + 1;
  return calls.substr(start, calls.find(' ', start) - start);
}

bool is_for_cublas(const tessera_test::equation& e) {
  std::int64_t rows = 1, columns = 1, summed = 1;
  for (const char l : e.summed()) summed *= e.extents.at(l);
  for (const char l : e.to) {
    const bool in_x = e.x.find(l) != std::string::npos, in_y = e.y.find(l) != std::string::npos;
    if (!in_y) rows *= e.extents.at(l);
    if (!in_x) columns *= e.extents.at(l);
  }
  return std::min(rows, columns) > 1 && summed > 1 && rows * columns * summed >= 4096;
}

TEST_F(contractions_on_gpu, call_cublas_as_often_as_the_rules_say) {
  for (const tessera_test::layout how : tessera_test::all_layouts) {
    std::map<std::string, int> want, got;
    for (const tessera_test::pattern& p : tessera_test::patterns) {
      if (!is_for_cublas(tessera_test::equation(p.equation, p.extents))) continue;
      const std::string calls = p.calls[static_cast<int>(how)];
      const std::size_t bar = calls.find('|'), several = calls.find(" calls");
      const char kind = calls[bar == std::string::npos ? 0 : bar + 1];
      const char* const function = kind == '1'   ? "cublasGemmEx_64 "
                                   : kind == 'S' ? "cublasGemmStridedBatchedEx_64 "
                                                 : "cublasGemmBatchedEx_64 ";
      const int count = several == std::string::npos ? 1 : std::atoi(calls.c_str() + calls.rfind(' ', several - 1));
      want[function + sizes_of(calls)] += count;
    }
    const std::string self = std::filesystem::read_symlink("/proc/self/exe");
    const std::string command = "TESSERA_PROBE=" + std::to_string(static_cast<int>(how)) + " CUDAEMU_STATS=1 '" + self +
                                "' --gtest_filter='*probe_of_patterns' 2>&1";
    FILE* const output = popen(command.c_str(), "r");
    ASSERT_NE(output, nullptr);
    char line[512];
    while (std::fgets(line, sizeof line, output) != nullptr) {
      char function[64];
      int calls;
      long m, n, k, batch;
      if (std::sscanf(line, " cublasGemm%50s %d %ld %ld %ld %ld", function, &calls, &m, &n, &k, &batch) != 6) continue;
      got["cublasGemm" + std::string(function) + " " + std::to_string(m) + "x" + std::to_string(n) + "x" +
          std::to_string(k)] += calls;
    }
    EXPECT_EQ(pclose(output), 0);
    if (got.empty()) GTEST_SKIP() << "no emulator that counts calls";
    EXPECT_EQ(got, want) << "layout " << static_cast<int>(how);
  }
}

}  // namespace
