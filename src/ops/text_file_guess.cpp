// genfromtxt: names, dtypes that are found, missing values.
#include <algorithm>
#include <cstring>
#include <limits>

#include "core/access.hpp"
#include "core/dtype_parts.hpp"
#include "core/element.hpp"
#include "core/text_names.hpp"
#include "core/utf8.hpp"
#include "ops/text_file_lines.hpp"
#include "ops/text_file_values.hpp"

namespace tessera {
namespace {

using detail::access;
using detail::scalar_value;
using detail::text_input;

struct column {
  std::int64_t source = 0;  // in the lines
  dtype type, as;           // of the result; what its values are read as
  std::int64_t offset = 0;
  bool (*read_text)(const char*, const char*, std::byte*, dtype) = nullptr;
  std::vector<std::string> missing{""};
  std::optional<filling_value> fill;
  bool checked = true;  // whether a value was seen, not only missing ones: what decides if all columns are alike

  bool is_missing(std::string_view text) const {
    return std::find(missing.begin(), missing.end(), detail::stripped(text)) != missing.end();
  }
};

class guessed_table {
 public:
  guessed_table(text_input& in, const genfromtxt_options& options)
      : in_(in), options_(options), lines_(in), splitter_(options), type_(detail::native(options.dtype)) {}
  array read();

 private:
  [[noreturn]] void refuse_option(const std::string& what) const {
    throw value_error(std::string(in_.name()) + ": " + what, in_.where());
  }
  void read_header();
  void choose_names();
  void choose_columns();
  void name_dtype();
  std::int64_t index_of(const column_key& key) const;
  /// The column of the result that a key of missing_of or filling_of means; -1 for one that is not read.
  std::int64_t position_of(const column_key& key) const;
  void set_missing();
  void read_lines();
  void add_row(std::vector<std::string_view>& fields);
  void end_lines();
  void lay_out();
  void guess_types();
  void guess(column& c, std::int64_t i) const;
  std::int64_t widest(const column& c, std::int64_t i) const;
  void write(std::byte* to, const column& c, std::int64_t row, std::int64_t i) const;
  std::string_view value(std::int64_t row, std::int64_t i) const {
    return fields_[static_cast<std::size_t>(row * std::ssize(columns_) + i)];
  }

