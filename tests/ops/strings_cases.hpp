// Texts in tests: arrays of them made from lists and JSON, and read back as UTF-8.
#pragma once
#include <cstring>

#include "ops/numpy_cases.hpp"

namespace tessera_test {

/// A UTF-8 text's code points.
inline std::u32string code_points_of(const std::string& utf8) {
  std::u32string all;
  for (std::size_t at = 0; at < utf8.size();) {
    const auto first = static_cast<unsigned char>(utf8[at]);
    const std::size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    char32_t point = length == 1 ? first : first & (0x7fu >> length);
    for (std::size_t i = 1; i < length; ++i) point = point << 6 | (static_cast<unsigned char>(utf8[at + i]) & 0x3fu);
    all += point;
    at += length;
  }
  return all;
}

inline std::string utf8_of(char32_t c) {
  const auto byte = [](char32_t x) { return static_cast<char>(x); };
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0xc0 | c >> 6), byte(0x80 | (c & 0x3f))};
  if (c < 0x10000) return {byte(0xe0 | c >> 12), byte(0x80 | (c >> 6 & 0x3f)), byte(0x80 | (c & 0x3f))};
  return {byte(0xf0 | c >> 18), byte(0x80 | (c >> 12 & 0x3f)), byte(0x80 | (c >> 6 & 0x3f)), byte(0x80 | (c & 0x3f))};
}

/// An array of texts from UTF-8; bytes as Latin-1.
inline tessera::array texts_array(const tessera::dtype& type, const tessera::shape& extents,
                                  const std::vector<std::string>& texts, const tessera::device& on = tessera::cpu()) {
  tessera::array x = tessera::empty(extents, {.dtype = type, .device = tessera::cpu()});
  auto* to = static_cast<unsigned char*>(const_cast<void*>(x.data()));
  const auto size = static_cast<std::size_t>(type.itemsize());
  std::memset(to, 0, texts.size() * size);
  for (const std::string& text : texts) {
    const std::u32string points = code_points_of(text);
    if (type.kind() == 'U') std::memcpy(to, points.data(), std::min(4 * points.size(), size));
    else
      std::transform(points.begin(), points.begin() + std::ptrdiff_t(std::min(points.size(), size)), to,
                     [](char32_t c) { return static_cast<unsigned char>(c); });
    to += size;
  }
  return x.to(on);
}

/// Its elements in C order as UTF-8, without the zeros at their ends.
inline std::vector<std::string> texts_of(const tessera::array& x) {
  const tessera::array there = x.to(tessera::cpu()).copy();
  const auto* from = static_cast<const unsigned char*>(there.data());
  const auto size = static_cast<std::size_t>(x.itemsize());
  std::vector<std::string> all;
  for (std::int64_t i = 0; i < x.size(); ++i, from += size) {
    std::u32string points(x.dtype().kind() == 'U' ? size / 4 : size, 0);
    if (x.dtype().kind() == 'U') std::memcpy(points.data(), from, size);
    else std::copy(from, from + size, points.begin());
    while (!points.empty() && points.back() == 0) points.pop_back();
    std::string text;
    for (const char32_t c : points) text += utf8_of(c);
    all.push_back(text);
  }
  return all;
}

inline bool is_text(const json& j) {
  const std::string type = j.at(0).get<std::string>();
  return type[0] == '<' || type[0] == '|';
}

inline tessera::array texts_or_numbers(const json& j, const tessera::device& on = tessera::cpu()) {
  if (!is_text(j)) return array_of_numpy(j, on);
  return texts_array(tessera::dtype(j.at(0).get<std::string>()), j.at(1).get<std::vector<std::int64_t>>(),
                     j.at(2).get<std::vector<std::string>>(), on);
}

inline void expect_texts_or_numbers(const tessera::array& got, const json& expected) {
  if (!is_text(expected)) return expect_numpys(got, expected);
  EXPECT_EQ(got.dtype().name(), expected.at(0).get<std::string>());
  EXPECT_EQ(got.shape(), tessera::shape(expected.at(1).get<std::vector<std::int64_t>>()));
  EXPECT_EQ(texts_of(got), expected.at(2).get<std::vector<std::string>>());
}

}  // namespace tessera_test
