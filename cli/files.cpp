// files: which kind a file is, and opening it.
#include "files.hpp"

#include <fmt/format.h>
#include <tessera/file.hpp>
#include <tessera/text_file.hpp>
#include <tessera/views.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "commands.hpp"
#include "terminal.hpp"

namespace tessera_cli {
namespace {

using namespace std::string_literals;

constexpr std::pair<const char*, file_format> formats[] = {
    {"npy", file_format::npy}, {"npz", file_format::npz}, {"safetensors", file_format::safetensors},
    {"csv", file_format::csv}, {"txt", file_format::txt}, {"raw", file_format::raw}};

std::string beginning_of(const std::string& path, std::size_t bytes) {
  std::ifstream file(path, std::ios::binary);
  std::string text(bytes, '\0');
  file.read(text.data(), static_cast<std::streamsize>(bytes));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return text;
}

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t k = bytes.size(); k-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[k]);
  return value;
}

bool is_text(std::string_view bytes) {
  return std::none_of(bytes.begin(), bytes.end(), [](char c) {
    const auto code = static_cast<unsigned char>(c);
    return code == 0x7f || (code < 0x20 && c != '\t' && c != '\n' && c != '\r');
  });
}

/// The fields of the first line that is no comment, and of the one after it.
std::vector<std::string> first_lines(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size() && lines.size() < 2;) {
    const std::size_t end = std::min(text.find_first_of("\r\n", at), text.size());
    const std::string line = text.substr(at, end - at);
    if (line.find_first_not_of(" \t") != std::string::npos && line[0] != '#') lines.push_back(line);
    at = end + 1;
  }
  return lines;
}

std::vector<std::string> fields_of(const std::string& line, char delimiter) {
  std::vector<std::string> fields(1);
  for (const char c : line) {
    if (c == delimiter) fields.emplace_back();
    else fields.back() += c;
  }
  return fields;
}

bool is_number(const std::string& field) {
  try {
    tessera::loadtxt_text(field);
    return field.find_first_not_of(" \t") != std::string::npos;
  } catch (const tessera::error&) {
    return false;
  }
}

/// Two fields or more between blanks, all of them numbers.
bool is_row_of_numbers(const std::string& line) {
  std::istringstream in(line);
  int count = 0;
  for (std::string field; in >> field; ++count) {
    if (!is_number(field)) return false;
  }
  return count > 1;
}

/// The library would wait for what a pipe or a terminal has not written yet.
void refuse_irregular(const std::string& path) {
  std::error_code unknown;
  const std::filesystem::file_status status = std::filesystem::status(path, unknown);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status) &&
      !std::filesystem::is_directory(status))
    throw std::runtime_error(shown(path) + ": is not a regular file");
}

/// Two axes, or one of records. A first line without a number over a line with one has the names of the columns.
tessera::array read_table(const std::string& path, file_format format) {
  const std::vector<std::string> lines = first_lines(beginning_of(path, 65536));
  tessera::genfromtxt_options options;
  options.dtype = {};
  options.device = tessera::cpu();
  options.ndmin = 2;
  const char delimiter = format == file_format::csv ? ',' : ' ';
  if (format == file_format::csv) {
    options.delimiter = ",";
    options.autostrip = true;
  }
  const auto has_number = [&](const std::string& line) {
    const std::vector<std::string> fields = fields_of(line, delimiter);
    return std::any_of(fields.begin(), fields.end(), is_number);
  };
  if (lines.size() == 2 && !has_number(lines[0]) && has_number(lines[1])) options.names = true;
  const tessera::array table = tessera::genfromtxt(path, options);
  return table.dtype().has_fields() ? tessera::ravel(table).copy() : table;
}

/// Whether the dtype in its header has the other byte order: that is what the library refuses to map.
bool is_swapped(const std::string& path) {
  try {
    tessera::load(path, {.mmap = tessera::mmap_mode::readonly});
    return false;
  } catch (const tessera::error& error) {
    return std::string_view(error.what()).find("its numbers are in the other byte order") != std::string_view::npos;
  }
}

}  // namespace

