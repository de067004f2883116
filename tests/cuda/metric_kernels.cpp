// Writes machine code of the kernels of all metrics for tools/count_instructions.py:   cuda_metric_kernels FOLDER SM
// FOLDER/NAME.cubin and what the assembler says of each, on standard output. NVRTC alone, no device.
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>

#include "corpus.hpp"
#include "cuda/nvrtc.hpp"

int main(int argc, char** argv) {
  using namespace tessera::detail;
  if (argc != 3) return 2;
  for_each_metric_kernel([&](const cuda::kernel_text& text) {
    std::string report;
    const std::string image = cuda::compile(text.source, text.name, {std::atoi(argv[2]), false}, &report);
    const std::string file = fmt::format("{}/{}.cubin", argv[1], text.name);
    std::ofstream(file, std::ios::binary) << image;
    if (const char* const kept = std::getenv("TESSERA_KEEP_TEXT"))
      std::ofstream(fmt::format("{}/{}.cu", kept, text.name)) << text.source;
    fmt::print("{}\n{}\n", text.name, report);
  });
}
