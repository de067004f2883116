// dtype: names, sizes and NumPy's codes. Records are in record.cpp, their text in dtype_text.cpp.
#include "tessera/dtype.hpp"

#include <charconv>

#include "core/dtype_parts.hpp"
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
constexpr dtype_info infos[] = {
    {"unset", "", 0, ' '},          {"bool", "b1", 1, 'b'},       {"int8", "i1", 1, 'i'},
    {"int16", "i2", 2, 'i'},        {"int32", "i4", 4, 'i'},      {"int64", "i8", 8, 'i'},
    {"uint8", "u1", 1, 'u'},        {"uint16", "u2", 2, 'u'},     {"uint32", "u4", 4, 'u'},
    {"uint64", "u8", 8, 'u'},       {"float16", "f2", 2, 'f'},    {"bfloat16", "", 2, 'f'},
    {"float32", "f4", 4, 'f'},      {"float64", "f8", 8, 'f'},    {"complex64", "c8", 8, 'c'},
    {"complex128", "c16", 16, 'c'}, {"str", "U", 0, 'U'},         {"bytes", "S", 0, 'S'},
    {"void", "V", 0, 'V'},          {"datetime64", "M8", 8, 'M'}, {"timedelta64", "m8", 8, 'm'},
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

using detail::dtype_parts;

// In the order of time_unit.
constexpr std::string_view unit_names[] = {"", "Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as"};

/// "U20": a letter and how many; nothing for anything else. A missing number is 0.
std::optional<std::int64_t> count_behind(std::string_view code) {
  std::int64_t count = 0;
  if (code.size() == 1) return count;
  const char* const end = code.data() + code.size();
  const auto [stop, error] = std::from_chars(code.data() + 1, end, count);
  return error == std::errc() && stop == end && count >= 0 ? std::optional(count) : std::nullopt;
}

/// Texts and raw bytes.
std::optional<dtype> parse_sized(std::string_view code) {
  if (code.empty() || std::string_view("USaV").find(code[0]) == code.npos) return std::nullopt;
  const std::optional<std::int64_t> count = count_behind(code);
  const std::int64_t unit = code[0] == 'U' ? 4 : 1;
  if (!count || *count > detail::most_itemsize / unit) return std::nullopt;
  if (code[0] == 'V') return detail::raw_bytes(*count);
  return dtype_parts::make(code[0] == 'U' ? dtype_code::str_ : dtype_code::bytes_,
                           static_cast<std::uint64_t>(*count * unit));
}

/// "M8", "M8[25us]", "datetime64[D]", "m8[7D]".
std::optional<dtype> parse_time(std::string_view code) {
  constexpr struct {
    std::string_view text;
    dtype_code code;
  } prefixes[] = {{"datetime64", dtype_code::datetime64},
                  {"timedelta64", dtype_code::timedelta64},
                  {"M8", dtype_code::datetime64},
                  {"m8", dtype_code::timedelta64}};
  for (const auto& prefix : prefixes) {
    if (code.substr(0, prefix.text.size()) != prefix.text) continue;
    std::string_view rest = code.substr(prefix.text.size());
    if (rest.empty()) return dtype_parts::make(prefix.code, 1);
    if (rest.front() != '[' || rest.back() != ']') return std::nullopt;
    rest = rest.substr(1, rest.size() - 2);
    int count = 1;
    if (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') {
      const auto [stop, error] = std::from_chars(rest.data(), rest.data() + rest.size(), count);
      if (error != std::errc() || count < 1) return std::nullopt;
      rest.remove_prefix(static_cast<std::size_t>(stop - rest.data()));
    }
    for (std::size_t unit = 1; unit < std::size(unit_names); ++unit) {
      if (rest == unit_names[unit])
        return dtype_parts::make(prefix.code, static_cast<std::uint64_t>(count), static_cast<time_unit>(unit));
    }
    return rest == "generic" && count == 1 ? std::optional(dtype_parts::make(prefix.code, 1)) : std::nullopt;
  }
  return std::nullopt;
}

std::optional<dtype> parse_number(std::string_view code, bool prefixed) {
  for (int i = 1; i < dtype_count; ++i) {
    if (!code.empty() && code == infos[i].code) return dtype(static_cast<dtype_code>(i));
    if (!prefixed && code == infos[i].name) return dtype(static_cast<dtype_code>(i));
  }
  for (const alias& a : aliases) {
    if (code == a.text && (!prefixed || code.size() == 1)) return a.type;
  }
  return std::nullopt;
}

dtype text_dtype(dtype_code code, const char* name, std::int64_t n, std::int64_t unit, caller where) {
  if (n < 0 || n > detail::most_itemsize / unit) {
    throw value_error(std::string(name) + ": " + std::to_string(n) + " characters; at least 0, at most " +
                          std::to_string(detail::most_itemsize / unit) + " fit an element",
                      where);
  }
  return dtype_parts::make(code, static_cast<std::uint64_t>(n * unit));
}

dtype time_dtype(dtype_code code, const char* name, time_unit unit, int count, caller where) {
  if (count < 1 || (unit == time_unit::generic && count != 1)) {
    throw value_error(std::string(name) + ": steps of " + std::to_string(count) + " units", where);
  }
  return dtype_parts::make(code, static_cast<std::uint64_t>(count), unit);
}

}  // namespace