bool is_f_order(const tessera::array& x) {
  const tessera::flags_t flags = x.flags();
  return flags.f_contiguous && !flags.c_contiguous;
}

const char* name_of(file_format format) { return formats[static_cast<std::size_t>(format)].first; }

file_format format_by_content(const std::string& path) {
  refuse_irregular(path);
  const std::string begin = beginning_of(path, 4096);
  if (begin.empty()) {  // not there, a folder, nothing in it: the library says which
    tessera::load(path);
    return file_format::npy;
  }
  const std::string_view text = begin;
  if (text.starts_with("\x93NUMPY")) return file_format::npy;
  if (text.starts_with("PK\3\4") || text.starts_with("PK\5\6")) return file_format::npz;
  if (text.size() > 8 && text[8] == '{' && little_endian(text.substr(0, 8)) <= 100'000'000)
    return file_format::safetensors;
  if (!is_text(text)) {
    throw std::runtime_error(
        shown(path) +
        ": is neither .npy, .npz, safetensors nor text; elements alone are read by `tessera convert "
        "--from raw --raw-dtype TYPE`");
  }
  const std::vector<std::string> lines = first_lines(begin);
  if (lines.empty() || lines[0].find(',') != std::string::npos)
    return lines.empty() ? file_format::txt : file_format::csv;
  return format_by_name(path) == file_format::csv && !is_row_of_numbers(lines[0]) ? file_format::csv : file_format::txt;
}

std::optional<file_format> format_by_name(const std::string& path) {
  std::string ending = std::filesystem::path(path).extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return std::tolower(c); });
  if (ending == ".bin") return file_format::raw;
  for (const auto& [name, format] : formats) {
    if (ending == "."s + name) return format;
  }
  return {};
}

file_format format_named(const std::string& name) {
  for (const auto& [known, format] : formats) {
    if (name == known) return format;
  }
  throw usage_error("there is no format '" + name + "'; expected npy, npz, safetensors, csv, txt or raw");
}

array_file::array_file(const std::string& path, file_format format, const raw_layout& raw)
    : path_(path), format_(format), raw_(raw), names_{""} {
  refuse_irregular(path);
  if (format == file_format::npz) {
    archive_ = tessera::load_npz(path, {.device = tessera::cpu()});
    names_ = archive_->names();
  } else if (format == file_format::safetensors) {
    tensors_ = tessera::load_safetensors(path, {.mmap = tessera::mmap_mode::readonly});
    names_ = tensors_->names();
  } else if (format == file_format::npy) {
    const std::string begin = beginning_of(path, 12);
    if (begin.size() < 12) return;
    const bool first = begin[6] == 1;
    const std::uint64_t length = little_endian(std::string_view(begin).substr(8, first ? 2 : 4));
    offset_ = static_cast<std::int64_t>(length) + (first ? 10 : 12);
    big_endian_ = is_swapped(path);
  }
}

bool array_file::has(const std::string& name) const {
  return std::find(names_.begin(), names_.end(), name) != names_.end();
}

tessera::array array_file::load(const std::string& name) const {
  switch (format_) {
    case file_format::npz: return archive_->load(name);
    case file_format::safetensors: return tensors_->load(name);
    case file_format::npy:
      // The library refuses to map what has the other byte order; what has no bytes cannot be mapped.
      if (big_endian_) return tessera::load(path_, {.device = tessera::cpu()});
      return tessera::load(path_, {.mmap = tessera::mmap_mode::readonly});
    case file_format::raw:
      return tessera::memmap(path_, {.dtype = raw_.type, .mode = tessera::mmap_mode::readonly, .shape = raw_.shape});
    case file_format::csv:
    case file_format::txt: break;
  }
  return read_table(path_, format_);
}

tessera::text_pairs array_file::metadata() const { return tensors_ ? tensors_->metadata() : tessera::text_pairs(); }

}  // namespace tessera_cli
