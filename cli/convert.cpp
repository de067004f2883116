// tessera convert: arrays from one kind of file written as another.
#include <fmt/format.h>
#include <tessera/tessera.hpp>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <filesystem>

#include "commands.hpp"
#include "files.hpp"
#include "output.hpp"
#include "terminal.hpp"

namespace tessera_cli {
namespace {

using tessera::array;
using tessera::dtype;

/// A call whose words were understood; whether the arrays suit the target is not yet known.
struct plan {
  file_format from, to;
  raw_layout raw;
  dtype type;  // unset: as they are
  std::optional<tessera::order> order;
  bool swapped = false;  // the other byte order than this machine's
};

tessera::shape shape_named(const std::string& text) {
  std::vector<std::int64_t> extents;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    std::int64_t extent = -1;
    const auto [end, status] = std::from_chars(text.data() + at, text.data() + comma, extent);
    if (status != std::errc() || end != text.data() + comma || extent < 0)
      throw usage_error("convert: --shape expects extents such as 3,4, not '" + text + "'");
    extents.push_back(extent);
    at = comma + 1;
  }
  return extents;
}

dtype dtype_named(const char* option, const std::string& text) {
  try {
    return dtype(text);
  } catch (const tessera::error& error) {
    throw usage_error(fmt::format("convert: {}: {}", option, error.what()));
  }
}

file_format format_of_output(const convert_options& options) {
  if (!options.to.empty()) return format_named(options.to);
  if (const std::optional<file_format> found = format_by_name(options.out)) return *found;
  throw usage_error("convert: the ending of " + shown(options.out) +
                    " names no format; --to npy, npz, safetensors, csv, txt or raw does");
}

plan understood(const convert_options& options) {
  std::error_code unknown;
  if (std::filesystem::equivalent(options.in, options.out, unknown))
    throw usage_error("convert: " + shown(options.out) + " is the input itself; give the output another name");
  plan p;
  p.to = format_of_output(options);
  const std::string target = name_of(p.to);
  if (!options.dtype.empty()) p.type = dtype_named("--dtype", options.dtype);
  if (!options.order.empty()) {
    if (p.to != file_format::npy && p.to != file_format::npz && p.to != file_format::raw)
      throw usage_error("convert: --order: " + target + " files have no choice of it; npy, npz and raw ones do");
    p.order = options.order == "F" ? tessera::order::F : tessera::order::C;
  }
  if (p.to == file_format::raw && !p.order) p.order = tessera::order::C;  // nothing in the file would tell
  if (options.compress && p.to != file_format::npz)
    throw usage_error("convert: --compress: " + target + " files are not compressed; npz ones can be");
  if (!options.byte_order.empty()) {
    if (p.to != file_format::npy && p.to != file_format::raw)
      throw usage_error("convert: --byte-order: " + target + " files have no choice of it; npy and raw ones do");
    const char* const native = std::endian::native == std::endian::little ? "little" : "big";
    p.swapped = options.byte_order != "native" && options.byte_order != native;
  }
  if (options.from == "raw") {
    if (options.raw_dtype.empty())
      throw usage_error("convert: --from raw needs --raw-dtype: elements alone do not tell what they are");
    p.raw.type = dtype_named("--raw-dtype", options.raw_dtype);
    if (!options.shape.empty()) p.raw.shape = shape_named(options.shape);
  } else if (!options.raw_dtype.empty() || !options.shape.empty()) {
    throw usage_error("convert: --raw-dtype and --shape are for --from raw");
  }
  p.from = options.from.empty() ? format_by_content(options.in) : format_named(options.from);
  return p;
}

bool holds_one(file_format format) { return format != file_format::npz && format != file_format::safetensors; }

/// The arrays asked for; too many for the target is an error before any is read.
std::vector<std::string> chosen_names(const array_file& file, const convert_options& options, const plan& p) {
  for (const std::string& name : options.names) {
    if (!file.has(name)) throw std::runtime_error(shown(options.in) + ": has no array '" + shown(name) + "'");
  }
  std::vector<std::string> names = options.names.empty() ? file.names() : options.names;
  if (!holds_one(p.to) || names.size() == 1) return names;
  std::string list;
  for (std::size_t k = 0; k < names.size() && k < 8; ++k) list += (k > 0 ? ", " : "") + shown(names[k]);
  if (names.size() > 8) list += ", …";
  if (names.empty())
    throw std::runtime_error(shown(options.in) + ": has no arrays, and a " + name_of(p.to) + " file holds one");
  throw std::runtime_error(fmt::format("{}: has {} arrays ({}), and a {} file holds one; choose it with --name",
                                       shown(options.in), names.size(), list, name_of(p.to)));
}

array prepared(const array& x, const plan& p) {
  array result = p.type.is_set() ? x.astype(p.type) : x;
  if (!p.order) return result;
  const bool wanted = *p.order == tessera::order::F;
  const tessera::flags_t flags = result.flags();
  return (wanted ? flags.f_contiguous : flags.c_contiguous) ? result : result.copy(*p.order);
}

// ---- The other byte order

/// Bytes of the numbers that an element is made of.
int number_bytes(const dtype& type) {
  switch (type.kind()) {
    case 'c': return type.itemsize() / 2;
    case 'U': return 4;
    case 'S':
    case 'b': return 1;
    case 'V':
      throw std::runtime_error("convert: " + std::string(type.has_fields() ? "records" : "elements of bytes") +
                               " are written in this machine's byte order alone");
    default: return type.itemsize();
  }
}

/// All bytes in the array's own order, each number reversed.
std::vector<std::uint8_t> reversed(const array& x) {
  const std::vector<std::byte> bytes = tessera::tobytes(x, is_f_order(x) ? tessera::order::F : tessera::order::C);
  std::vector<std::uint8_t> out(bytes.size());
  std::memcpy(out.data(), bytes.data(), bytes.size());
  const auto step = static_cast<std::ptrdiff_t>(number_bytes(x.dtype()));
  for (auto at = out.begin(); step > 1 && at != out.end(); at += step) std::reverse(at, at + step);
  return out;
}

/// What numpy.save writes before the elements, with the other sign of byte order.
std::string swapped_header(const array& x) {
  if (x.dtype() == tessera::bfloat16) throw std::runtime_error("convert: bfloat16 has one byte order in .npy files");
  std::string descr = x.dtype().str();
  if (descr[0] == '<') descr[0] = '>';
  else if (descr[0] == '>') descr[0] = '<';
  std::string text = fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': {}, }}", descr,
                                 is_f_order(x) ? "True" : "False", tessera::to_string(x.shape()));
  text.append(63 - (10 + text.size()) % 64, ' ');
  text += '\n';
  const auto length = static_cast<unsigned>(text.size());
  return std::string("\x93NUMPY\1\0", 8) + static_cast<char>(length & 255) + static_cast<char>(length >> 8) + text;
}

