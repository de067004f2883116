// Classes of characters, capitals and small letters: ASCII of bytes, all of Unicode of str_.
#include "ops/text_call.hpp"
#include "ops/unicode.hpp"
#include "tessera/strings.hpp"

namespace tessera::strings {

using namespace detail;

namespace {

std::uint16_t flags(char32_t c, bool bytes) {
  if (!bytes) return unicode::flags_of(c);
  return c >= 0x80 || (c >= 0x1c && c <= 0x1f) ? 0 : unicode::flags_of(c);  // of bytes these four are no white space
}

bool is_cased(char32_t c) { return (unicode::flags_of(c) & (unicode::upper | unicode::lower | unicode::title)) != 0; }

array all_are(const char* name, const operand& x, std::uint16_t any_of) {
  text_call call(name, x.where(), {x.recipe()});
  const bool bytes = call.bytes();
  return call.values<bool>(bool_, [&] {
    for (const char32_t c : call.text()) {
      if ((flags(c, bytes) & any_of) == 0) return false;
    }
    return !call.text().empty();
  });
}

array all_are_numbers(const char* name, const operand& x, std::uint16_t flag) {
  if (x->dtype().kind() != 'S') return all_are(name, x, flag);
  throw dtype_error(std::string(name) + ": not supported for dtype " + x->dtype().name() + "; bytes have isdigit",
                    x.where());
}

/// Whether some character has the case and none another one.
array have_case(const char* name, const operand& x, std::uint16_t has, std::uint16_t others) {
  text_call call(name, x.where(), {x.recipe()});
  const bool bytes = call.bytes();
  return call.values<bool>(bool_, [&] {
    bool any = false;
    for (const char32_t c : call.text()) {
      const std::uint16_t f = flags(c, bytes);
      if ((f & others) != 0) return false;
      any = any || (f & has) != 0;
    }
    return any;
  });
}

bool is_title(code_points text, bool bytes) {
  bool any = false, behind_cased = false;
  for (const char32_t c : text) {
    const std::uint16_t f = flags(c, bytes);
    const bool first = (f & (unicode::upper | unicode::title)) != 0, other = (f & unicode::lower) != 0;
    if ((first && behind_cased) || (other && !behind_cased)) return false;
    behind_cased = first || other;
    any = any || behind_cased;
  }
  return any;
}

/// A capital sigma at the end of a word: behind a letter and before none, with what is ignorable between.
bool is_final(code_points text, std::size_t at) {
  const auto ignorable = [&](std::size_t i) { return (unicode::flags_of(text[i]) & unicode::ignorable) != 0; };
  std::size_t before = at;
  while (before > 0 && ignorable(before - 1)) --before;
  if (before == 0 || !is_cased(text[before - 1])) return false;
  std::size_t behind = at + 1;
  while (behind < text.size() && ignorable(behind)) ++behind;
  return behind == text.size() || !is_cased(text[behind]);
}

void append_lower(std::u32string& to, code_points text, std::size_t at) {
  constexpr char32_t capital_sigma = U'\u03a3', small_sigma = U'\u03c3', final_sigma = U'\u03c2';
  if (text[at] == capital_sigma) to += is_final(text, at) ? final_sigma : small_sigma;
  else unicode::append_lower(to, text[at]);
}

/// append(to, text, i) for each character; bytes beyond ASCII stay as they are.
template <class F> array mapped(const char* name, const operand& x, const F& append) {
  text_call call(name, x.where(), {x.recipe()});
  const bool bytes = call.bytes();
  return call.texts(call.type(), [&](std::u32string& to) {
    const code_points text = call.text();
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (bytes && text[i] >= 0x80) to += text[i];
      else append(to, text, i);
    }
  });
}

}  // namespace

array isalpha(const operand& x) { return all_are("isalpha", x, unicode::alpha); }
array isdigit(const operand& x) { return all_are("isdigit", x, unicode::digit); }
array isspace(const operand& x) { return all_are("isspace", x, unicode::space); }
array isdecimal(const operand& x) { return all_are_numbers("isdecimal", x, unicode::decimal); }
array isnumeric(const operand& x) { return all_are_numbers("isnumeric", x, unicode::numeric); }
array isalnum(const operand& x) {
  return all_are("isalnum", x, unicode::alpha | unicode::decimal | unicode::digit | unicode::numeric);
}
array islower(const operand& x) { return have_case("islower", x, unicode::lower, unicode::upper | unicode::title); }
array isupper(const operand& x) { return have_case("isupper", x, unicode::upper, unicode::lower | unicode::title); }
array istitle(const operand& x) {
  text_call call("istitle", x.where(), {x.recipe()});
  const bool bytes = call.bytes();
  return call.values<bool>(bool_, [&] { return is_title(call.text(), bytes); });
}

array upper(const operand& x) {
  return mapped("upper", x, [](auto& to, code_points text, std::size_t i) { unicode::append_upper(to, text[i]); });
}
array lower(const operand& x) {
  return mapped("lower", x, [](auto& to, code_points text, std::size_t i) { append_lower(to, text, i); });
}
array swapcase(const operand& x) {
  return mapped("swapcase", x, [](auto& to, code_points text, std::size_t i) {
    const std::uint16_t f = unicode::flags_of(text[i]);
    if ((f & unicode::upper) != 0) append_lower(to, text, i);
    else if ((f & unicode::lower) != 0) unicode::append_upper(to, text[i]);
    else to += text[i];
  });
}
array capitalize(const operand& x) {
  return mapped("capitalize", x, [](auto& to, code_points text, std::size_t i) {
    if (i == 0) unicode::append_title(to, text[i]);
    else append_lower(to, text, i);
  });
}
array title(const operand& x) {
  const bool bytes = x->dtype().kind() == 'S';
  return mapped("title", x, [bytes](auto& to, code_points text, std::size_t i) {
    const bool behind_cased = i > 0 && is_cased(text[i - 1]) && !(bytes && text[i - 1] >= 0x80);
    if (behind_cased) append_lower(to, text, i);
    else unicode::append_title(to, text[i]);
  });
}

}  // namespace tessera::strings
