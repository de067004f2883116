// Reads and writes the dictionary of .npy files. The reader takes what numpy.save has written since 2007 and other writers
// that keep to the format's description, and nothing else: no expressions, no other keys, each key once.
#include "core/npy_header.hpp"

#include <limits>
#include <optional>

#include "core/descr.hpp"
#include "core/utf8.hpp"

namespace tessera::detail {
namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr int alignment = 64;  // of the elements in a file
constexpr std::size_t most_first_version = 10 + 65535;
constexpr int growth_axis_digits = 21;  // NumPy leaves room to rewrite the first extent in place

[[noreturn]] void refuse(const std::string& what) { throw npy_header_error(what); }

void read_value(literal_reader& in, std::string_view key, npy_header& header) {
  if (key == "descr") {
    header.type = read_descr(in, descr_of::file);
  } else if (key == "fortran_order") {
    header.fortran_order = in.boolean();
  } else {
    header.extents = in.tuple("the shape's");
    for (const std::int64_t extent : header.extents) {
      if (extent < 0) throw literal_error("shape " + to_string(header.extents) + " has a negative extent");
    }
  }
}

npy_header read_header(std::string_view text) {
  constexpr std::string_view keys[] = {"descr", "fortran_order", "shape"};
  npy_header header;
  bool seen[] = {false, false, false};
  literal_reader in(text);
  in.expect('{');
  while (!in.accept('}')) {
    const std::string key = in.string();
    int k = 0;
    while (k < 3 && keys[k] != key) ++k;
    if (k == 3) throw literal_error("unknown key " + shown_text(key));
    if (seen[k]) throw literal_error("key " + shown_text(key) + " stands there twice");
    seen[k] = true;
    in.expect(':');
    read_value(in, key, header);
    in.next_entry('}');
  }
  if (!in.at_end()) in.fail("the end");
  for (int k = 0; k < 3; ++k) {
    if (!seen[k]) throw literal_error("key " + shown_text(keys[k]) + " is missing");
  }
  return header;
}

std::string utf8_from_latin1(std::string_view text) {
  std::string utf8;
  for (const char c : text) append_utf8(utf8, static_cast<unsigned char>(c));
  return utf8;
}

/// Nothing where a character is none of Latin-1's.
std::optional<std::string> latin1_from_utf8(std::string_view text) {
  std::string latin1;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t point = decode_utf8(text, at);
    if (point > 0xff) return std::nullopt;
    latin1 += static_cast<char>(point);
  }
  return latin1;
}

/// The dictionary behind what stands before it, padded to whole lines of 64 bytes.
std::string with_prefix(char major, std::string text) {
  const std::size_t length_bytes = major == 1 ? 2 : 4, prefix = magic.size() + 2 + length_bytes;
  text.append(alignment - (prefix + text.size() + 1) % alignment, ' ');
  text += '\n';
  std::string whole(magic);
  whole += {major, '\0'};
  for (std::size_t i = 0; i < length_bytes; ++i) whole += static_cast<char>(text.size() >> 8 * i & 0xff);
  return whole + text;
}

}  // namespace

npy_prefix parse_npy_prefix(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return std::int64_t{static_cast<unsigned char>(bytes[i])}; };
  if (bytes.empty()) refuse("the file is empty");
  if (bytes.substr(0, magic.size()) != magic.substr(0, bytes.size())) {
    refuse("not a .npy file: it begins with " + shown_text(bytes.substr(0, magic.size())));
  }
  if (bytes.size() < magic.size() + 2) refuse("truncated: the file ends in the middle of the magic string");
  const std::int64_t major = byte(6), minor = byte(7);
  if (major < 1 || major > 3 || minor != 0) {
    refuse("format version " + std::to_string(major) + "." + std::to_string(minor) +
           " is not supported (1.0, 2.0 and 3.0 are)");
  }
  const std::size_t begin = major == 1 ? 10 : 12;
  if (bytes.size() < begin) refuse("truncated: the file ends before the header's length");
  std::int64_t length = 0;
  for (std::size_t i = begin; i-- > 8;) length = length << 8 | byte(i);
  return {static_cast<std::int64_t>(begin), length, major == 3};
}

npy_header parse_npy_header(std::string_view text, bool utf8) {
  for (std::size_t at = 0; utf8 && at < text.size();)
    if (decode_utf8(text, at) > 0x10ffff)
      throw npy_header_error("header: byte " + std::to_string(at) + " is not UTF-8");
  try {
    return utf8 ? read_header(text) : read_header(utf8_from_latin1(text));
  } catch (const literal_error& e) {
    refuse(std::string("header: ") + e.what());
  }
}

std::int64_t npy_data_bytes(const npy_header& header) {
  std::int64_t bytes = header.type.itemsize();
  bool empty = false;
  for (const std::int64_t extent : header.extents) {
    if (extent == 0) {
      empty = true;
    } else if (bytes > std::numeric_limits<std::int64_t>::max() / extent) {
      refuse("header: shape " + to_string(header.extents) + " of " + header.type.name() +
             " has more bytes than fit in 64 bits");
    } else {
      bytes *= extent;
    }
  }
  return empty ? 0 : bytes;
}

std::string write_npy_header(const npy_header& header, const char* name, caller where) {
  std::string text = "{'descr': " + write_descr(header.type, name, where) +
                     ", 'fortran_order': " + (header.fortran_order ? "True" : "False") +
                     ", 'shape': " + to_string(header.extents) + ", }";
  if (!header.extents.empty()) {
    const int growth_axis = header.fortran_order ? header.extents.size() - 1 : 0;
    text.append(growth_axis_digits - std::to_string(header.extents[growth_axis]).size(), ' ');
  }
  const std::optional<std::string> latin1 = latin1_from_utf8(text);
  if (!latin1) return with_prefix(3, text);
  const std::string first = with_prefix(1, *latin1);
  return first.size() <= most_first_version ? first : with_prefix(2, *latin1);
}

}  // namespace tessera::detail
