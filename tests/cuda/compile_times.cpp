// Prints what NVRTC's time for kernels of each kind is, as a table for docs/gpu.md:   cuda_compile_times [--all] [SM]
//
// Processor time, the least of eight compilations to machine code (for compute capability 9.0 if none is said), in turn, so that
// what else the machine does meets all alike; that of an empty kernel tells machines apart. With --all also the slowest of the
// corpus. No device is needed.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <ctime>

#include "corpus.hpp"
#include "cuda/nvrtc.hpp"

namespace tessera::detail {
namespace {

double seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double milliseconds_of(const cuda::kernel_text& text, int capability) {
  const double begin = seconds();
  cuda::compile(text.source, text.name, {capability, false});
  return 1e3 * (seconds() - begin);
}

struct row {
  const char* what;
  expr recipe;
};

std::vector<row> rows() {
  const auto of = [](dtype type) { return zeros({1000, 1000}, type); };
  const array a = of(float32), b = of(float32), d = of(float64), c = of(complex64), z = of(complex128);
  expr chain = a;
  for (int i = 0; i < 10; ++i) chain = sqrt(abs(chain * b + 1.0f)) - a / 2.0f;
  const array x = zeros({300, 64}, float32), y = zeros({200, 64}, float32);
  const expr left = x(all, newaxis, all), right = y(newaxis, all, all);
  return {{"`a + b`", a + b},
          {"50 operations in a chain", chain},
          {"`sin(a) * exp(b) + log(a) + pow(a, b)`", sin(a) * exp(b) + log(a) + pow(a, b)},
          {"the same of float64", sin(d) * exp(d) + log(d) + pow(d, d)},
          {"`asin` of complex64", asin(c)},
          {"`pow` of complex128", pow(z, z)},
          {"sum of rows", sum(a, 1)},
          {"sum of columns", sum(a, 0)},
          {"sum of everything", sum(a)},
          {"sum of `sin(d)`, float64", sum(sin(d))},
          {"`argmax`", argmax(a)},
          {"`argmax` of rows", argmax(a, 1)},
          {"variance", var(a)},
          {"variance of rows", var(a, 1)},
          {"variance of columns", var(a, 0)},
          {"squared distances, a tile of pairs", sum(square(left - right), 2)},
          {"sum of `x * log(x / y)`, a tile of pairs", sum(left * log(left / right), 2)}};
}

void print(const std::string& what, double milliseconds) { fmt::print("| {} | {:.0f} |\n", what, milliseconds); }

int run(int argc, char** argv) {
  bool everything = false;
  int capability = 90;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--all") == 0) everything = true;
    else capability = std::atoi(argv[i]);
  }
  if (const std::string problem = cuda::nvrtc_problem(); !problem.empty()) {
    fmt::print("{}\n", problem);
    return 1;
  }
  fmt::print("| kernel, sm_{} | ms |\n|--|--|\n", capability);
  const cuda::kernel_text empty{"nothing", "extern \"C\" __global__ void nothing() {}"};
  std::vector<std::pair<std::string, std::vector<cuda::kernel_text>>> kernels{{"nothing", {empty}}};
  for (const row& each : rows()) {
    kernels.push_back({each.what, {}});
    for (const stage& s : plan(each.recipe, nullptr, caller()).stages) kernels.back().second.push_back(text_of(s));
  }
  std::vector<double> least(kernels.size(), 1e9);
  constexpr int times = 8;
  for (int i = 0; i < times; ++i) {
    for (std::size_t k = 0; k < kernels.size(); ++k) {
      double most = 0;  // of its stages
      for (const cuda::kernel_text& text : kernels[k].second) most = std::max(most, milliseconds_of(text, capability));
      least[k] = std::min(least[k], most);
    }
  }
  for (std::size_t k = 0; k < kernels.size(); ++k) print(kernels[k].first, least[k]);
  if (!everything) return 0;
  std::vector<std::pair<double, std::string>> slow;
  for_each_kernel([&](const cuda::kernel_text& text) {
    double once = milliseconds_of(text, capability);
    if (once > 100) once = std::min(once, milliseconds_of(text, capability));
    slow.emplace_back(once, text.name);
  });
  std::sort(slow.rbegin(), slow.rend());
  fmt::print("\n| slowest of {} kernels | ms |\n|--|--|\n", slow.size());
  for (std::size_t i = 0; i < std::min<std::size_t>(40, slow.size()); ++i) print(slow[i].second, slow[i].first);
  return 0;
}

}  // namespace
}  // namespace tessera::detail

int main(int argc, char** argv) { return tessera::detail::run(argc, argv); }
