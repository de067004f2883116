// Lines and their fields for genfromtxt.
#include "ops/text_file_lines.hpp"

#include <algorithm>

#include "core/text_number.hpp"
#include "core/utf8.hpp"

namespace tessera::detail {
namespace {

/// Without any of these characters at either end.
std::string_view without(std::string_view text, std::string_view list) {
  const std::size_t first = text.find_first_not_of(list);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(list) - first + 1);
}

void split_at_space(std::string_view line, std::vector<std::string_view>& to) {
  const char *p = line.data(), *last = p + line.size();
  while (p < last) {
    while (const int n = space_bytes(p, last)) p += n;
    const char* const first = p;
    while (p < last && space_bytes(p, last) == 0) ++p;
    if (first < p) to.push_back({first, static_cast<std::size_t>(p - first)});
  }
}

void split_at(std::string_view delimiter, std::string_view line, std::vector<std::string_view>& to) {
  for (;;) {
    const std::size_t end = line.find(delimiter);
    to.push_back(line.substr(0, end));
    if (end == line.npos) return;
    line.remove_prefix(end + delimiter.size());
  }
}

}  // namespace

std::string_view stripped(std::string_view text) {
  const char *first = text.data(), *last = first + text.size();
  strip_space(first, last);
  return {first, static_cast<std::size_t>(last - first)};
}

void line_splitter::split(std::string_view line, std::vector<std::string_view>& to) const {
  to.clear();
  if (!options_.comments.empty()) line = line.substr(0, line.find(options_.comments));
  if (!options_.widths.empty()) {  // with the line's end, as NumPy: it belongs to a field that is wider than the line
    if (line.empty()) return;
    for (const std::int64_t width : options_.widths) {
      to.push_back(first_characters(line, width));
      line.remove_prefix(to.back().size());
    }
  } else if (options_.width > 0) {
    line = without(line, "\r\n");
    while (!line.empty()) {
      to.push_back(first_characters(line, options_.width));
      line.remove_prefix(to.back().size());
    }
  } else {
    line = without(line, " \r\n");
    if (line.empty()) return;
    if (options_.delimiter.empty()) split_at_space(line, to);
    else split_at(options_.delimiter, line, to);
  }
  if (options_.autostrip)
    for (std::string_view& field : to) field = stripped(field);
}

line_reader::line_reader(text_input& in) {
  const std::int64_t begin = in.begin();
  const std::string_view all = in.view(begin, in.size() - begin);
  if (const char* const invalid = find_invalid_utf8(all.data(), all.data() + all.size())) {
    const std::int64_t offset = begin + (invalid - all.data());
    in.refuse("line " + std::to_string(in.line_of(offset)) + ": byte " + std::to_string(offset) +
              " of the text is not UTF-8");
  }
  text_.reserve(all.size());
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = std::min(all.find('\r', at), all.size());
    text_.append(all, at, end - at);
    if (end < all.size()) text_ += '\n';
    at = end + (end + 1 < all.size() && all[end + 1] == '\n' ? 2 : 1);
  }
}

bool line_reader::next(std::string_view& line) {
  if (at_ == text_.size()) return false;
  const std::size_t end = text_.find('\n', at_);
  line = std::string_view(text_).substr(at_, end == text_.npos ? end : end + 1 - at_);
  at_ += line.size();
  ++number_;
  return true;
}

}  // namespace tessera::detail
