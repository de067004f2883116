// Reads .npy files from sources of bytes, and lays arrays out as such files.
#include "ops/npy.hpp"

#include <cstring>

#include "core/access.hpp"
#include "core/byte_order.hpp"
#include "core/dtype_parts.hpp"

namespace tessera::detail {
namespace {

constexpr std::int64_t longest_header = std::int64_t{1} << 20;  // those of numbers have about a hundred bytes

/// The dictionary, whose first bytes may have been read with the prefix.
std::string read_dictionary(byte_source& source, std::string_view prefix, const npy_prefix& at) {
  const auto length = static_cast<std::size_t>(at.header_length);
  std::string text(prefix.substr(std::min(static_cast<std::size_t>(at.header_begin), prefix.size())).substr(0, length));
  const std::size_t known = text.size();
  text.resize(length);
  text.resize(known + source.read(text.data() + known, length - known));
  return text;
}

}  // namespace

npy_layout read_npy_layout(byte_source& source, const file_context& on) {
  try {
    char bytes[npy_prefix_most];
    const std::string_view first(bytes, source.read(bytes, sizeof bytes));
    const npy_prefix prefix = parse_npy_prefix(first);
    const std::int64_t begin = prefix.header_begin + prefix.header_length, held = source.nbytes();
    if (begin > held) {
      on.refuse("truncated: the header should have " + std::to_string(prefix.header_length) +
                " bytes, the file holds " + std::to_string(held - prefix.header_begin) + " of them");
    }
    if (prefix.header_length > longest_header) {
      on.refuse("header: " + std::to_string(prefix.header_length) + " bytes are too many, at most " +
                std::to_string(longest_header) + " are read");
    }
    npy_layout layout{parse_npy_header(read_dictionary(source, first, prefix), prefix.utf8), begin, 0};
    if (layout.header.type.itemsize() == 0 && !is_text(layout.header.type)) {
      on.refuse("header: " + layout.header.type.name() + " has no bytes");
    }
    layout.nbytes = npy_data_bytes(layout.header);
    if (layout.nbytes > held - begin) {
      on.refuse("truncated: shape " + to_string(layout.header.extents) + " of " + layout.header.type.name() + " has " +
                std::to_string(layout.nbytes) + " bytes, the file holds " + std::to_string(held - begin) + " of them");
    }
    return layout;
  } catch (const npy_header_error& e) {
    on.refuse(e.what());
  }
}

array read_npy_elements(byte_source& source, const npy_layout& layout, const file_context& on) {
  const npy_header& header = layout.header;
  array result =
      access::make(header.extents, native(header.type), header.fortran_order ? order::F : order::C, cpu(), on.where());
  if (header.type.itemsize() == 0) {  // texts of no width, which have one in memory
    std::memset(access::data(result), 0, static_cast<std::size_t>(result.nbytes()));
    return result;
  }
  const auto count = static_cast<std::size_t>(layout.nbytes);
  if (source.read(access::data(result), count) != count) on.refuse("was cut short while it was read");
  make_native(access::data(result), result.size(), header.type);
  return result;
}

npy_image::npy_image(const array& x, caller where) : elements(x.to(cpu(), where)) {
  const flags_t flags = elements.flags();
  const bool fortran_order = flags.f_contiguous && !flags.c_contiguous;
  if (!flags.f_contiguous && !flags.c_contiguous) elements = elements.copy();
  header = write_npy_header({.type = elements.dtype(), .fortran_order = fortran_order, .extents = elements.shape()},
                            "save", where);
}

}  // namespace tessera::detail
