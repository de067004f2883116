// dtype: names, sizes and NumPy's codes.
#include "tessera/dtype.hpp"

#include "core/dtype_parse.hpp"
#include "tessera/error.hpp"

namespace tessera {
namespace {

struct dtype_info {
  const char* name;
  const char* code;  // without byte order
  int itemsize;
  char kind;
};

// In the order of dtype_code.
constexpr dtype_info infos[dtype_count] = {
    {"unset", "", 0, ' '},     {"bool", "b1", 1, 'b'},    {"int8", "i1", 1, 'i'},      {"int16", "i2", 2, 'i'},
    {"int32", "i4", 4, 'i'},   {"int64", "i8", 8, 'i'},   {"uint8", "u1", 1, 'u'},     {"uint16", "u2", 2, 'u'},
    {"uint32", "u4", 4, 'u'},  {"uint64", "u8", 8, 'u'},  {"float16", "f2", 2, 'f'},   {"bfloat16", "", 2, 'f'},
    {"float32", "f4", 4, 'f'}, {"float64", "f8", 8, 'f'}, {"complex64", "c8", 8, 'c'}, {"complex128", "c16", 16, 'c'},
};

constexpr const dtype_info& info(dtype type) { return infos[static_cast<int>(type.code())]; }

struct alias {
  std::string_view text;
  dtype type;
};

// NumPy's one-letter codes and C names on a 64-bit Linux; they take a byte order only when they are one letter.
constexpr alias aliases[] = {
    {"?", bool_},
    {"b", int8},
    {"B", uint8},
    {"h", int16},
    {"H", uint16},
    {"i", int32},
    {"I", uint32},
    {"l", int64},
    {"L", uint64},
    {"q", int64},
    {"Q", uint64},
    {"p", int64},
    {"P", uint64},
    {"n", int64},
    {"N", uint64},
    {"e", float16},
    {"f", float32},
    {"d", float64},
    {"F", complex64},
    {"D", complex128},
    {"bool_", bool_},
    {"byte", int8},
    {"ubyte", uint8},
    {"short", int16},
    {"ushort", uint16},
    {"intc", int32},
    {"uintc", uint32},
    {"int", int64},
    {"int_", int64},
    {"uint", uint64},
    {"long", int64},
    {"ulong", uint64},
    {"intp", int64},
    {"uintp", uint64},
    {"longlong", int64},
    {"ulonglong", uint64},
    {"half", float16},
    {"single", float32},
    {"double", float64},
    {"float", float64},
    {"csingle", complex64},
    {"cdouble", complex128},
    {"complex", complex128},
};

}  // namespace

namespace detail {

std::optional<parsed_dtype> parse_dtype(std::string_view text) noexcept {
  const bool prefixed = !text.empty() && (text[0] == '<' || text[0] == '=' || text[0] == '|' || text[0] == '>');
  const std::string_view code = prefixed ? text.substr(1) : text;
  const auto found = [&](dtype type) { return parsed_dtype{type, prefixed && text[0] == '>' && type.itemsize() > 1}; };
  for (int i = 1; i < dtype_count; ++i) {
    const dtype type(static_cast<dtype_code>(i));
    if (!code.empty() && code == infos[i].code) return found(type);
    if (!prefixed && code == infos[i].name) return found(type);
  }
  for (const alias& a : aliases) {
    if (code == a.text && (!prefixed || code.size() == 1)) return found(a.type);
  }
  return std::nullopt;
}

}  // namespace detail

dtype dtype::parse(std::string_view text) {
  const auto parsed = detail::parse_dtype(text);
  const std::string quoted = "dtype: '" + std::string(text) + "'";
  if (!parsed) throw dtype_error(quoted + " is not an element type", caller());
  if (parsed->swapped) throw dtype_error(quoted + " is big-endian, which exists only in files", caller());
  return parsed->type;
}

int dtype::itemsize() const noexcept { return info(*this).itemsize; }
char dtype::kind() const noexcept { return info(*this).kind; }
const char* dtype::name() const noexcept { return info(*this).name; }

std::string dtype::str() const {
  const dtype_info& i = info(*this);
  if (i.code[0] == 0) return i.name;
  return std::string(i.itemsize == 1 ? "|" : "<").append(i.code);
}

}  // namespace tessera
