// Any text as the name of a dtype, as a header's descr, and as a whole header. What is understood is written and understood again
// as the same.
#include <cstdlib>

#include "core/dtype_parts.hpp"
#include "core/npy_header.hpp"
#include "tessera/tessera.hpp"

using namespace tessera;

namespace {

void expect(bool condition) {
  if (!condition) std::abort();
}

detail::npy_header parse(const std::string& file) {
  const detail::npy_prefix prefix = detail::parse_npy_prefix(std::string_view(file).substr(0, detail::npy_prefix_most));
  return detail::parse_npy_header(std::string_view(file).substr(static_cast<std::size_t>(prefix.header_begin)),
                                  prefix.utf8);
}

void read_header(const std::string& text, bool utf8) {
  try {
    const detail::npy_header header = detail::parse_npy_header(text, utf8);
    const detail::npy_header again = parse(detail::write_npy_header(header, "fuzz", caller::current()));
    expect(again.type == header.type && again.extents == header.extents && again.fortran_order == header.fortran_order);
  } catch (const detail::npy_header_error&) {
  } catch (const value_error&) {  // records that no file describes
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    const dtype type(text);
    if (type.is_set() && type.is_native() && !detail::is_record(type)) expect(dtype(type.str()) == type);
  } catch (const error&) {}
  for (const bool utf8 : {false, true}) {
    read_header(text, utf8);
    read_header("{'descr': " + text + ", 'fortran_order': False, 'shape': (3,), }", utf8);
  }
  return 0;
}
