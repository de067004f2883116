// Python's literals, as far as dtypes and the headers of files are written in them: strings, integers, tuples of integers, True and
// False. Lists and dictionaries are walked by who reads them.
#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

#include "tessera/shape.hpp"

namespace tessera::detail {

/// Why text cannot be read: "expected ',' at byte 12 of '…'". The caller adds what it is.
class literal_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Text inside a message: what is not printable as \xNN, cut when long.
std::string shown_text(std::string_view text);

class literal_reader {
 public:
  /// `text` must outlive the reader.
  explicit literal_reader(std::string_view text) : text_(text) {}

  /// The next character behind blanks; 0 at the end.
  char peek();
  bool at_end() { return peek() == '\0' && at_ == text_.size(); }
  bool accept(char c);
  /// accept() of each character, without blanks before it.
  bool accept_word(std::string_view word);
  void expect(char c);
  /// Throws literal_error.
  [[noreturn]] void fail(const std::string& expected) const;

  /// In either quotes, as UTF-8: Python's escapes resolved.
  std::string string();
  bool boolean();
  /// `what` is named when it does not fit in 64 bits.
  std::int64_t integer(const char* what);
  /// "(3, 4)", "(3,)", "()"; also "3" if `number_too`.
  shape tuple(const char* what, bool number_too = false);
  /// Past the comma or in front of `close`, which stays.
  void next_entry(char close);
  /// The longest run of these characters.
  std::string_view word(std::string_view characters);

  /// Lists, tuples and dictionaries inside each other, counted by who walks them.
  static constexpr int most_depth = 64;
  class nested {
   public:
    explicit nested(literal_reader& in) : in_(in) {
      if (++in_.depth_ > most_depth) in_.fail("at most " + std::to_string(most_depth) + " levels");
    }
    nested(const nested&) = delete;
    ~nested() { --in_.depth_; }

   private:
    literal_reader& in_;
  };

 private:
  void append_escape(std::string& text);

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace tessera::detail
