// Reads descriptions of dtypes; writes those of files.
#include "core/descr.hpp"

#include <algorithm>

#include "core/dtype_parts.hpp"
#include "core/quoted_text.hpp"

namespace tessera::detail {
namespace {

/// Why a code is no dtype: the kinds that NumPy has and this library lacks are named.
[[noreturn]] void refuse_code(std::string_view text) {
  const std::string_view code = text.substr(std::min(text.find_first_not_of("<>=|"), text.size()));
  const auto unsupported = [&](const char* what) {
    throw literal_error("dtype " + shown_text(text) + " (" + what + ") is not supported");
  };
  if (!code.empty() && code[0] == 'O' && code.find_first_not_of("0123456789", 1) == code.npos)
    unsupported("Python objects");
  if (code == "f16" || code == "c32" || code == "f12" || code == "c24") unsupported("extended precision");
  throw literal_error(shown_text(text) + " is not a dtype");
}

/// A dtype with the shape that makes it a sub-array.
struct part {
  dtype type;
  shape extents;
};

class descr_reader {
 public:
  descr_reader(literal_reader& in, descr_of what) : in_(in), what_(what) {}

  dtype whole() {
    const part p = value();
    if (!p.extents.empty()) throw literal_error("a sub-array of shape " + to_string(p.extents) + " is no element type");
    return p.type;
  }

 private:
  /// "<f8", [('a', '<f8')], {'names': …} or ('<f8', (2, 3)).
  part value() {
    const literal_reader::nested level(in_);
    switch (in_.peek()) {
      case '[': return {list(), {}};
      case '{': return {aligned_dictionary(), {}};
      case '(': return tuple();
      default: break;
    }
    return {dtype_of_code(in_.string(), what_), {}};
  }

  part tuple() {
    in_.expect('(');
    part p = value();
    in_.expect(',');
    append(p, in_.tuple(shape_word, true));
    in_.next_entry(')');
    in_.expect(')');
    return p;
  }

  /// The shape comes in front of the one that the part has.
  static void append(part& p, shape extents) {
    for (const std::int64_t extent : p.extents) extents.push_back(extent);
    p.extents = std::move(extents);
  }

  dtype list() {
    std::vector<field> fields;
    std::int64_t offset = 0;
    bool padded = false;
    in_.expect('[');
    while (!in_.accept(']')) {
      field f = entry();
      in_.next_entry(']');
      const bool padding = f.name.empty() && is_record(f.type) && !f.type.has_fields();
      if (!aligned_) f.offset = std::exchange(offset, end_of(f, offset));
      if (!padding) fields.push_back(std::move(f));
      padded |= padding;
    }
    return made(fields, {.aligned = aligned_, .itemsize = padded && !aligned_ ? offset : -1});
  }

  /// ('price', '<f8'), ('p', '<f8', (2, 3)), (('title', 'name'), '<f8'): titles are read over.
  field entry() {
    in_.expect('(');
    std::string name;
    if (in_.accept('(')) {
      (void)in_.string();
      in_.expect(',');
      name = in_.string();
      in_.next_entry(')');
      in_.expect(')');
    } else {
      name = in_.string();
    }
    in_.expect(',');
    part p = value();
    in_.next_entry(')');
    if (in_.peek() != ')') {
      append(p, in_.tuple(shape_word, true));
      in_.next_entry(')');
    }
    in_.expect(')');
    return field(name, p.type, p.extents);
  }

  /// What stands in a dictionary is aligned if the dictionary says so, which it may do at its end.
  dtype aligned_dictionary() {
    const bool outside = std::exchange(aligned_, aligned_ || says_aligned(in_));
    const dtype type = dictionary();
    aligned_ = outside;
    return type;
  }

  /// Whether the dictionary in front of the reader has 'aligned': True among its own keys.
  static bool says_aligned(literal_reader in) {
    int depth = 0;
    while (!in.at_end()) {
      const char c = in.peek();
      if (c == '\'' || c == '"') {
        if (in.string() == "aligned" && depth == 1 && in.accept(':')) return in.accept_word("True");
        continue;
      }
      in.accept(c);
      if (c == '{' || c == '[' || c == '(') ++depth;
      else if ((c == '}' || c == ']' || c == ')') && --depth == 0) return false;
    }
    return false;
  }

