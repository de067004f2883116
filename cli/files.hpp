// Files of arrays, whatever their kind, as the commands read them: an array at a time.
#pragma once
#include <tessera/array.hpp>
#include <tessera/npz.hpp>
#include <tessera/safetensors.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tessera_cli {

enum class file_format { npy, npz, safetensors, csv, txt, raw };
/// "npy", "npz", …
const char* name_of(file_format format);

/// By the first bytes. What is text is csv where its first line has commas, or the path ends with .csv and that line is
/// no row of numbers with blanks between them; else txt. Throws tessera::file_error for a
/// file that cannot be read, std::runtime_error for what is none of them.
file_format format_by_content(const std::string& path);
/// By the path's ending; nothing for one that is not known.
std::optional<file_format> format_by_name(const std::string& path);
/// "npy", "csv" … as a person writes it. Throws usage_error.
file_format format_named(const std::string& name);

/// What the elements alone do not say.
struct raw_layout {
  tessera::dtype type;
  std::optional<tessera::shape> shape;  // else a vector
};

/// Its elements lie in Fortran order, and not in C order as well.
bool is_f_order(const tessera::array& x);

/// A file that was opened. Arrays of .npy, safetensors and raw files are mapped, not read, where that is possible.
class array_file {
 public:
  array_file(const std::string& path, file_format format, const raw_layout& raw = {});
  /// One name, "", for a file of one array.
  const std::vector<std::string>& names() const { return names_; }
  bool has(const std::string& name) const;
  tessera::array load(const std::string& name) const;
  tessera::text_pairs metadata() const;
  /// Bytes before the elements, in .npy files.
  std::optional<std::int64_t> offset() const { return offset_; }
  /// Numbers lie with their highest byte first, in .npy files.
  bool big_endian() const { return big_endian_; }
  file_format format() const { return format_; }

 private:
  std::string path_;
  file_format format_;
  raw_layout raw_;
  std::vector<std::string> names_;
  std::optional<tessera::npz_file> archive_;
  std::optional<tessera::safetensors_file> tensors_;
  std::optional<std::int64_t> offset_;
  bool big_endian_ = false;
};

}  // namespace tessera_cli