void write_swapped(const std::string& path, const array& x, file_format to) {
  std::vector<std::uint8_t> bytes = reversed(x);
  if (to == file_format::npy) {
    const std::string header = swapped_header(x);
    bytes.insert(bytes.begin(), header.begin(), header.end());
  }
  tessera::tofile(tessera::from_range(bytes), path);
}

// ---- Text

[[noreturn]] void refuse_text(const std::string& what) { throw std::runtime_error("convert: " + what); }

/// Cells are written without quotes: a text that would be read as something else is refused.
void check_texts(const array& texts, char delimiter) {
  for (const array& one : tessera::ravel(texts)) {
    const std::string text = one.item<std::string>();
    const bool special = text.find_first_of("\r\n#\"") != std::string::npos;
    if (special || text.find(delimiter) != std::string::npos ||
        (delimiter == ' ' && text.find('\t') != std::string::npos))
      refuse_text("the text '" + shown(text) +
                  "' has a delimiter, a quote, a # or a line end in it; npy and npz hold it");
    if (text.empty() && delimiter == ' ') refuse_text("an empty text would be no column between spaces; csv holds it");
  }
}

void check_cells(const array& x, char delimiter) {
  const char kind = x.dtype().kind();
  if (x.dtype().itemsize() == 0) refuse_text("elements without bytes are no text; npy and npz hold them");
  if (kind == 'V' || kind == 'S') refuse_text("elements of bytes are no text; npy and npz hold them");
  if (kind == 'm') refuse_text(x.dtype().name() + " is no text; --dtype int64 makes its counts of units");
  if (kind == 'U') check_texts(x, delimiter);
}

/// Which kind of column a text gives back: integers have one, times are read as texts.
char kind_as_text(const dtype& type) {
  switch (type.kind()) {
    case 'u': return 'i';
    case 'M': return 'U';
    default: return type.kind();
  }
}

/// Refuses cells that were read back as others.
void check_column(const array& written, const array& read, const std::string& name) {
  const dtype type = written.dtype();
  const std::string where = name.empty() ? "the array" : "field '" + shown(name) + "'";
  if (read.dtype().kind() != kind_as_text(type))
    refuse_text(fmt::format("{} is {} and would be read back from a text as {}; npy and npz hold it", where,
                            shown(type.name()), shown(read.dtype().name())));
  const array back = tessera::ravel(type.kind() == 'U' ? read : read.astype(type)), x = tessera::ravel(written);
  array other = x != back;
  if (type.kind() == 'f' || type.kind() == 'c') other = other & ~(tessera::isnan(x) & tessera::isnan(back));
  if (type.kind() == 'M') other = other & ~(tessera::isnat(x) & tessera::isnat(back));
  const std::int64_t at = tessera::argmax(other).item<std::int64_t>();
  if (!other(at).item<bool>()) return;
  refuse_text(fmt::format("{} would be read back from a text as {}; npy and npz hold it",
                          shown(tessera::repr(array(x(at)))), shown(tessera::repr(array(back(at))))));
}

