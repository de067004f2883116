// Lines and fields.
#include "core/text_rows.hpp"

#include <algorithm>
#include <cstring>

#include "core/text_number.hpp"
#include "core/utf8.hpp"
#include "tessera/error.hpp"

namespace tessera::detail {
namespace {

bool is_line_end(char c) noexcept { return c == '\n' || c == '\r'; }

bool starts_with(const char* p, const char* last, std::string_view word) noexcept {
  return static_cast<std::size_t>(last - p) >= word.size() && std::memcmp(p, word.data(), word.size()) == 0;
}

const char* find_byte(const char* p, const char* last, char c) noexcept {
  const void* found = p < last ? std::memchr(p, c, static_cast<std::size_t>(last - p)) : nullptr;
  return found ? static_cast<const char*>(found) : last;
}

/// Bytes of the code point at p, 0 for none.
std::size_t code_point_bytes(const char* p, const char* last) noexcept {
  if (static_cast<unsigned char>(*p) < 0x80) return 1;
  std::size_t bytes = 0;
  decode_utf8({p, static_cast<std::size_t>(last - p)}, bytes);
  return bytes;
}

void check_character(const std::string& c, const char* what, const char* name, caller where) {
  if (c.empty()) return;
  if (code_point_bytes(c.data(), c.data() + c.size()) != c.size())
    throw value_error(std::string(name) + ": " + what + " is one character, not '" + c + "'", where);
  if (is_line_end(c[0])) throw value_error(std::string(name) + ": " + what + " must not be a line end", where);
}

void refuse_same(const std::string& c, const char* a, const char* b, const char* name, caller where) {
  throw value_error(std::string(name) + ": '" + c + "' is both " + a + " and " + b, where);
}

}  // namespace

void check_syntax(const text_syntax& syntax, const char* name, caller where) {
  check_character(syntax.delimiter, "delimiter", name, where);
  check_character(syntax.quote, "quotechar", name, where);
  if (!syntax.quote.empty() && syntax.quote == syntax.delimiter)
    refuse_same(syntax.quote, "quotechar", "delimiter", name, where);
  for (const std::string& comment : syntax.comments) {
    if (comment.empty()) throw value_error(std::string(name) + ": a comment needs a character to begin with", where);
    if (std::any_of(comment.begin(), comment.end(), is_line_end))
      throw value_error(std::string(name) + ": comments must not hold a line end", where);
    if (comment == syntax.delimiter) refuse_same(comment, "comments", "delimiter", name, where);
    if (comment == syntax.quote) refuse_same(comment, "comments", "quotechar", name, where);
  }
}

const char* find_line_end(const char* p, const char* last, bool text_ends) noexcept {
  while (p < last && !is_line_end(*p)) ++p;
  if (p == last) return nullptr;
  if (*p == '\n') return p + 1;
  if (p + 1 == last) return text_ends ? last : nullptr;
  return p + (p[1] == '\n' ? 2 : 1);
}

std::int64_t count_lines(const char* first, const char* last) noexcept {
  std::int64_t count = 0;
  while (first < last && (first = find_line_end(first, last, true)) != nullptr) ++count;
  return count;
}

const char* find_invalid_utf8(const char* first, const char* last) noexcept {
  for (const char* p = first; p < last;) {
    std::uint64_t eight = 0;
    while (last - p >= 8 && (std::memcpy(&eight, p, 8), (eight & 0x8080808080808080u) == 0)) p += 8;
    for (const char* const end = std::min(p + 8, last); p < end;) {
      const std::size_t n = code_point_bytes(p, last);
      if (n == 0) return p;
      p += n;
    }
  }
  return nullptr;
}

row_splitter::row_splitter(const text_syntax& syntax) : syntax_(syntax), fields_(16) {
  mark('\n', line_end);
  mark('\r', line_end);
  if (syntax.delimiter.empty()) {
    for (const char c : {' ', '\t', '\v', '\f', '\x1c', '\x1d', '\x1e', '\x1f'}) mark(c, separator);
    for (const char c : {'\xc2', '\xe1', '\xe2', '\xe3'}) mark(c, several);
  } else {
    mark(syntax.delimiter[0], syntax.delimiter.size() == 1 ? separator : several);
  }
  for (const std::string& comment : syntax.comments) mark(comment[0], several);
}

void row_splitter::mark(char c, kind what) noexcept {
  kind& entry = table_[static_cast<unsigned char>(c)];
  entry = entry == plain ? what : several;
}

row_splitter::stop row_splitter::look_closer(const char* p, const char* last) const noexcept {
  for (const std::string& comment : syntax_.comments) {
    if (!starts_with(p, last, comment)) continue;
    const char* const next = find_line_end(p, last, true);
    return {p, next ? line_end : text_end, next ? next : last};
  }
  if (syntax_.delimiter.empty()) {
    const int n = space_bytes(p, last);
    return {p, n > 0 ? separator : plain, p + n};
  }
  const bool found = starts_with(p, last, syntax_.delimiter);
  return {p, found ? separator : plain, p + syntax_.delimiter.size()};
}

row_splitter::stop row_splitter::find_stop(const char* p, const char* last) const noexcept {
  for (; p < last; ++p) {
    const kind what = table_[static_cast<unsigned char>(*p)];
    if (what == plain) continue;
    if (what == separator) return {p, separator, p + 1};
    if (what == line_end) return {p, line_end, p + (*p == '\r' && p + 1 < last && p[1] == '\n' ? 2 : 1)};
    const stop closer = look_closer(p, last);
    if (closer.what != plain) return closer;
  }
  return {last, text_end, last};
}

void row_splitter::add(const char* first, const char* last) {
  if (static_cast<std::size_t>(count_) == fields_.size()) fields_.resize(fields_.size() * 2);
  fields_[static_cast<std::size_t>(count_++)] = {first, last};
}

row_splitter::stop row_splitter::add_quoted(const char* p, const char* last) {
  const std::size_t begin = text_.size(), quote = syntax_.quote.size();
  const auto append = [&](const char* first, const char* end) {
    for (; first < end; ++first) {
      if (*first == '\r' && first + 1 < end && first[1] == '\n') continue;
      text_ += *first == '\r' ? '\n' : *first;
    }
  };
  stop after{last, text_end, last};
  while (p < last) {
    const char* const end = std::search(p, last, syntax_.quote.begin(), syntax_.quote.end());
    append(p, end);
    if (end == last) break;
    p = end + quote;
    if (starts_with(p, last, syntax_.quote)) {
      text_ += syntax_.quote;
      p += quote;
      continue;
    }
    after = find_stop(p, last);  // what follows a closing quote belongs to the field
    append(p, after.at);
    break;
  }
  copied_.push_back({count_, begin, text_.size()});
  add(nullptr, nullptr);
  return after;
}

const char* row_splitter::split(const char* p, const char* last) {
  count_ = 0;
  text_.clear();
  copied_.clear();
  const bool at_space = syntax_.delimiter.empty(), quotes = !syntax_.quote.empty();
  for (;;) {
    if (at_space) {
      for (int n = 1; n > 0 && p < last && *p != '\n' && *p != '\r'; p += n) n = space_bytes(p, last);
    }
    stop end;
    const bool quoted = quotes && starts_with(p, last, syntax_.quote);
    if (quoted) {
      end = add_quoted(p + syntax_.quote.size(), last);
    } else {
      end = find_stop(p, last);
      add(p, end.at);
    }
    p = end.next;
    if (end.what == separator) continue;
    ended_ = end.what == line_end;
    close(quoted);
    return p;
  }
}

void row_splitter::close(bool last_quoted) {
  for (const copied& from : copied_)
    fields_[static_cast<std::size_t>(from.field)] = {text_.data() + from.first, text_.data() + from.last};
  const field& end = fields_[static_cast<std::size_t>(count_ - 1)];
  const bool drops = count_ == 1 || syntax_.delimiter.empty();
  if (drops && !last_quoted && end.first == end.last) --count_;
}

const char* row_splitter::find_row_end(const char* p, const char* last, bool text_ends) {
  const char* const line = find_line_end(p, last, text_ends);
  if (line == nullptr || syntax_.quote.empty() || find_byte(p, line, syntax_.quote[0]) == line) return line;
  const char* const end = split(p, last);
  // A '\r' at the very end may be half of a line end.
  const bool whole = ended_ && (text_ends || end < last || end[-1] == '\n');
  return whole ? end : nullptr;
}

}  // namespace tessera::detail
