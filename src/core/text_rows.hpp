// Rows of a text: what ends a field and a line, and the fields of one line after the other.
#pragma once
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/api.hpp"
#include "tessera/concepts.hpp"

namespace tessera::detail {

/// What separates. All but `comments` are one character, in UTF-8.
struct text_syntax {
  std::string delimiter;              // empty: white space
  std::vector<std::string> comments;  // from there to the line's end
  std::string quote;                  // empty: none
};
/// Throws value_error "NAME: …" for what is no such character, or stands for two things.
void check_syntax(const text_syntax& syntax, const char* name, caller where);

/// Behind the line end that follows p, '\n', '\r' or both; null where there is none. A '\r' that is the last byte counts at the
/// text's end only.
const char* find_line_end(const char* p, const char* last, bool text_ends) noexcept;
/// The lines that end before `last`.
std::int64_t count_lines(const char* first, const char* last) noexcept;
/// The first byte of what is no UTF-8; null where all is.
const char* find_invalid_utf8(const char* first, const char* last) noexcept;

/// Cuts lines into fields, by NumPy's rules: white space around fields goes where it separates; what stands in quotes may hold
/// delimiters and line ends (which become '\n'), a quote written twice is one; a line of one empty field has none.
class row_splitter {
 public:
  struct field {
    const char* first;
    const char* last;
    std::string_view text() const noexcept { return {first, static_cast<std::size_t>(last - first)}; }
  };

  explicit row_splitter(const text_syntax& syntax);
  /// The fields of the row at p, valid until the next call; returns where the next begins. p < last.
  const char* split(const char* p, const char* last);
  /// Reads a row of `count` numbers without looking at it twice: each(i, p, last) returns the end of the number at p, or null.
  /// Returns where the next row begins; null where this one is anything but the numbers, which is for split() to see.
  template <class Read> const char* read(const char* p, const char* last, std::int64_t count, const Read& each) const;
  std::int64_t size() const noexcept { return count_; }
  const field& operator[](std::int64_t i) const noexcept { return fields_[static_cast<std::size_t>(i)]; }
  /// Whether the last row ended with a line end, not where the text did.
  bool ended() const noexcept { return ended_; }
  /// Behind the first row from p on; null where it does not end before `last`.
  const char* find_row_end(const char* p, const char* last, bool text_ends);

 private:
  enum kind : unsigned char { plain = 0, line_end, separator, text_end, several };
  struct stop {
    const char* at;  // where the field ends
    kind what;       // of which several is none
    const char* next;
  };
  struct copied {  // a field that lies in text_, or several parts of the line
    std::int64_t field;
    std::size_t first, last;
  };

  void mark(char c, kind what) noexcept;
  stop find_stop(const char* p, const char* last) const noexcept;
  /// What begins at p, of which the table says "several": `plain` where it is nothing after all.
  stop look_closer(const char* p, const char* last) const noexcept;
  void add(const char* first, const char* last);
  stop add_quoted(const char* p, const char* last);
  /// Ends the fields of a row.
  void close(bool last_quoted);

  const text_syntax& syntax_;
  std::array<kind, 256> table_{};
  std::vector<field> fields_;
  std::int64_t count_ = 0;
  std::string text_;
  std::vector<copied> copied_;
  bool ended_ = false;
};

template <class Read>
const char* row_splitter::read(const char* p, const char* last, std::int64_t count, const Read& each) const {
  const bool passes_blanks = syntax_.delimiter != " ";
  for (std::int64_t i = 0; i < count; ++i) {
    if (passes_blanks)
      while (p < last && *p == ' ') ++p;
    p = each(i, p, last);
    if (p == nullptr || p == last) return i == count - 1 ? p : nullptr;
    const kind what = table_[static_cast<unsigned char>(*p)];
    if (i < count - 1) {
      if (what != separator) return nullptr;
      ++p;
    } else if (what != line_end) {
      return nullptr;
    }
  }
  return p + (*p == '\r' && p + 1 < last && p[1] == '\n' ? 2 : 1);
}

}  // namespace tessera::detail
