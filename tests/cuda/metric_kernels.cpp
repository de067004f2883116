// Writes the kernels of all metrics for tools/count_instructions.py:   cuda_metric_kernels FOLDER SM
// FOLDER/NAME.cubin is machine code, FOLDER/NAME.txt NVRTC's processor time in milliseconds and what the assembler says of
// registers. NVRTC alone, no device.
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>

#include "corpus.hpp"
#include "cuda/nvrtc.hpp"

namespace {

double seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace tessera::detail;
  if (argc != 3) return 2;
  for_each_metric_kernel([&](const cuda::kernel_text& text) {
    const std::string file = std::string(argv[1]) + "/" + text.name;
    std::string report;
    const double begin = seconds();
    const std::string image = cuda::compile(text.source, text.name, {std::atoi(argv[2]), false}, &report);
    std::ofstream(file + ".txt") << 1e3 * (seconds() - begin) << "\n" << report;
    std::ofstream(file + ".cubin", std::ios::binary) << image;
    std::ofstream(file + ".cu") << text.source;
  });
}
