// Reads and writes the header of safetensors files, trusting nothing in it: what the reference implementation refuses is refused, and
// names that stand twice.
#include "core/safetensors_header.hpp"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/file_access.hpp"

namespace tessera::detail {
namespace {

/// The format's dtypes in the order of the reference implementation.
struct type_row {
  const char* name;
  int bits;
  dtype type;
};
const type_row types[] = {
    {"BOOL", 8, bool_},     {"F4", 4, {}},       {"F6_E2M3", 6, {}},   {"F6_E3M2", 6, {}},     {"U8", 8, uint8},
    {"I8", 8, int8},        {"F8_E5M2", 8, {}},  {"F8_E4M3", 8, {}},   {"F8_E8M0", 8, {}},     {"F8_E4M3FNUZ", 8, {}},
    {"F8_E5M2FNUZ", 8, {}}, {"I16", 16, int16},  {"U16", 16, uint16},  {"F16", 16, float16},   {"BF16", 16, bfloat16},
    {"I32", 32, int32},     {"U32", 32, uint32}, {"F32", 32, float32}, {"C64", 64, complex64}, {"F64", 64, float64},
    {"I64", 64, int64},     {"U64", 64, uint64},
};

[[noreturn]] void refuse(const std::string& what) { throw safetensors_header_error("header: " + what); }

std::string shown(std::string_view text) {
  constexpr std::size_t most = 80;
  return "\"" + printable(text.substr(0, most)) + (text.size() > most ? "…\"" : "\"");
}

/// Takes the events of the JSON parser; what does not belong where it stands ends the parse.
class reader {
 public:
  explicit reader(safetensors_header& header) : header_(header) {}

  bool null() {
    if (place_ == place::top && key_ == metadata_key) return true;
    return value("null");
  }
  bool boolean(bool) { return value("a boolean"); }
  bool number_integer(std::int64_t) { return value("a number below 0"); }
  bool number_float(double, const std::string&) { return value("a number that is no 64-bit integer"); }
  bool binary(nlohmann::json::binary_t&) { return value("bytes"); }
  bool number_unsigned(std::uint64_t number) {
    if (place_ == place::offsets) {
      if (offsets_.size() == 2) refuse(of_entry() + "data_offsets has more than two numbers");
      offsets_.push_back(fitting(number));
      return true;
    }
    if (place_ != place::shape) return value("a number");
    if (extents_.size() == static_cast<std::size_t>(max_ndim)) {
      refuse(of_entry() + "the shape has more than " + std::to_string(max_ndim) + " axes");
    }
    extents_.push_back(fitting(number));
    return true;
  }
  bool string(std::string& text) {
    if (place_ == place::metadata) {
      header_.metadata.emplace_back(key_, text);
      return true;
    }
    if (place_ != place::entry || key_ != "dtype") return value("a string");
    entry_.type_name = text;
    return true;
  }
  bool start_object(std::size_t) {
    if (place_ == place::outside) return enter(place::top);
    if (place_ == place::top) return key_ == metadata_key ? enter(place::metadata) : start_entry();
    return nested("an object");
  }
  bool key(std::string& text) {
    if (place_ == place::skipped) return true;
    if (place_ == place::entry) {
      constexpr std::string_view fields[] = {"dtype", "shape", "data_offsets"};
      for (int k = 0; k < 3; ++k) {
        if (text != fields[k]) continue;
        if (seen_[k]) refuse(of_entry() + text + " stands there twice");
        seen_[k] = true;
      }
    }
    if (place_ == place::top && text == metadata_key) {
      if (metadata_seen_) refuse(std::string(metadata_key) + " stands there twice");
      metadata_seen_ = true;
    }
    key_ = text;
    return true;
  }
  bool end_object() {
    if (place_ == place::skipped) return leave_nested();
    if (place_ == place::entry) finish_entry();
    return enter(place_ == place::top ? place::outside : place::top);
  }
  bool start_array(std::size_t) {
    if (place_ == place::entry && key_ == "shape") return enter(place::shape);
    if (place_ == place::entry && key_ == "data_offsets") return enter(place::offsets);
    return nested("an array");
  }
  bool end_array() {
    if (place_ == place::skipped) return leave_nested();
    return enter(place::entry);
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) {
    refuse("no valid JSON at byte " + std::to_string(position));
  }

 private:
  enum class place { outside, top, metadata, entry, shape, offsets, skipped };
  static constexpr std::string_view metadata_key = "__metadata__";

  bool enter(place where) {
    place_ = where;
    return true;
  }
  bool start_entry() {
    entry_ = {};
    entry_.name = key_;
    extents_.clear();
    offsets_.clear();
    std::fill(std::begin(seen_), std::end(seen_), false);
    return enter(place::entry);
  }
  std::string of_entry() const { return shown(entry_.name) + ": "; }

