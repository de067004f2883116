// Safetensors: named arrays in one file, as models are handed around; read without copying where that is wanted.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "file.hpp"
#include "named_array.hpp"

namespace tessera {

namespace detail {
struct safetensors_state;
TESSERA_API void retain(safetensors_state*) noexcept;
TESSERA_API void release(safetensors_state*) noexcept;
}  // namespace detail

/// Texts under names, in the order of the file.
using text_pairs = std::vector<std::pair<std::string, std::string>>;

/// Writes {{"x", a}, {"y", b + 1}} and texts that go with them (as safetensors.numpy.save_file): bool, integers of 8 to 64 bits, float16,
/// bfloat16, float32, float64, complex64. The file is complete or not there: it is written beside `path` and renamed. Throws
/// dtype_error for another dtype; value_error for an array without a name, or a name that stands twice, is not UTF-8 or
/// "__metadata__"; file_error.
TESSERA_API void save_safetensors(const std::string& path, const std::vector<named_array>& arrays,
                                  const text_pairs& metadata = {}, caller where = caller::current());

struct load_safetensors_options {
  mmap_mode mmap = mmap_mode::none;            // how arrays lie in the file's pages, in place of being read
  std::optional<tessera::device> device = {};  // the default device unless given; mapped arrays are on the host
};
/// A file that was opened. An array is read or mapped when it is asked for, each time anew. Copies are the same file; several threads
/// may read from it. It stays open as long as there is one, and must not be cut short meanwhile.
class TESSERA_API safetensors_file {
 public:
  /// In the order of their elements.
  std::vector<std::string> names() const;
  std::size_t size() const noexcept;
  bool contains(std::string_view name) const noexcept;
  text_pairs metadata() const;
  /// Throws index_error for a name that is not there, file_error for numbers of less than 8 bits and floating-point ones of 8.
  array load(std::string_view name, caller where = caller::current()) const;
  array operator[](const detail::located_name& name) const { return load(name.text, name.where); }
  std::vector<named_array> load_all(caller where = caller::current()) const;

 private:
  friend TESSERA_API safetensors_file load_safetensors(const std::string&, const load_safetensors_options&, caller);
  explicit safetensors_file(detail::safetensors_state* owned) noexcept : state_(owned) {}
  detail::counted<detail::safetensors_state> state_;
};
/// Opens a file and reads its header, checked as the format's reference implementation does: arrays one after the other without
/// holes, all of the file in one of them. Throws file_error naming the file and what is wrong with it, value_error for mmap_mode::write.
TESSERA_API safetensors_file load_safetensors(const std::string& path, const load_safetensors_options& options = {},
                                              caller where = caller::current());

}  // namespace tessera
