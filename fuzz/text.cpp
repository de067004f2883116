// Any bytes as a text file. The first byte chooses dtype and options: a table, or an error of ours.
#include <iterator>

#include "input_file.hpp"
#include "tessera/tessera.hpp"

using namespace tessera;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static const dtype types[] = {
      float64,    int64,      uint8,       bool_,
      complex128, dtype("U"), dtype("S3"), record({{"a", float32}, {"b", dtype("U4")}, {"c", int16, {2}}})};
  const unsigned choice = data[0];
  loadtxt_options options = {.dtype = types[choice % std::size(types)]};
  if ((choice & 8) != 0) options.delimiter = ",";
  if ((choice & 16) != 0) options.quotechar = "\"";
  if ((choice & 32) != 0) options.usecols = {-1, 0};
  if ((choice & 64) != 0) options.comments = {"//", "%"};
  if ((choice & 128) != 0) options.skiprows = 1;
  try {
    loadtxt_text({reinterpret_cast<const char*>(data + 1), size - 1}, options);
  } catch (const error&) {}
  return 0;
}
