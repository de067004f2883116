// Lines of a text cut as genfromtxt does: at a text, at white space, or at fixed places.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "ops/text_file_rows.hpp"
#include "tessera/text_file.hpp"

namespace tessera::detail {

class line_splitter {
 public:
  explicit line_splitter(const genfromtxt_options& options) : options_(options) {}
  /// The fields of a line, its end included, in the line's memory; none of a line without any.
  void split(std::string_view line, std::vector<std::string_view>& to) const;

 private:
  const genfromtxt_options& options_;
};

/// Lines one after the other, of a text that is in memory.
class line_reader {
 public:
  /// Throws as text_input::refuse for what is no UTF-8.
  line_reader(text_input& in);
  /// The next line with its end, which is '\n' whatever it was; false where there is none.
  bool next(std::string_view& line);
  /// The number of the last line, from 1 on.
  std::int64_t number() const noexcept { return number_; }

 private:
  std::string text_;
  std::size_t at_ = 0;
  std::int64_t number_ = 0;
};

std::string_view stripped(std::string_view text);

}  // namespace tessera::detail
