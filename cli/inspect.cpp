// tessera inspect: what is in a file of arrays.
#include <fmt/format.h>
#include <tessera/tessera.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "files.hpp"
#include "summary.hpp"
#include "terminal.hpp"

namespace tessera_cli {
namespace {

using json = nlohmann::ordered_json;
using tessera::array;

/// What is said of one array; `error` where it cannot be read.
struct report {
  std::string name, error;
  array value;
  std::vector<field_summary> fields;
  std::optional<std::int64_t> offset;
  bool big_endian = false;
  std::string first;
  bool more = false;
};

const char* order_of(const array& x) { return is_f_order(x) ? "F" : "C"; }

report look_at(const array_file& file, const std::string& name, std::int64_t elements) {
  report found;
  found.name = name;
  try {
    found.value = file.load(name);
    found.offset = file.offset();
    found.big_endian = file.big_endian();
    found.fields = summarize(found.value);
    tessera::print_options print = tessera::get_printoptions();
    print.linewidth = terminal_width() - 4;
    print.threshold = std::max<std::int64_t>(elements, 1);
    found.first = tessera::str(first_elements(found.value, elements), print);
    found.more = found.value.size() > elements;
  } catch (const tessera::error& error) {
    found.error = error.what();
  }
  return found;
}

// ---- As text

std::string counted(std::int64_t count, const char* one, const char* many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string numbers_text(const field_summary& f) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  const char kind = f.type.kind();
  if (kind == 'b') return fmt::format("{} True, {} False", f.count - f.zeros, f.zeros);
  if (kind == 'V') return fmt::format("{} of {} bytes", counted(f.count, "element", "elements"), f.type.itemsize());
  if (kind == 'U' || kind == 'S') {
    add(fmt::format("longest {}", f.longest));
    if (f.distinct >= 0) add(fmt::format("{} distinct", f.distinct));
    if (f.empty > 0) add(fmt::format("{} empty", f.empty));
    return text;
  }
  if (!f.minimum.empty()) add("min " + f.minimum + ", max " + f.maximum);
  if (f.has_moments) add(fmt::format("mean {:.6g}, std {:.6g}", f.mean, f.deviation));
  if (f.zeros > 0) add(counted(f.zeros, "zero", "zeros"));
  if (f.nans > 0) add(fmt::format("{} NaN", f.nans));
  if (f.infinities > 0) add(fmt::format("{} infinite", f.infinities));
  if (f.not_times > 0) add(fmt::format("{} NaT", f.not_times));
  return text.empty() ? counted(f.count, "element", "elements") : text;
}

/// In lines of the terminal's width, two columns in.
void print_line(const std::string& text) { fmt::print("{}", labelled("", text, 2)); }

void print_elements(const report& one) {
  std::string text = one.first;
  if (one.more && text.ends_with(']')) text.replace(text.size() - 1, 1, text == "[]" ? "...]" : " ...]");
  fmt::print("  ");
  for (const char c : text) fmt::print("{}", c == '\n' ? "\n  " : std::string(1, c));
  fmt::print("\n");
}

/// `named`: of a kind of file that has names; the empty one is shown as ''.
void print(const report& one, bool named, std::int64_t elements) {
  if (named) fmt::print("\n{}\n", bold(one.name.empty() ? "''" : shown(one.name)));
  if (!one.error.empty()) {
    fmt::print("  cannot be read\n");
    return;
  }
  const array& x = one.value;
  const bool fields = x.dtype().has_fields();
  const std::string what = fields ? "records" : shown(x.dtype().name());
  const std::string place = one.offset ? fmt::format(" at {}", *one.offset) : "";
  print_line(fmt::format("{} {}, {} order{}, {}{}", what, tessera::to_string(x.shape()), order_of(x),
                         one.big_endian ? ", big-endian" : "", bytes_text(static_cast<double>(x.nbytes())), place));
  std::size_t names = 0, types = 0;  // widths of columns
  for (const field_summary& f : one.fields) {
    names = std::min<std::size_t>(std::max(names, shown(f.name).size()), 24);
    types = std::min<std::size_t>(std::max(types, f.type.name().size()), 16);
  }
  for (const field_summary& f : one.fields) {
    const std::string label = fmt::format("  {:{}}  {:{}}  ", shown(f.name), names, f.type.name(), types);
    if (fields) fmt::print("{}", labelled(label, numbers_text(f), static_cast<int>(names + types) + 6));
    else print_line(numbers_text(f));
  }
  if (elements > 0 && x.size() > 0) print_elements(one);
}

// ---- As JSON

/// Integers with all their digits, floating-point numbers as JSON writes them, times as text.
json number_or_text(char kind, const std::string& text) {
  if (kind == 'i') return std::strtoll(text.c_str(), nullptr, 10);
  if (kind == 'u') return std::strtoull(text.c_str(), nullptr, 10);
  if (kind == 'f') return std::strtod(text.c_str(), nullptr);
  return text;
}

json as_json(const field_summary& f) {
  const char kind = f.type.kind();
  json all = {{"count", f.count}};
  if (!f.name.empty()) all = {{"name", f.name}, {"dtype", f.type.name()}, {"count", f.count}};
  if (!f.minimum.empty() && kind != 'b') {
    all["min"] = number_or_text(kind, f.minimum);
    all["max"] = number_or_text(kind, f.maximum);
  }
  if (f.has_moments) {
    all["mean"] = f.mean;
    all["std"] = f.deviation;
  }
  if (kind == 'U' || kind == 'S') {
    all["longest"] = f.longest;
    all["empty"] = f.empty;
    if (f.distinct >= 0) all["distinct"] = f.distinct;
  } else if (kind == 'M' || kind == 'm') {
    all["nat"] = f.not_times;
  } else if (kind != 'V') {
    all["zeros"] = f.zeros;
    if (kind == 'f' || kind == 'c') {
      all["nan"] = f.nans;
      all["infinite"] = f.infinities;
    }
  }
  return all;
}

json as_json(const report& one) {
  if (!one.error.empty()) return {{"name", one.name}, {"error", one.error}};
  const array& x = one.value;
  json shape = json::array(), fields = json::array();
  for (const std::int64_t extent : x.shape()) shape.push_back(extent);
  for (const field_summary& f : one.fields) fields.push_back(as_json(f));
  json all = {{"name", one.name},     {"dtype", x.dtype().name()}, {"shape", shape},    {"order", order_of(x)},
              {"nbytes", x.nbytes()}, {"summary", fields},         {"first", one.first}};
  if (one.offset) all["offset"] = *one.offset;
  if (one.big_endian) all["byte_order"] = "big";
  return all;
}

}  // namespace

int inspect(const inspect_options& options) {
  const tessera::device_scope host{tessera::cpu()};
  const file_format format = format_by_content(options.file);
  const array_file file(options.file, format);
  std::vector<std::string> names = file.names();
  if (options.name) {
    if (!file.has(*options.name))
      throw std::runtime_error(shown(options.file) + ": has no array '" + shown(*options.name) + "'");
    names = {*options.name};
  }
  std::error_code unknown;
  const std::uintmax_t bytes = std::filesystem::file_size(options.file, unknown);
  json all = {{"file", options.file}, {"format", name_of(format)}, {"bytes", bytes}};
  const tessera::text_pairs metadata = file.metadata();
  for (const auto& [key, value] : metadata) all["metadata"][key] = value;
  all["arrays"] = json::array();
  const bool many = format == file_format::npz || format == file_format::safetensors;
  if (!options.json) {
    fmt::print(
        "{}",
        labelled(
            bold(shown(options.file)) + ":",
            fmt::format("{}{}, {}", name_of(format),
                        many ? ", " + counted(static_cast<std::int64_t>(file.names().size()), "array", "arrays") : "",
                        bytes_text(static_cast<double>(bytes))),
            1));
    for (const auto& [key, value] : metadata) fmt::print("{}", labelled("  " + shown(key) + ":", shown(value), 4));
  }
  int code = 0;
  for (const std::string& name : names) {  // one at a time: each is let go before the next is read
    const report one = look_at(file, name, options.elements);
    if (options.json) all["arrays"].push_back(as_json(one));
    else print(one, many, options.elements);
    if (one.error.empty()) continue;
    std::fflush(stdout);
    fmt::print(stderr, "tessera: {}\n", shown(one.error));
    code = 1;
  }
  if (options.json) fmt::print("{}\n", all.dump(2, ' ', true, json::error_handler_t::replace));
  return code;
}

}  // namespace tessera_cli
