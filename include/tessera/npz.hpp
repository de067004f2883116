// .npz files: several arrays in one archive, as numpy.savez writes them.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "named_array.hpp"

namespace tessera {

namespace detail {
struct npz_state;
TESSERA_API void retain(npz_state*) noexcept;
TESSERA_API void release(npz_state*) noexcept;
}  // namespace detail

struct save_npz_options {
  bool compressed = false;
  int level = 6;  // of the compression: 1 is fast, 9 small
};
/// Writes {{"x", a}, {"y", b + 1}}, or {a, b} as arr_0 and arr_1 (as numpy.savez and numpy.savez_compressed). The path is used as it
/// is, no suffix is added. The file is complete or not there: it is written beside `path` and renamed. Throws file_error;
/// value_error for a name that stands twice or that an archive cannot have, and for a level that is none.
TESSERA_API void save_npz(const std::string& path, const std::vector<named_array>& arrays,
                          const save_npz_options& options = {}, caller where = caller::current());

struct load_npz_options {
  std::optional<tessera::device> device = {};  // the default device unless given
};
/// An archive that was opened. An array is read when it is asked for, each time anew. Copies are the same archive; several threads
/// may read from it. The file stays open as long as there is one, and must not be written meanwhile.
class TESSERA_API npz_file {
 public:
  /// In the order of the archive; without the suffix ".npy".
  std::vector<std::string> names() const;
  std::size_t size() const noexcept;
  bool contains(std::string_view name) const noexcept;
  /// A member that is no .npy file is a vector of its bytes, as uint8. Throws index_error for a name that is not there, file_error
  /// for a damaged or encrypted member: the checksum of every byte is checked.
  array load(std::string_view name, caller where = caller::current()) const;
  array operator[](const detail::located_name& name) const { return load(name.text, name.where); }
  std::vector<named_array> load_all(caller where = caller::current()) const;

 private:
  friend TESSERA_API npz_file load_npz(const std::string&, const load_npz_options&, caller);
  explicit npz_file(detail::npz_state* owned) noexcept : state_(owned) {}
  detail::counted<detail::npz_state> state_;
};
/// Opens an archive and reads its directory (as numpy.load): members stored or deflated, also of ZIP64. No bytes are allocated for
/// what the file cannot hold. Throws file_error naming the file and what is wrong with it.
TESSERA_API npz_file load_npz(const std::string& path, const load_npz_options& options = {},
                              caller where = caller::current());

}  // namespace tessera