  text_input& in_;
  const genfromtxt_options& options_;
  detail::line_reader lines_;
  detail::line_splitter splitter_;
  dtype type_;
  std::string header_;
  std::vector<std::string_view> first_;  // fields of the first line that has any
  bool first_is_data_ = true;
  bool named_ = false;
  std::vector<std::string> names_;
  std::vector<column> columns_;
  struct odd_line {
    std::int64_t number, fields;
  };
  std::vector<odd_line> odd_;             // lines with other numbers of fields
  std::vector<std::string_view> fields_;  // of all rows
  std::vector<std::int64_t> numbers_;     // of their lines, at first with the odd ones
  std::int64_t rows_ = 0;
};

void guessed_table::read_header() {
  std::string_view line;
  for (std::int64_t i = 0; i < options_.skip_header && lines_.next(line); ++i) {}
  while (first_.empty() && lines_.next(line)) {
    const std::size_t comment = options_.comments.empty() ? line.npos : line.find(options_.comments);
    if (options_.names.first_line() && comment != line.npos) {  // names may stand in a comment
      header_.clear();
      for (line.remove_prefix(comment + options_.comments.size());;) {
        const std::size_t next = line.find(options_.comments);
        header_ += line.substr(0, next);
        if (next == line.npos) break;
        line.remove_prefix(next + options_.comments.size());
      }
      splitter_.split(header_, first_);
    } else {
      splitter_.split(line, first_);
    }
  }
  if (!options_.names.first_line() || first_.empty()) return;
  first_is_data_ = false;
  if (!options_.comments.empty() && options_.comments.find(detail::stripped(first_[0])) != std::string::npos)
    first_.erase(first_.begin());
}

void guessed_table::choose_names() {
  std::vector<std::string> given = options_.names.list();
  if (options_.names.first_line())
    for (const std::string_view field : first_) given.emplace_back(detail::stripped(field));
  named_ = !given.empty();
  if (named_) names_ = detail::valid_names(given, -1, options_.naming, in_.name(), in_.where());
  else if (type_.has_fields())
    for (const field& f : type_.fields()) names_.push_back(f.name);
}

/// A dtype given gets the names; plain ones become a record of as many fields.
void guessed_table::name_dtype() {
  if (!type_.is_set()) return;
  std::vector<field> fields = type_.fields();
  const std::int64_t itemsize = fields.empty() ? -1 : type_.itemsize();
  if (fields.empty()) {
    if (!named_) return;
    if (type_.itemsize() == 0)
      throw dtype_error(std::string(in_.name()) + ": texts with names need a width", in_.where());
    for (const std::string& name : names_) fields.emplace_back(name, type_);
  } else {
    bool numbered = !named_ && options_.naming.defaultfmt != "f%i";
    for (std::size_t i = 0; i < fields.size(); ++i)
      numbered = numbered && fields[i].name == std::string("f").append(std::to_string(i));
    if (numbered) names_.assign(fields.size(), "");
    names_ = detail::valid_names(names_, std::ssize(fields), options_.naming, in_.name(), in_.where());
    for (std::size_t i = 0; i < fields.size(); ++i) fields[i].name = names_[i];
  }
  type_ = record(fields, {.itemsize = itemsize}, in_.where());
}

std::int64_t guessed_table::index_of(const column_key& key) const {
  if (!key.named()) return key.number() < 0 ? key.number() + std::ssize(first_) : key.number();
  const auto found = std::find(names_.begin(), names_.end(), key.name());
  return found == names_.end() ? -1 : found - names_.begin();
}

void guessed_table::choose_columns() {
  const std::int64_t count = options_.usecols.empty() ? std::ssize(first_) : std::ssize(options_.usecols);
  columns_.resize(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    column& c = columns_[static_cast<std::size_t>(i)];
    c.source = i;
    if (options_.usecols.empty()) continue;
    const column_key& key = options_.usecols[static_cast<std::size_t>(i)];
    c.source = index_of(key);
    if (c.source >= 0) continue;
    refuse_option("usecols: there is no column " +
                  (key.named() ? "'" + key.name() + "'" : std::to_string(key.number())));
  }
  if (options_.usecols.empty()) return;
  // Of more names or fields than columns those of the columns stay.
  const auto picked = [&](const auto& list) {
    std::remove_cvref_t<decltype(list)> result;
    for (const column& c : columns_) {
      if (c.source >= std::ssize(list)) refuse_option("usecols: column " + std::to_string(c.source) + " has no field");
      result.push_back(list[static_cast<std::size_t>(c.source)]);
    }
    return result;
  };
  if (std::ssize(type_.fields()) > count) {
    std::vector<field> fields = picked(type_.fields());
    for (field& f : fields) f.offset = -1;
    type_ = record(fields, {}, in_.where());
  }
  if (std::ssize(names_) > count) names_ = picked(names_);
}

std::int64_t guessed_table::position_of(const column_key& key) const {
  if (key.named()) {
    const auto found = std::find(names_.begin(), names_.end(), key.name());
    return found == names_.end() ? -1 : found - names_.begin();
  }
  const std::int64_t source = index_of(key);
  for (std::size_t i = 0; i < columns_.size(); ++i)
    if (columns_[i].source == source) return static_cast<std::int64_t>(i);
  return -1;
}

void guessed_table::set_missing() {
  for (column& c : columns_) {
    c.missing.insert(c.missing.end(), options_.missing_values.begin(), options_.missing_values.end());
    c.fill = options_.filling_values;
  }
  for (const auto& [key, texts] : options_.missing_of) {
    const std::int64_t i = position_of(key);
    if (i < 0 || i >= std::ssize(columns_)) continue;  // as NumPy: of columns that are not read
    std::vector<std::string>& missing = columns_[static_cast<std::size_t>(i)].missing;
    missing.insert(missing.end(), texts.begin(), texts.end());
  }
  for (const auto& [key, fill] : options_.filling_of) {
    const std::int64_t i = position_of(key);
    if (i >= 0 && i < std::ssize(columns_)) columns_[static_cast<std::size_t>(i)].fill = fill;
  }
}

void guessed_table::add_row(std::vector<std::string_view>& fields) {
  if (fields.empty()) return;
  const std::int64_t count = std::ssize(fields);
  const bool fits = options_.usecols.empty() ? count == std::ssize(columns_)
                                             : std::all_of(columns_.begin(), columns_.end(),
                                                           [&](const column& c) { return c.source < count; });
  numbers_.push_back(lines_.number());
  if (!fits) return odd_.push_back({lines_.number(), count});
  for (const column& c : columns_) fields_.push_back(fields[static_cast<std::size_t>(c.source)]);
  ++rows_;
}

void guessed_table::read_lines() {
  std::vector<std::string_view> fields = first_;
  if (first_is_data_) add_row(fields);
  const std::int64_t most = options_.max_rows.value_or(std::numeric_limits<std::int64_t>::max());
  for (std::string_view line; rows_ < most && lines_.next(line);) {
    splitter_.split(line, fields);
    add_row(fields);
  }
}

/// Takes the footer away, odd lines too, and says which others are odd.
void guessed_table::end_lines() {
  for (std::int64_t i = 0; i < options_.skip_footer && !numbers_.empty(); ++i) {
    if (!odd_.empty() && odd_.back().number == numbers_.back()) odd_.pop_back();
    else --rows_;
    numbers_.pop_back();
  }
  fields_.resize(static_cast<std::size_t>(rows_) * columns_.size());
  std::erase_if(numbers_, [&](std::int64_t number) {
    return std::binary_search(odd_.begin(), odd_.end(), odd_line{number, 0},
                              [](const odd_line& a, const odd_line& b) { return a.number < b.number; });
  });
  if (odd_.empty() || !options_.invalid_raise) return;
  std::string text = "line " + std::to_string(odd_[0].number) + " has " + std::to_string(odd_[0].fields) +
                     (odd_[0].fields == 1 ? " column" : " columns");
  std::int64_t needed = std::ssize(columns_);
  for (const column& c : columns_)
    if (!options_.usecols.empty()) needed = std::max(needed, c.source + 1);
  text += (options_.usecols.empty() ? ", the first has " : ", usecols asks for ") + std::to_string(needed);
  if (odd_.size() > 1) text += "; " + std::to_string(odd_.size() - 1) + " more such lines";
  in_.refuse(text);
}

void guessed_table::guess(column& c, std::int64_t i) const {
  for (const dtype type : {bool_, int64, float64, complex128}) {
    c.checked = true;
    bool all = true;
    for (std::int64_t row = 0; row < rows_ && all; ++row) {
      scalar_value read;
      if (detail::read_value(value(row, i), type, read) && detail::fits(read, type)) continue;
      all = c.is_missing(value(row, i));
      if (type == bool_) c.checked = false;
    }
    c.as = type;
    if (all) return;
  }
  c.as = str_(0);
}

std::int64_t guessed_table::widest(const column& c, std::int64_t i) const {
  std::int64_t most = 1;
  for (std::int64_t row = 0; row < rows_; ++row) {
    const std::string_view text = value(row, i);
    scalar_value read;
    if (detail::is_text(c.as)) most = std::max(most, detail::count_characters(text));
    else
      most = std::max<std::int64_t>(
          most, std::ssize(detail::shown(detail::read_value(text, c.as, read), read, c.fill, c.as)));
  }
  return most;
}

/// The dtype from the columns' values: one for all if they are alike and have no names, else a record.
void guessed_table::guess_types() {
  for (std::size_t i = 0; i < columns_.size(); ++i) guess(columns_[i], static_cast<std::int64_t>(i));
  std::vector<dtype> kinds;
  for (const column& c : columns_)
    if (c.checked && std::find(kinds.begin(), kinds.end(), c.as) == kinds.end()) kinds.push_back(c.as);
  if (!named_ && kinds.size() == 1) {
    type_ = kinds[0];
    return;
  }
  if (named_ && names_.size() != columns_.size()) {
    refuse_option(std::to_string(names_.size()) + " names do not suit " + std::to_string(columns_.size()) + " columns");
  }
  std::vector<field> fields;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const auto number = static_cast<std::int64_t>(i);
    const column& c = columns_[i];
    fields.emplace_back(named_ ? names_[i] : detail::default_name(number, options_.naming, in_.name(), in_.where()),
                        detail::is_text(c.as) ? str_(widest(c, number)) : c.as);
  }
  type_ = fields.empty() ? float64 : record(fields, {}, in_.where());
}

/// Where each column's values go.
void guessed_table::lay_out() {
  const bool found = !type_.is_set();
  if (found) guess_types();
  std::vector<detail::text_column> parts = detail::text_columns(type_, in_.name(), in_.where());
  const bool records = type_.has_fields();
  if (records && parts.size() > columns_.size() && (rows_ > 0 || found)) {
    refuse_option("the dtype has " + std::to_string(parts.size()) + " columns, the lines " +
                  std::to_string(columns_.size()));
  }
  const auto place = [&] {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      column& c = columns_[i];
      const detail::text_column& part = parts[records && i < parts.size() ? i : 0];
      c.type = part.type;
      c.read_text = part.read;
      c.offset = records ? (i < parts.size() ? parts[i].offset : -1) : static_cast<std::int64_t>(i) * type_.itemsize();
      if (!found) c.as = c.type;
    }
  };
  place();
  if (records || !detail::is_text(type_) || type_.itemsize() > 0) return;
  std::int64_t width = 1;
  for (std::size_t i = 0; i < columns_.size(); ++i)
    width = std::max(width, widest(columns_[i], static_cast<std::int64_t>(i)));
  type_ = detail::with_width(type_, width);
  parts = detail::text_columns(type_, in_.name(), in_.where());
  place();
}

