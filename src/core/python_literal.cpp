// Reads Python's literals from left to right; nothing is computed and nothing allocated but the strings themselves.
#include "core/python_literal.hpp"

#include <algorithm>
#include <charconv>

#include "core/utf8.hpp"

namespace tessera::detail {

std::string shown_text(std::string_view text) {
  constexpr std::size_t most = 80;
  constexpr char hex[] = "0123456789abcdef";
  std::string out = "'";
  for (const char c : text.substr(0, most)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      out += c;
    } else {
      out += {'\\', 'x', hex[byte >> 4], hex[byte & 15]};
    }
  }
  return out + (text.size() > most ? "...'" : "'");
}

char literal_reader::peek() {
  while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r'))
    ++at_;
  return at_ < text_.size() ? text_[at_] : '\0';
}

bool literal_reader::accept(char c) {
  if (peek() != c || at_ == text_.size()) return false;
  ++at_;
  return true;
}

bool literal_reader::accept_word(std::string_view word) {
  peek();
  if (text_.substr(at_, word.size()) != word) return false;
  at_ += word.size();
  return true;
}

void literal_reader::expect(char c) {
  if (!accept(c)) fail(std::string("'") + c + "'");
}

void literal_reader::fail(const std::string& expected) const {
  throw literal_error("expected " + expected + " at byte " + std::to_string(at_) + " of " + shown_text(text_));
}

/// At the character behind a backslash.
void literal_reader::append_escape(std::string& text) {
  if (at_ == text_.size()) fail("the end of the string");
  const char letter = text_[at_];
  constexpr std::string_view plain = "\\'\"abfnrtv", means = "\\'\"\a\b\f\n\r\t\v";
  if (const std::size_t i = plain.find(letter); i != plain.npos) {
    text += means[i];
    ++at_;
    return;
  }
  const std::size_t digits = letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
  if (digits == 0) fail("an escape");
  const std::string_view code = text_.substr(at_ + 1, digits);
  std::uint32_t point = 0;
  const auto [stop, error] = std::from_chars(code.data(), code.data() + code.size(), point, 16);
  if (error != std::errc() || code.size() != digits || stop != code.data() + digits) fail("an escape");
  append_utf8(text, point);
  at_ += 1 + digits;
}

std::string literal_reader::string() {
  const char quote = peek();
  if (quote != '\'' && quote != '"') fail("a string");
  ++at_;
  std::string text;
  while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n') {
    const char c = text_[at_++];
    if (c == '\\') append_escape(text);
    else text += c;
  }
  if (at_ == text_.size() || text_[at_] != quote) fail("the end of the string");
  ++at_;
  return text;
}

bool literal_reader::boolean() {
  if (accept_word("True")) return true;
  if (!accept_word("False")) fail("True or False");
  return false;
}

std::int64_t literal_reader::integer(const char* what) {
  peek();
  std::int64_t value = 0;
  const char *begin = text_.data() + at_, *end = text_.data() + text_.size();
  const auto [stop, error] = std::from_chars(begin, end, value);
  if (error == std::errc::result_out_of_range) {
    throw literal_error(std::string(what) + " " + shown_text({begin, static_cast<std::size_t>(stop - begin)}) +
                        " does not fit in 64 bits");
  }
  if (error != std::errc()) fail("an integer");
  at_ += static_cast<std::size_t>(stop - begin);
  if (at_ < text_.size() && text_[at_] == 'L') ++at_;  // a long integer of Python 2
  return value;
}

shape literal_reader::tuple(const char* what, bool number_too) {
  if (number_too && peek() != '(') return shape(integer(what));
  std::vector<std::int64_t> entries;
  expect('(');
  while (!accept(')')) {
    if (entries.size() == static_cast<std::size_t>(max_ndim)) {
      throw literal_error("the shape has more than " + std::to_string(max_ndim) + " axes");
    }
    entries.push_back(integer(what));
    if (peek() == ')' && entries.size() > 1) continue;
    expect(',');  // "(3)" is a number in Python, "(3,)" a tuple
  }
  return shape(entries);
}

void literal_reader::next_entry(char close) {
  if (peek() != close) expect(',');
}

std::string_view literal_reader::word(std::string_view characters) {
  peek();
  const std::size_t begin = at_;
  at_ = std::min(text_.find_first_not_of(characters, begin), text_.size());
  return text_.substr(begin, at_ - begin);
}

}  // namespace tessera::detail
