// Field names: white space replaced, characters deleted, duplicates numbered.
#include "core/text_names.hpp"

#include <algorithm>
#include <map>

#include "core/text_format.hpp"
#include "core/text_number.hpp"
#include "tessera/error.hpp"

namespace tessera::detail {
namespace {

std::string with_case(std::string text, name_case as) {
  for (char& c : text) {
    if (as == name_case::upper && c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    if (as == name_case::lower && c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return text;
}

std::string cleaned(const std::string& text, const field_names& rules) {
  const std::string cased = with_case(text, rules.letters);
  const char *first = cased.data(), *last = first + cased.size();
  strip_space(first, last);
  std::string spaced, result;
  for (; first < last; ++first) {
    if (*first == ' ' && !rules.replace_space.empty()) spaced += rules.replace_space;
    else spaced += *first;
  }
  for (const char c : spaced)
    if (c != '"' && rules.deletechars.find(c) == std::string::npos) result += c;
  return result;
}

}  // namespace

std::string default_name(std::int64_t i, const field_names& rules, const char* name, caller where) {
  const text_format format = parse_text_format(rules.defaultfmt, name, where);
  std::string text;
  if (format.items.size() != 1 || !takes(format.items[0], int64)) {
    throw value_error(std::string(name) + ": defaultfmt '" + rules.defaultfmt + "' does not number the fields", where);
  }
  append_formatted(text, format.items[0], reinterpret_cast<const std::byte*>(&i), int64);
  return text + format.after;
}

std::vector<std::string> valid_names(std::vector<std::string> names, std::int64_t count, const field_names& rules,
                                     const char* name, caller where) {
  if (count >= 0) names.resize(static_cast<std::size_t>(count));
  std::vector<std::string> excluded = rules.excludelist;
  for (const char* word : {"return", "file", "print"}) excluded.emplace_back(word);
  const auto has = [](const std::vector<std::string>& list, const std::string& text) {
    return std::find(list.begin(), list.end(), text) != list.end();
  };
  std::vector<std::string> result;
  std::map<std::string, int> seen;
  std::int64_t unnamed = 0;
  for (const std::string& given : names) {
    std::string item = cleaned(given, rules);
    if (item.empty()) {
      do item = default_name(unnamed++, rules, name, where);
      while (has(names, item));
    } else if (has(excluded, item)) {
      item += '_';
    }
    const int before = seen[item]++;
    result.push_back(before > 0 ? item + "_" + std::to_string(before) : item);
  }
  return result;
}

}  // namespace tessera::detail