  dtype dictionary() {
    std::vector<std::string> names;
    std::vector<part> formats;
    std::vector<std::int64_t> offsets;
    record_options options{.aligned = aligned_};
    bool seen[5] = {};
    in_.expect('{');
    while (!in_.accept('}')) {
      const std::string key = in_.string();
      in_.expect(':');
      constexpr std::string_view keys[] = {"names", "formats", "offsets", "itemsize", "aligned"};
      const auto k = static_cast<std::size_t>(std::find(keys, keys + 5, key) - keys);
      if (k < 5 && std::exchange(seen[k], true)) throw literal_error("key " + shown_text(key) + " stands there twice");
      if (k == 0) each([&] { names.push_back(in_.string()); });
      else if (k == 1) each([&] { formats.push_back(value()); });
      else if (k == 2) each([&] { offsets.push_back(in_.integer("the offset")); });
      else if (k == 3) options.itemsize = in_.integer("the itemsize");
      else if (k == 4) options.aligned = in_.boolean() || aligned_;
      else if (key == "titles") each([&] { (void)(in_.accept_word("None") || !in_.string().empty()); });
      else throw literal_error("unknown key " + shown_text(key));
      in_.next_entry('}');
    }
    if (!seen[0] || !seen[1])
      throw literal_error(std::string("key '") + (seen[0] ? "formats" : "names") + "' is missing");
    if (formats.size() != names.size() || (seen[2] && offsets.size() != names.size())) {
      throw literal_error("'names', 'formats' and 'offsets' have " + std::to_string(names.size()) + ", " +
                          std::to_string(formats.size()) + " and " + std::to_string(offsets.size()) + " entries");
    }
    if (seen[3] && options.itemsize < 0) throw literal_error("the itemsize is negative");
    std::vector<field> fields;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (seen[2] && offsets[i] < 0) throw literal_error("an offset is negative");
      fields.emplace_back(names[i], formats[i].type, formats[i].extents, seen[2] ? offsets[i] : -1);
    }
    return made(fields, options);
  }

  template <class F> void each(F read) {
    in_.expect('[');
    while (!in_.accept(']')) {
      read();
      in_.next_entry(']');
    }
  }

  /// Of a field at `offset`; above most_itemsize: record() says what is wrong.
  static std::int64_t end_of(const field& f, std::int64_t offset) {
    std::int64_t bytes = f.type.itemsize();
    for (const std::int64_t extent : f.extents) {
      if (extent < 0 || __builtin_mul_overflow(bytes, extent, &bytes)) return most_itemsize + 1;
    }
    return std::min(bytes, most_itemsize + 1) + std::min(offset, most_itemsize + 1);
  }

 public:
  static dtype made(const std::vector<field>& fields, const record_options& options) {
    try {
      return record(fields, options, caller());
    } catch (const error& e) {
      throw literal_error(e.what());
    }
  }
  static constexpr const char* shape_word = "the shape's";

 private:
  literal_reader& in_;
  const descr_of what_;
  bool aligned_ = false;
};

class descr_writer {
 public:
  descr_writer(const char* name, caller where) : name_(name), where_(where) {}

  std::string text(dtype type) const {
    if (!type.has_fields()) return "'" + (type == bfloat16 ? "<V2" : type.str()) + "'";
    std::string list;
    std::int64_t end = 0;
    for (const field& f : type.fields()) {
      if (f.offset < end) {
        throw value_error(std::string(name_) + ": field '" + f.name + "' of " + type.name() +
                              " overlaps with another or is not in order, which files do not have",
                          where_);
      }
      pad(list, f.offset - end);
      const std::string shape = f.extents.empty() ? "" : ", " + to_string(f.extents);
      append(list, "(" + quoted_text(f.name) + ", " + text(f.type) + shape + ")");
      end = f.offset + f.nbytes();
    }
    pad(list, type.itemsize() - end);
    return "[" + list + "]";
  }

 private:
  static void append(std::string& list, const std::string& entry) {
    list.append(list.empty() ? "" : ", ").append(entry);
  }
  static void pad(std::string& list, std::int64_t bytes) {
    if (bytes > 0) append(list, "('', '|V" + std::to_string(bytes) + "')");
  }
  const char* name_;
  caller where_;
};

}  // namespace

dtype dtype_of_code(std::string_view code, descr_of what) {
  if (what == descr_of::file && code == "<V2") return bfloat16;  // NumPy's own two raw bytes are "|V2"
  const std::optional<dtype> parsed = parse_dtype(code);
  if (!parsed) refuse_code(code);
  return *parsed;
}

dtype read_descr(literal_reader& in, descr_of what) { return descr_reader(in, what).whole(); }

dtype read_comma_descr(literal_reader& in) {
  std::vector<field> fields;
  while (!in.at_end()) {
    std::string order(in.word("<>=|"));
    shape extents;
    if (in.peek() == '(' || (in.peek() >= '0' && in.peek() <= '9')) extents = in.tuple(descr_reader::shape_word, true);
    if (order.empty()) order = in.word("<>=|");
    const std::string code(in.word("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789?[]"));
    if (code.empty()) in.fail("a dtype");
    fields.emplace_back("", dtype_of_code(order + code, descr_of::text), extents);
    if (!in.at_end()) in.expect(',');
  }
  return descr_reader::made(fields, {});
}

std::string write_descr(dtype type, const char* name, caller where) { return descr_writer(name, where).text(type); }

}  // namespace tessera::detail
