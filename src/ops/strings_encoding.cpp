// Code points as bytes of an encoding, and back.
#include <algorithm>

#include "core/utf8.hpp"
#include "expr/other_types.hpp"
#include "ops/text_call.hpp"
#include "tessera/strings.hpp"

namespace tessera::strings {

using namespace detail;

namespace {

enum class encoding { utf_8, ascii, latin_1 };

encoding encoding_of(std::string_view name, const char* function, caller where) {
  std::string plain;
  for (const char c : name) {
    if (c == '_' || c == ' ') plain += '-';
    else plain += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  for (const char* each : {"utf-8", "utf8"}) {
    if (plain == each) return encoding::utf_8;
  }
  for (const char* each : {"ascii", "us-ascii"}) {
    if (plain == each) return encoding::ascii;
  }
  for (const char* each : {"latin-1", "latin1", "iso-8859-1", "iso8859-1"}) {
    if (plain == each) return encoding::latin_1;
  }
  throw value_error(std::string(function) + ": encoding '" + std::string(name) +
                        "' is not supported; expected utf-8, ascii or latin-1",
                    where);
}

void require_kind(const operand& x, char kind, const char* function) {
  if (x->dtype().kind() == kind) return;
  throw dtype_error(std::string(function) + ": not supported for dtype " + x->dtype().name(), x.where());
}

[[noreturn]] void throw_beyond(const char* function, code_points text, dtype type, std::size_t at,
                               std::string_view encoding, caller where) {
  throw value_error(std::string(function) + ": " + quoted(text, type) + " has no place in " + std::string(encoding) +
                        " at position " + std::to_string(at),
                    where);
}

}  // namespace

array encode(const operand& x, std::string_view name) {
  const encoding to_encoding = encoding_of(name, "encode", x.where());
  require_kind(x, 'U', "encode");
  text_call call("encode", x.where(), {x.recipe()});
  std::u32string all;
  std::vector<std::size_t> ends;
  std::string utf8;
  const char32_t limit = to_encoding == encoding::ascii ? 0x80 : to_encoding == encoding::latin_1 ? 0x100 : 0x110000;
  call.for_each([&] {
    const code_points text = call.text();
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool surrogate = text[i] >= 0xd800 && text[i] < 0xe000;
      if (text[i] >= limit || surrogate) throw_beyond("encode", text, call.type(), i, name, x.where());
      if (to_encoding != encoding::utf_8 || text[i] < 0x80) {
        all += text[i];
        continue;
      }
      utf8.clear();
      append_utf8(utf8, text[i]);
      for (const char c : utf8) all += static_cast<unsigned char>(c);
    }
    ends.push_back(all.size());
  });
  return call.joined(all, ends, bytes_(1));
}

array decode(const operand& x, std::string_view name) {
  const encoding from = encoding_of(name, "decode", x.where());
  require_kind(x, 'S', "decode");
  text_call call("decode", x.where(), {x.recipe()});
  std::u32string all;
  std::vector<std::size_t> ends;
  std::string utf8;
  call.for_each([&] {
    const code_points text = call.text();
    utf8.assign(text.begin(), text.end());
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t here = at;
      const char32_t point = from == encoding::utf_8 ? decode_utf8(utf8, at) : text[at++];
      if (point > 0x10ffff || (from == encoding::ascii && point >= 0x80))
        throw_beyond("decode", text, call.type(), here, name, x.where());
      all += point;
    }
    ends.push_back(all.size());
  });
  return call.joined(all, ends, str_(1));
}

}  // namespace tessera::strings
