// Files: NumPy's .npy, and elements alone.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "array.hpp"

namespace tessera {

/// How a file is mapped: `copy_on_write` keeps what is written to the array from the file, `read_write` takes it there; `write`
/// makes the file anew.
enum class mmap_mode { none, readonly, copy_on_write, read_write, write };
struct load_options {
  tessera::mmap_mode mmap = mmap_mode::none;
  std::optional<tessera::device> device = {};  // the default device unless given; mapped files are on the host
};
/// An array from a .npy file (versions 1 to 3, either order and byte order). Nothing is allocated before the header and the
/// file's size agree. A mapped file must not be cut short while it is mapped. bfloat16 is what ml_dtypes stores as "<V2".
/// Throws file_error naming the file and what is wrong with it, value_error for mmap_mode::write.
TESSERA_API array load(const std::string& path, const load_options& options = {}, caller where = caller::current());
/// Writes version 1.0, byte for byte as numpy.save, keeping Fortran order; the path is used as it is, no suffix is added.
/// The file is complete or not there: it is written beside `path` and renamed. Throws file_error.
TESSERA_API void save(const std::string& path, const operand& x);

struct fromfile_options {
  tessera::dtype dtype = float64;
  std::int64_t count = -1;                     // elements at most; below 0: all to the end
  std::int64_t offset = 0;                     // bytes from the beginning of the file
  std::optional<tessera::device> device = {};  // the default device unless given
};
/// A vector of the whole elements that lie in a file one after the other, fewer than `count` where it ends (as numpy.fromfile of
/// binary files). Throws file_error, value_error for an offset below 0 or beyond the file's end.
TESSERA_API array fromfile(const std::string& path, const fromfile_options& options = {},
                           caller where = caller::current());
/// Writes the elements in C order and nothing else (as ndarray.tofile). Complete or not there, as with save. Throws file_error.
TESSERA_API void tofile(const operand& x, const std::string& path);

struct memmap_options {
  tessera::dtype dtype = uint8;
  mmap_mode mode = mmap_mode::read_write;
  std::int64_t offset = 0;                   // bytes from the beginning of the file
  std::optional<tessera::shape> shape = {};  // a vector of all to the end unless given; `write` needs one
  order layout = order::C;                   // C or F
};
/// An array in a file's pages, on the host, of any dtype and at any offset (as numpy.memmap): they are read when they are looked
/// at. With `read_write` a file that is shorter than the shape grows, with `write` it has zeros of that size. What was written
/// is in the file when the last array over it is gone; another program that maps it sees it at once. Throws file_error where
/// the file does not hold the shape, or without one no whole number of elements; value_error for bad options.
TESSERA_API array memmap(const std::string& path, const memmap_options& options = {}, caller where = caller::current());

/// The bytes of the elements in C or F order; `A`: F if x is contiguous in F order only (as ndarray.tobytes).
TESSERA_API std::vector<std::byte> tobytes(const operand& x, order layout = order::C);

}  // namespace tessera