void guessed_table::write(std::byte* to, const column& c, std::int64_t row, std::int64_t i) const {
  const std::string_view text = value(row, i);
  const auto refuse = [&](const std::string& what) {
    in_.refuse("line " + std::to_string(numbers_[static_cast<std::size_t>(row)]) + ", column " +
               std::to_string(c.source + 1) + what);
  };
  scalar_value read;
  bool converts = true;
  if (detail::is_text(c.as) || detail::is_time(c.as)) {
    if (c.read_text(text.data(), text.data() + text.size(), to, c.type)) return;
    if (detail::is_time(c.as)) refuse(": could not convert " + detail::quoted_field(text) + " to " + c.type.name());
    converts = false;
  } else {
    converts = detail::read_value(text, c.as, read);
  }
  if (!converts && !options_.loose && !c.is_missing(text))
    refuse(": could not convert " + detail::quoted_field(text) + " to " + c.type.name());
  if (detail::is_text(c.type)) {
    const std::string shown = detail::shown(converts, read, c.fill, c.as);
    if (!c.read_text(shown.data(), shown.data() + shown.size(), to, c.type))
      refuse(": the filling value does not go into " + c.type.name());
    return;
  }
  if (!converts && c.fill && c.fill->is_text())
    refuse(": the filling value '" + c.fill->text() + "' is no " + c.type.name());
  if (!converts) read = c.fill ? c.fill->number() : detail::default_value(c.as);
  if (!detail::fits(read, c.type)) {
    refuse(converts ? ": " + detail::quoted_field(text) + " does not fit " + c.type.name()
                    : ": is missing, and " + detail::to_string(read) + " in its place does not fit " + c.type.name());
  }
  detail::write_element(to, c.type, read);
}

