// Any bytes as a safetensors file: each of its arrays is there, or there is an error of ours.
#include "input_file.hpp"
#include "tessera/tessera.hpp"

using namespace tessera;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const input_file file(data, size);
  for (const mmap_mode mode : {mmap_mode::none, mmap_mode::copy_on_write}) {
    try {
      const safetensors_file opened = load_safetensors(file.path(), {.mmap = mode});
      opened.metadata();
      for (const std::string& name : opened.names()) {
        if (!opened.contains(name)) std::abort();
        try {
          tobytes(opened[name]);
        } catch (const error&) {}
      }
    } catch (const error&) {}
  }
  return 0;
}
