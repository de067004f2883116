// Reads and writes the dictionary of .npy files. The reader takes what numpy.save has written since 2007 and other writers
// that keep to the format's description, and nothing else: no expressions, no other keys, each key once.
#include "core/npy_header.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "core/dtype_parts.hpp"

namespace tessera::detail {
namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr int alignment = 64;           // of the elements in a file
constexpr int growth_axis_digits = 21;  // NumPy leaves room to rewrite the first extent in place

[[noreturn]] void refuse(const std::string& what) { throw npy_header_error(what); }

/// Text of the file inside a message: what is not printable as \xNN, cut when long.
std::string quoted(std::string_view text) {
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

/// Python literals, as far as a header needs them.
class reader {
 public:
  explicit reader(std::string_view text) : text_(text) {}

  char peek() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r'))
      ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool at_end() { return peek() == '\0' && at_ == text_.size(); }
  bool accept(char c) {
    if (peek() != c || at_ == text_.size()) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail(std::string("'") + c + "'");
  }
  [[noreturn]] void fail(const std::string& expected) {
    refuse("header: expected " + expected + " at byte " + std::to_string(at_) + " of " + quoted(text_));
  }

  std::string_view string() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') fail("a string");
    const std::size_t begin = ++at_;
    while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\\' && text_[at_] != '\n') ++at_;
    if (at_ == text_.size() || text_[at_] != quote) fail("the end of the string");
    return text_.substr(begin, at_++ - begin);
  }

  bool boolean() {
    peek();
    for (const std::string_view word : {"True", "False"}) {
      if (text_.substr(at_, word.size()) != word) continue;
      at_ += word.size();
      return word == "True";
    }
    fail("True or False");
  }

  std::int64_t integer() {
    peek();
    std::int64_t value = 0;
    const char *begin = text_.data() + at_, *end = text_.data() + text_.size();
    const auto [stop, error] = std::from_chars(begin, end, value);
    if (error == std::errc::result_out_of_range) {
      refuse("header: the shape's " + quoted({begin, static_cast<std::size_t>(stop - begin)}) +
             " does not fit in 64 bits");
    }
    if (error != std::errc()) fail("an integer");
    at_ += static_cast<std::size_t>(stop - begin);
    if (at_ < text_.size() && text_[at_] == 'L') ++at_;  // a long integer of Python 2
    return value;
  }

  shape tuple() {
    std::vector<std::int64_t> entries;
    expect('(');
    while (!accept(')')) {
      if (entries.size() == static_cast<std::size_t>(max_ndim)) {
        refuse("header: the shape has more than " + std::to_string(max_ndim) + " axes");
      }
      entries.push_back(integer());
      if (peek() == ')' && entries.size() > 1) continue;
      expect(',');  // "(3)" is a number in Python, "(3,)" a tuple
    }
    return shape(entries);
  }

  std::string_view rest() {
    peek();
    return text_.substr(at_);
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

/// Why `descr` cannot be loaded: the kinds that NumPy has and this library lacks are named.
[[noreturn]] void refuse_descr(std::string_view descr) {
  const std::string_view code = descr.substr(std::min(descr.find_first_not_of("<>=|"), descr.size()));
  const bool is_code = !code.empty() && code.find_first_not_of("0123456789", 1) == code.npos;
  const auto unsupported = [&](const char* what) {
    refuse("dtype " + quoted(descr) + " (" + what + ") is not supported");
  };
  if (is_code && (code[0] == 'U' || code[0] == 'S' || code[0] == 'a')) unsupported("strings");
  if (is_code && code[0] == 'O') unsupported("Python objects");
  if (is_code && code[0] == 'V') unsupported("raw bytes");
  if (code == "f16" || code == "c32" || code == "f12" || code == "c24") unsupported("extended precision");
  if (!code.empty() && (code[0] == 'M' || code[0] == 'm')) unsupported("dates and times");
  refuse("header: " + quoted(descr) + " is not a dtype");
}

void parse_descr(std::string_view descr, npy_header& header) {
  if (descr == "<V2") {  // what ml_dtypes calls its bfloat16; NumPy's own two raw bytes are "|V2"
    header.type = bfloat16;
    return;
  }
  const std::optional<dtype> parsed = parse_dtype(descr);
  if (!parsed) refuse_descr(descr);
  header.type = *parsed;
}

void parse_value(reader& in, std::string_view key, npy_header& header) {
  if (key == "descr") {
    if (in.peek() == '[' || in.peek() == '(' || in.peek() == '{') {
      refuse("records are not supported: descr is " + quoted(in.rest()));
    }
    parse_descr(in.string(), header);
  } else if (key == "fortran_order") {
    header.fortran_order = in.boolean();
  } else {
    header.extents = in.tuple();
    for (const std::int64_t extent : header.extents) {
      if (extent < 0) refuse("header: shape " + to_string(header.extents) + " has a negative extent");
    }
  }
}

}  // namespace

npy_prefix parse_npy_prefix(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return std::int64_t{static_cast<unsigned char>(bytes[i])}; };
  if (bytes.empty()) refuse("the file is empty");
  if (bytes.substr(0, magic.size()) != magic.substr(0, bytes.size())) {
    refuse("not a .npy file: it begins with " + quoted(bytes.substr(0, magic.size())));
  }
  if (bytes.size() < magic.size() + 2) refuse("truncated: the file ends in the middle of the magic string");
  const std::int64_t major = byte(6), minor = byte(7);
  if (major < 1 || major > 3 || minor != 0) {
    refuse("format version " + std::to_string(major) + "." + std::to_string(minor) +
           " is not supported (1.0, 2.0 and 3.0 are)");
  }
  const std::size_t begin = major == 1 ? 10 : 12;
  if (bytes.size() < begin) refuse("truncated: the file ends before the header's length");
  std::int64_t length = 0;
  for (std::size_t i = begin; i-- > 8;) length = length << 8 | byte(i);
  return {static_cast<std::int64_t>(begin), length};
}

npy_header parse_npy_header(std::string_view text) {
  constexpr std::string_view keys[] = {"descr", "fortran_order", "shape"};
  npy_header header;
  bool seen[] = {false, false, false};
  reader in(text);
  in.expect('{');
  while (!in.accept('}')) {
    const std::string_view key = in.string();
    int k = 0;
    while (k < 3 && keys[k] != key) ++k;
    if (k == 3) refuse("header: unknown key " + quoted(key));
    if (seen[k]) refuse("header: key " + quoted(key) + " stands there twice");
    seen[k] = true;
    in.expect(':');
    parse_value(in, key, header);
    if (in.peek() != '}') in.expect(',');
  }
  if (!in.at_end()) in.fail("the end");
  for (int k = 0; k < 3; ++k) {
    if (!seen[k]) refuse("header: key " + quoted(keys[k]) + " is missing");
  }
  return header;
}

std::int64_t npy_data_bytes(const npy_header& header) {
  std::int64_t bytes = header.type.itemsize();
  bool empty = false;
  for (const std::int64_t extent : header.extents) {
    if (extent == 0) {
      empty = true;
    } else if (bytes > std::numeric_limits<std::int64_t>::max() / extent) {
      refuse("header: shape " + to_string(header.extents) + " of " + header.type.name() +
             " has more bytes than fit in 64 bits");
    } else {
      bytes *= extent;
    }
  }
  return empty ? 0 : bytes;
}

std::string write_npy_header(const npy_header& header) {
  const std::string descr = header.type == bfloat16 ? "<V2" : header.type.str();
  std::string text = "{'descr': '" + descr + "', 'fortran_order': " + (header.fortran_order ? "True" : "False") +
                     ", 'shape': " + to_string(header.extents) + ", }";
  if (!header.extents.empty()) {
    const int growth_axis = header.fortran_order ? header.extents.size() - 1 : 0;
    text.append(growth_axis_digits - std::to_string(header.extents[growth_axis]).size(), ' ');
  }
  const std::size_t prefix = magic.size() + 4;
  text.append(alignment - (prefix + text.size() + 1) % alignment, ' ');
  text += '\n';
  const std::string length = {static_cast<char>(text.size() & 0xff), static_cast<char>(text.size() >> 8)};
  return std::string(magic) + std::string("\x01\0", 2) + length + text;
}

}  // namespace tessera::detail
