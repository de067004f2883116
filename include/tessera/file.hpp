// NumPy's .npy files.
#pragma once
#include <optional>
#include <string>

#include "array.hpp"

namespace tessera {

enum class mmap_mode { none, readonly, copy_on_write };
struct load_options {
  tessera::mmap_mode mmap = mmap_mode::none;
  std::optional<tessera::device> device = {};  // the default device unless given; mapped files are on the host
};
/// An array from a .npy file (versions 1 to 3, either order and byte order). Nothing is allocated before the header and the
/// file's size agree. A mapped file must not be cut short while it is mapped. bfloat16 is what ml_dtypes stores as "<V2".
/// Throws file_error naming the file and what is wrong with it.
TESSERA_API array load(const std::string& path, const load_options& options = {}, caller where = caller::current());
/// Writes version 1.0, byte for byte as numpy.save, keeping Fortran order; the path is used as it is, no suffix is added.
/// The file is complete or not there: it is written beside `path` and renamed. Throws file_error.
TESSERA_API void save(const std::string& path, const operand& x);

}  // namespace tessera
