// Any bytes as an archive: each of its members is an array, or there is an error of ours.
#include "input_file.hpp"
#include "tessera/tessera.hpp"

using namespace tessera;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const input_file file(data, size);
  try {
    const npz_file archive = load_npz(file.path());
    for (const std::string& name : archive.names()) {
      if (!archive.contains(name)) std::abort();
      try {
        archive[name];
      } catch (const error&) {}
    }
  } catch (const error&) {}
  return 0;
}