namespace detail {

std::optional<dtype> parse_dtype(std::string_view text) {
  const bool prefixed = !text.empty() && (text[0] == '<' || text[0] == '=' || text[0] == '|' || text[0] == '>');
  const std::string_view code = prefixed ? text.substr(1) : text;
  std::optional<dtype> found = parse_number(code, prefixed);
  if (!found) found = parse_sized(code);
  if (!found) found = parse_time(code);
  if (!found && !prefixed && (code == "str" || code == "str_")) found = str_(0);
  if (!found && !prefixed && (code == "bytes" || code == "bytes_")) found = bytes_(0);
  if (found && prefixed && text[0] == '>') found = swapped(*found);
  return found;
}

dtype swapped(dtype type) {
  if (type.code() == dtype_code::void_) {
    std::vector<field> fields = type.fields();
    for (field& f : fields) f.type = swapped(f.type);
    return record_of_layout(std::move(fields), type.itemsize(), type.is_aligned());
  }
  const bool has_order = type.code() != dtype_code::bytes_ && (type.itemsize() > 1 || type.kind() == 'U');
  return has_order ? dtype_parts::with_swapped(type, !dtype_parts::is_swapped(type)) : type;
}

dtype native(dtype type) {
  if (type.is_native()) return type;
  if (type.code() != dtype_code::void_) return dtype_parts::with_swapped(type, false);
  std::vector<field> fields = type.fields();
  for (field& f : fields) f.type = native(f.type);
  return record_of_layout(std::move(fields), type.itemsize(), type.is_aligned());
}

}  // namespace detail

dtype str_(std::int64_t n, caller where) { return text_dtype(dtype_code::str_, "str_", n, 4, where); }
dtype bytes_(std::int64_t n, caller where) { return text_dtype(dtype_code::bytes_, "bytes_", n, 1, where); }
dtype datetime64(time_unit unit, int count, caller where) {
  return time_dtype(dtype_code::datetime64, "datetime64", unit, count, where);
}
dtype timedelta64(time_unit unit, int count, caller where) {
  return time_dtype(dtype_code::timedelta64, "timedelta64", unit, count, where);
}

int dtype::itemsize() const noexcept {
  if (detail::is_text(*this)) return static_cast<int>(dtype_parts::detail(*this));
  if (code() == dtype_code::void_) return static_cast<int>(dtype_parts::layout(*this).itemsize);
  return info(*this).itemsize;
}

char dtype::kind() const noexcept { return info(*this).kind; }

bool dtype::is_native() const noexcept {
  return code() == dtype_code::void_ ? dtype_parts::layout(*this).native : !dtype_parts::is_swapped(*this);
}

int dtype::unit_count() const noexcept {
  return detail::is_time(*this) ? static_cast<int>(dtype_parts::detail(*this)) : 0;
}

std::string dtype::str() const {
  const dtype_info& i = info(*this);
  if (i.code[0] == 0) return i.name;
  const char* const order = dtype_parts::is_swapped(*this) ? ">" : "<";
  switch (code()) {
    case dtype_code::str_: return order + ("U" + std::to_string(itemsize() / 4));
    case dtype_code::bytes_: return "|S" + std::to_string(itemsize());
    case dtype_code::void_: return "|V" + std::to_string(itemsize());
    case dtype_code::datetime64:
    case dtype_code::timedelta64: {
      if (unit() == time_unit::generic) return order + std::string(i.code);
      return order + std::string(i.code) + "[" + (unit_count() == 1 ? "" : std::to_string(unit_count())) +
             std::string(unit_names[static_cast<int>(unit())]) + "]";
    }
    default: return std::string(i.itemsize == 1 ? "|" : order).append(i.code);
  }
}

}  // namespace tessera