  /// A value of a kind that only a field unknown to us may have.
  bool value(const char* what) {
    if (place_ == place::skipped || is_unknown_field()) return true;
    refuse_value(what);
  }
  bool nested(const char* what) {
    if (place_ != place::skipped && !is_unknown_field()) refuse_value(what);
    ++depth_;
    return enter(place::skipped);
  }
  bool leave_nested() { return --depth_ > 0 ? true : enter(place::entry); }
  bool is_unknown_field() const {
    return place_ == place::entry && key_ != "dtype" && key_ != "shape" && key_ != "data_offsets";
  }
  [[noreturn]] void refuse_value(const char* what) const {
    switch (place_) {
      case place::outside: refuse(std::string("expected an object, not ") + what);
      case place::top: refuse(shown(key_) + ": expected an object, not " + what);
      case place::metadata: refuse("metadata " + shown(key_) + ": expected a string, not " + what);
      case place::entry:
        refuse(of_entry() + key_ + ": expected " + (key_ == "dtype" ? "a string" : "an array") + ", not " + what);
      default: refuse(of_entry() + key_ + ": expected a number of 0 or more, not " + what);
    }
  }
  std::int64_t fitting(std::uint64_t number) const {
    if (number <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      return static_cast<std::int64_t>(number);
    refuse(of_entry() + key_ + ": " + std::to_string(number) + " does not fit in 64 bits");
  }

  void finish_entry() {
    constexpr const char* fields[] = {"dtype", "shape", "data_offsets"};
    for (int k = 0; k < 3; ++k)
      if (!seen_[k]) refuse(of_entry() + fields[k] + " is missing");
    if (offsets_.size() != 2) refuse(of_entry() + "data_offsets has not two numbers");
    entry_.extents = shape(extents_);
    entry_.begin = offsets_[0];
    entry_.end = offsets_[1];
    header_.entries.push_back(std::move(entry_));
  }

  safetensors_header& header_;
  place place_ = place::outside;
  std::string key_;
  safetensors_entry entry_;
  std::vector<std::int64_t> extents_, offsets_;
  bool seen_[3] = {}, metadata_seen_ = false;
  int depth_ = 0;
};

/// Bytes of the elements. Throws where they are no whole number or no 64-bit one.
std::int64_t bytes_of(const safetensors_entry& entry, int bits) {
  const std::string what = shown(entry.name) + ": shape " + to_string(entry.extents) + " of " + entry.type_name;
  std::int64_t count = 1;
  for (const std::int64_t extent : entry.extents)
    if (__builtin_mul_overflow(count, extent, &count)) refuse(what + " has more elements than fit in 64 bits");
  if (__builtin_mul_overflow(count, bits, &count)) refuse(what + " has more bits than fit in 64 bits");
  if (count % 8 != 0) refuse(what + " is no whole number of bytes");
  return count / 8;
}

/// Dtype and size of an entry that should begin at `begin`.
void check(safetensors_entry& entry, std::int64_t begin) {
  const auto* row =
      std::find_if(std::begin(types), std::end(types), [&](const type_row& r) { return entry.type_name == r.name; });
  if (row == std::end(types)) refuse(shown(entry.name) + ": there is no dtype " + shown(entry.type_name));
  entry.type = row->type;
  const std::string place = "data_offsets [" + std::to_string(entry.begin) + ", " + std::to_string(entry.end) + "]";
  if (entry.begin != begin || entry.end < entry.begin) {
    refuse(shown(entry.name) + ": " + place + " should begin at " + std::to_string(begin) +
           ", where the array before it ends, and not end before");
  }
  const std::int64_t nbytes = bytes_of(entry, row->bits);
  if (entry.end - entry.begin != nbytes) {
    refuse(shown(entry.name) + ": shape " + to_string(entry.extents) + " of " + entry.type_name + " has " +
           std::to_string(nbytes) + " bytes, " + place + " hold " + std::to_string(entry.end - entry.begin));
  }
}

/// Sorts the names and looks for equal ones.
void refuse_twice(std::vector<std::string_view> names, const char* what) {
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end()) refuse(what + shown(*twice) + " stands there twice");
}

std::string quoted(const std::string& text) { return nlohmann::json(text).dump(); }

}  // namespace

safetensors_header parse_safetensors_header(std::string_view text) {
  safetensors_header header;
  reader events(header);
  if (text.starts_with("\xef\xbb\xbf")) refuse("no valid JSON at byte 0");  // a byte order mark, which the parser skips
  nlohmann::json::sax_parse(text.begin(), text.end(), &events);
  auto& entries = header.entries;
  std::vector<std::string_view> names, keys;
  for (const safetensors_entry& entry : entries) names.push_back(entry.name);
  for (const auto& text : header.metadata) keys.push_back(text.first);
  refuse_twice(std::move(names), "");
  refuse_twice(std::move(keys), "metadata ");
  std::stable_sort(entries.begin(), entries.end(), [](const safetensors_entry& a, const safetensors_entry& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  std::int64_t begin = 0;
  for (safetensors_entry& entry : entries) {
    check(entry, begin);
    begin = entry.end;
  }
  return header;
}

const char* safetensors_name(dtype type) noexcept {
  for (const type_row& row : types)
    if (row.type.is_set() && row.type == type) return row.name;
  return nullptr;
}

int safetensors_rank(dtype type) noexcept {
  int rank = 0;
  for (const type_row& row : types) {
    if (row.type.is_set() && row.type == type) break;
    ++rank;
  }
  return rank;
}

std::string write_safetensors_header(const safetensors_header& header) {
  std::string text = "{";
  if (!header.metadata.empty()) {
    text += "\"__metadata__\":{";
    for (const auto& [name, value] : header.metadata) text += quoted(name) + ":" + quoted(value) + ",";
    text.back() = '}';
    text += ',';
  }
  for (const safetensors_entry& entry : header.entries) {
    text += quoted(entry.name) + ":{\"dtype\":\"" + entry.type_name + "\",\"shape\":[";
    for (int axis = 0; axis < entry.extents.size(); ++axis)
      text += (axis == 0 ? "" : ",") + std::to_string(entry.extents[axis]);
    text += "],\"data_offsets\":[" + std::to_string(entry.begin) + "," + std::to_string(entry.end) + "]},";
  }
  if (text.size() > 1) text.pop_back();
  text += '}';
  text.append((8 - text.size() % 8) % 8, ' ');
  return text;
}

}  // namespace tessera::detail
