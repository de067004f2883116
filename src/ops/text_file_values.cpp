// Values as Python's int(), float() and complex() read them.
#include "ops/text_file_values.hpp"

#include <algorithm>
#include <cmath>
#include <complex>

#include "core/dtype_parts.hpp"
#include "core/element.hpp"
#include "core/text_number.hpp"
#include "ops/text_file_lines.hpp"

namespace tessera::detail {
namespace {

/// Without the '_' that may stand between two digits; false for one elsewhere.
bool without_underscores(std::string_view& text, std::string& memory) {
  if (text.find('_') == text.npos) return true;
  const auto digit = [&](std::size_t i) { return i < text.size() && text[i] >= '0' && text[i] <= '9'; };
  memory.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') memory += text[i];
    else if (i == 0 || !digit(i - 1) || !digit(i + 1)) return false;
  }
  text = memory;
  return true;
}

bool read_bool(std::string_view text, bool& value) {
  const auto is = [&](std::string_view word) {
    return text.size() == word.size() &&
           std::equal(word.begin(), word.end(), text.begin(), [](char a, char b) { return a == (b | 0x20); });
  };
  value = is("true");
  return value || is("false");
}

bool read_python_complex(std::string_view text, std::complex<double>& value) {
  std::string changed(stripped(text));
  const auto replace_unit = [&](std::size_t j) {  // "j" and "1+j" are what Python reads, too
    changed[j] = 'j';
    if (j == 0 || changed[j - 1] == '+' || changed[j - 1] == '-' || changed[j - 1] == '(') changed.insert(j, 1, '1');
  };
  const std::size_t j = changed.find_last_of("jJ");
  if (j != std::string::npos && j + 2 >= changed.size()) replace_unit(j);
  if (changed.find("+-") != std::string::npos) return false;
  return read_complex(changed.data(), changed.data() + changed.size(), value);
}

}  // namespace

bool read_value(std::string_view text, dtype type, scalar_value& value) {
  std::string memory;
  if (type == bool_) {
    bool b = false;
    if (!read_bool(text, b)) return false;
    return value = b, true;
  }
  if (!without_underscores(text, memory)) return false;
  const char *first = text.data(), *last = first + text.size();
  double real = 0;
  switch (type.kind()) {
    case 'i':
    case 'u': {
      std::int64_t i = 0;
      std::uint64_t u = 0;
      if (read_signed(first, last, i)) return value = i, true;
      if (read_unsigned(first, last, u)) return value = u, true;
      if (type.itemsize() == 8 || !read_float(first, last, real) || !(std::fabs(real) < 0x1p63)) return false;
      return value = static_cast<std::int64_t>(real), true;  // the narrower ones are read by way of float()
    }
    case 'c': {
      std::complex<double> z;
      if (!read_python_complex(text, z)) return false;
      return value = z, true;
    }
    default:
      if (!read_float(first, last, real)) return false;
      return value = real, true;
  }
}

scalar_value default_value(dtype type) {
  switch (type.kind()) {
    case 'b': return false;
    case 'i':
    case 'u': return std::int64_t{-1};
    case 'c': return std::complex<double>(std::nan(""), 0);
    default: return std::nan("");
  }
}

bool fits(const scalar_value& value, dtype type) {
  if (type.kind() != 'i' && type.kind() != 'u') return true;
  if (!value.is_integral()) return true;  // cut off, as a cast does
  std::byte element[8];
  write_element(element, type, value);
  const scalar_value back = read_element(element, type);
  return back.integer == value.integer && back.wide == value.wide;
}

std::string shown(bool converts, const scalar_value& read, const std::optional<filling_value>& fill, dtype as) {
  if (converts) return to_string(read);
  if (fill) return fill->is_text() ? fill->text() : to_string(fill->number());
  return is_text(as) ? "???" : to_string(default_value(as));
}

}  // namespace tessera::detail
