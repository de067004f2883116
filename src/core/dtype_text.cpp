// The text of dtypes as NumPy reads and writes it: names, lists of fields, dictionaries.
#include "core/descr.hpp"
#include "core/dtype_parts.hpp"
#include "core/quoted_text.hpp"
#include "tessera/error.hpp"

namespace tessera {
namespace {

using detail::dtype_parts;

std::int64_t round_up(std::int64_t n, std::int64_t multiple) { return (n + multiple - 1) / multiple * multiple; }

/// Whether a list of the fields alone says where they lie: one behind the other, with a C compiler's gaps in aligned records.
bool is_packed(dtype type) {
  std::int64_t end = 0;
  int alignment = 1;
  for (const field& f : type.fields()) {
    const int own = type.is_aligned() ? f.type.alignment() : 1;
    alignment = std::max(alignment, own);
    if (f.offset != round_up(end, own)) return false;
    end = f.offset + f.nbytes();
  }
  return round_up(end, alignment) == type.itemsize();
}

std::string struct_text(dtype type, bool with_alignment);

/// What stands behind a field's name: '<f8', 'i1', '?', a list, a dictionary.
std::string format_text(dtype type) {
  if (type.has_fields()) return struct_text(type, false);
  std::string code = type == bool_ ? "?" : type.str();
  if (code[0] == '|') code.erase(0, 1);
  const bool sized = detail::is_text(type) || detail::is_record(type);
  if (sized && type.itemsize() == 0) code.pop_back();  // 'S' for 'S0'
  return "'" + code + "'";
}

std::string list_text(dtype type) {
  std::string text;
  for (const field& f : type.fields()) {
    text += (text.empty() ? "(" : ", (") + detail::quoted_text(f.name) + ", " + format_text(f.type);
    text += f.extents.empty() ? ")" : ", " + to_string(f.extents) + ")";
  }
  return "[" + text + "]";
}

std::string dictionary_text(dtype type, bool with_alignment) {
  std::string names, formats, offsets;
  for (const field& f : type.fields()) {
    const std::string comma = names.empty() ? "" : ", ", format = format_text(f.type);
    names += comma + detail::quoted_text(f.name);
    formats += comma + (f.extents.empty() ? format : "(" + format + ", " + to_string(f.extents) + ")");
    offsets += comma + std::to_string(f.offset);
  }
  return "{'names': [" + names + "], 'formats': [" + formats + "], 'offsets': [" + offsets +
         "], 'itemsize': " + std::to_string(type.itemsize()) +
         (with_alignment && type.is_aligned() ? ", 'aligned': True}" : "}");
}

std::string struct_text(dtype type, bool with_alignment) {
  const bool as_list = !(with_alignment && type.is_aligned()) && is_packed(type);
  return as_list ? list_text(type) : dictionary_text(type, with_alignment);
}

// In the order of dtype_code.
constexpr const char* number_names[dtype_count] = {
    "unset",  "bool",   "int8",    "int16",    "int32",   "int64",   "uint8",     "uint16",
    "uint32", "uint64", "float16", "bfloat16", "float32", "float64", "complex64", "complex128",
};

dtype parse_all(std::string_view text) {
  detail::literal_reader in(text);
  const char first = in.peek();
  if (first == '[' || first == '{') {
    const dtype type = detail::read_descr(in, detail::descr_of::text);
    if (!in.at_end()) in.fail("the end");
    return type;
  }
  if (const std::optional<dtype> parsed = detail::parse_dtype(text)) return *parsed;
  if (text.find(',') != text.npos) return detail::read_comma_descr(in);
  throw detail::literal_error("'" + std::string(text) + "' is not an element type");
}

}  // namespace

dtype dtype::parse(std::string_view text) {
  try {
    return parse_all(text);
  } catch (const detail::literal_error& e) {
    throw dtype_error(std::string("dtype: ") + e.what(), caller());
  }
}

std::string dtype::name() const {
  if (is_number() && is_native()) return number_names[static_cast<int>(code())];
  if (has_fields()) return struct_text(*this, true);
  if (detail::is_time(*this) && is_native()) {
    return (code() == dtype_code::datetime64 ? "datetime64" : "timedelta64") + str().substr(3);
  }
  return str();
}

}  // namespace tessera