/// Refuses a text that does not give back the table it was made from: a few rules of the reader (what is a number, a name, a blank) would
/// be missed by rules for writing.
void check_text(const std::string& path, const array& x) {
  array read;
  try {
    read = array_file(path, format_by_content(path)).load("");
  } catch (const std::exception&) {
    refuse_text("the text could not be read back; npy and npz hold it");
  }
  const std::vector<tessera::field> fields = x.dtype().fields(), found = read.dtype().fields();
  const array table = !fields.empty() || x.ndim() == 2 ? x : tessera::reshape(x, {-1, 1});
  if (read.shape() != table.shape() || found.size() != fields.size())
    refuse_text(fmt::format("{} of {} would be read back from a text as {} of {}; npy and npz hold it",
                            tessera::to_string(table.shape()), shown(x.dtype().name()),
                            tessera::to_string(read.shape()), shown(read.dtype().name())));
  if (fields.empty()) return check_column(table, read, "");
  for (std::size_t k = 0; k < fields.size(); ++k) {
    if (found[k].name != fields[k].name)
      refuse_text(fmt::format("the name '{}' would be read back from a text as '{}'; npy and npz hold it",
                              shown(fields[k].name), shown(found[k].name)));
    check_column(x[fields[k].name], read[fields[k].name], fields[k].name);
  }
}

/// Written as `draft` first, and to `out` if that is the same when it is read.
void write_text(const std::string& out, const std::string& draft, const array& x, file_format to) {
  const bool csv = to == file_format::csv;
  const char delimiter = csv ? ',' : ' ';
  tessera::savetxt_options options;
  options.delimiter = std::string(1, delimiter);
  options.fmt = "%s";  // the fewest digits that are read back as the same number
  options.comments = "";
  const bool records = x.dtype().has_fields();
  if (x.ndim() > (records ? 1 : 2) || x.ndim() == 0)
    refuse_text(fmt::format("an array of {} with shape {} is no table; npy, npz and safetensors hold it",
                            records ? "records" : x.dtype().name(), tessera::to_string(x.shape())));
  if (x.size() == 0)
    refuse_text("a table with shape " + tessera::to_string(x.shape()) +
                " has no cells; npy, npz and safetensors hold it");
  if (!records) check_cells(x, delimiter);
  for (const tessera::field& each : x.dtype().fields()) {
    if (each.type.has_fields() || !each.extents.empty())
      refuse_text("field '" + shown(each.name) + "' is not one value; npy and npz hold it");
    check_texts(array(each.name), delimiter);  // the first line has the names
    check_cells(x[each.name], delimiter);
    options.header += (options.header.empty() ? "" : options.delimiter) + each.name;
  }
  try {
    tessera::savetxt(draft, x, options);
  } catch (const tessera::file_error& error) {
    std::string text = error.what();  // a full disk, a folder that is not there: of the file that was asked for
    if (const std::size_t at = text.find(draft); at != std::string::npos) text.replace(at, draft.size(), out);
    throw std::runtime_error(text);
  }
  check_text(draft, x);
  tessera::tofile(tessera::memmap(draft, {.mode = tessera::mmap_mode::readonly}), out);
}

// ---- All targets

void write(const std::string& out, const std::string& draft, bool compress, const plan& p,
           std::vector<tessera::named_array> arrays, const tessera::text_pairs& metadata) {
  if (p.to == file_format::npz) return tessera::save_npz(out, arrays, {.compressed = compress});
  if (p.to == file_format::safetensors) return tessera::save_safetensors(out, arrays, metadata);
  const array& x = arrays.front().value;
  if (p.to == file_format::csv || p.to == file_format::txt) return write_text(out, draft, x, p.to);
  if (p.swapped) return write_swapped(out, x, p.to);
  if (p.to == file_format::npy) return tessera::save(out, x);
  tessera::tofile(is_f_order(x) ? x.T() : x, out);
}

}  // namespace

void convert(const convert_options& options) {
  const tessera::device_scope host{tessera::cpu()};
  const plan p = understood(options);
  const array_file file(options.in, p.from, p.raw);
  std::vector<tessera::named_array> arrays;
  for (const std::string& name : chosen_names(file, options, p)) {
    // What has no name is called as numpy.savez would.
    arrays.emplace_back(holds_one(p.from) ? "arr_0" : name, prepared(file.load(name), p));
  }
  const std::string target = link_target(options.out);
  const unfinished_files unfinished(target);
  write(target, unfinished.own(), options.compress, p, std::move(arrays), file.metadata());
}

}  // namespace tessera_cli
