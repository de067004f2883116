// Any bytes as a .npy file: an array, or an error of ours.
#include "input_file.hpp"
#include "tessera/tessera.hpp"

using namespace tessera;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const input_file file(data, size);
  for (const mmap_mode mode : {mmap_mode::none, mmap_mode::readonly}) {
    try {
      tobytes(load(file.path(), {.mmap = mode}));
    } catch (const error&) {}
  }
  return 0;
}