array guessed_table::read() {
  read_header();
  choose_names();
  name_dtype();
  choose_columns();
  set_missing();
  read_lines();
  end_lines();
  lay_out();
  const bool records = type_.has_fields();
  if (rows_ == 0)
    return access::make({0}, detail::storable(type_, in_.name(), in_.where()), order::C, cpu(), in_.where());
  const std::int64_t count = std::ssize(columns_);
  const array result = access::make(records ? shape{rows_} : shape{rows_, count}, type_, order::C, cpu(), in_.where());
  const std::int64_t step = type_.itemsize() * (records ? 1 : count);
  std::byte* to = access::data(result);
  if (records) std::memset(to, 0, static_cast<std::size_t>(rows_ * step));
  for (std::int64_t row = 0; row < rows_; ++row, to += step) {
    for (std::int64_t i = 0; i < count; ++i) {
      const column& c = columns_[static_cast<std::size_t>(i)];
      if (c.offset >= 0) write(to + c.offset, c, row, i);
    }
  }
  return result;
}

void check(const genfromtxt_options& options, const char* name, caller where) {
  const auto refuse = [&](const std::string& what) { throw value_error(std::string(name) + ": " + what, where); };
  if (options.ndmin < 0 || options.ndmin > 2) refuse("ndmin is 0, 1 or 2, not " + std::to_string(options.ndmin));
  if (options.skip_header < 0 || options.skip_footer < 0) refuse("skip_header and skip_footer must not be negative");
  if (options.max_rows && *options.max_rows < 1)
    refuse("max_rows must be at least 1, it is " + std::to_string(*options.max_rows));
  if (options.max_rows && options.skip_footer > 0) refuse("max_rows and skip_footer exclude each other");
  const auto wrong = [](std::int64_t width) { return width < 0; };
  if (options.width < 0 || std::any_of(options.widths.begin(), options.widths.end(), wrong))
    refuse("widths must not be negative");
}

array load_guessed(text_input& in, const genfromtxt_options& options) {
  array x = detail::with_memory(in.name(), in.where(), [&] { return guessed_table(in, options).read(); });
  x = detail::with_ndmin(std::move(x), options.ndmin, in.where());
  if (options.unpack) {
    if (x.dtype().has_fields())
      throw value_error(std::string(in.name()) + ": records have fields, not columns to unpack", in.where());
    x = x.T();
  }
  return x.to(options.device ? *options.device : default_device(in.where()), in.where());
}

}  // namespace

array genfromtxt(const std::string& path, const genfromtxt_options& options, caller where) {
  check(options, "genfromtxt", where);
  text_input in("genfromtxt", path, where);
  return load_guessed(in, options);
}

array genfromtxt_text(std::string_view text, const genfromtxt_options& options, caller where) {
  check(options, "genfromtxt_text", where);
  text_input in("genfromtxt_text", text, where);
  return load_guessed(in, options);
}

}  // namespace tessera
