// Elements in files and strings of bytes, without a header.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "core/access.hpp"
#include "core/byte_order.hpp"
#include "core/dtype_parts.hpp"
#include "core/file_access.hpp"
#include "core/layout.hpp"
#include "expr/evaluate.hpp"
#include "tessera/file.hpp"

namespace tessera {
namespace {

using detail::access;
using detail::file_context;
using detail::opened_file;

void check_dtype(const dtype& type, const char* name, caller where) {
  if (!type.is_set()) throw dtype_error(std::string(name) + ": needs a dtype", where);
  if (type.itemsize() == 0) throw dtype_error(std::string(name) + ": " + type.name() + " has no bytes", where);
}

void check_offset(std::int64_t offset, const char* name, caller where) {
  if (offset < 0) {
    throw value_error(std::string(name) + ": offset must not be negative, it is " + std::to_string(offset), where);
  }
}

/// Bytes from the offset to the end.
std::int64_t bytes_after(std::int64_t offset, const opened_file& file, const file_context& on) {
  if (offset > file.nbytes()) {
    on.refuse("offset " + std::to_string(offset) + " is beyond its end, it has " + std::to_string(file.nbytes()) +
              " bytes");
  }
  return file.nbytes() - offset;
}

/// Elements in C order on the host.
array in_c_order(const operand& x) {
  const array elements = detail::materialize(x.recipe(), x.where()).to(cpu(), x.where());
  return elements.flags().c_contiguous ? elements : elements.copy();
}

int open_flags(mmap_mode mode) {
  switch (mode) {
    case mmap_mode::read_write: return O_RDWR;
    case mmap_mode::write: return O_RDWR | O_CREAT;
    default: return O_RDONLY;
  }
}

/// The byte behind the shape.
std::int64_t end_of(const shape& extents, const memmap_options& options, caller where) {
  const std::int64_t itemsize = options.dtype.itemsize();
  const std::int64_t nbytes = detail::element_count(extents, "memmap", where, itemsize) * itemsize;
  std::int64_t end;
  if (__builtin_add_overflow(nbytes, options.offset, &end)) {
    throw value_error("memmap: offset " + std::to_string(options.offset) + " and shape " + to_string(extents) +
                          " end beyond what 64 bits count",
                      where);
  }
  return end;
}

void resize(const opened_file& file, std::int64_t nbytes, const file_context& on) {
  if (::ftruncate(file.descriptor().get(), static_cast<off_t>(nbytes)) != 0)
    on.refuse_system("cannot be resized to " + std::to_string(nbytes) + " bytes");
}

/// All elements from the offset on.
shape whole_file(const opened_file& file, const memmap_options& options, const file_context& on) {
  const std::int64_t rest = bytes_after(options.offset, file, on), itemsize = options.dtype.itemsize();
  if (rest % itemsize != 0) {
    on.refuse("the " + std::to_string(rest) + " bytes from offset " + std::to_string(options.offset) +
              " on are no whole number of elements of " + options.dtype.name());
  }
  return {rest / itemsize};
}

/// Makes the file as long as the shape needs where the mode says so.
void fit(const opened_file& file, std::int64_t end, const memmap_options& options, const file_context& on) {
  if (options.mode == mmap_mode::write) {
    resize(file, end, on);  // first, so that what was there stays if it fails
    resize(file, 0, on);
    resize(file, end, on);
  } else if (end > file.nbytes()) {
    if (options.mode == mmap_mode::read_write) return resize(file, end, on);
    on.refuse("truncated: shape " + to_string(*options.shape) + " of " + options.dtype.name() + " at offset " +
              std::to_string(options.offset) + " ends at byte " + std::to_string(end) + ", the file has " +
              std::to_string(file.nbytes()));
  }
}

}  // namespace

array fromfile(const std::string& path, const fromfile_options& options, caller where) {
  check_dtype(options.dtype, "fromfile", where);
  check_offset(options.offset, "fromfile", where);
  const file_context on("fromfile", path, where);
  const opened_file file(O_RDONLY, on);
  const std::int64_t itemsize = options.dtype.itemsize(), whole = bytes_after(options.offset, file, on) / itemsize;
  const std::int64_t count = options.count < 0 ? whole : std::min(options.count, whole);
  const array result = access::make({count}, detail::native(options.dtype), order::C, cpu(), where);
  read_exactly(file.descriptor(), access::data(result), static_cast<std::size_t>(count * itemsize), options.offset, on);
  detail::make_native(access::data(result), count, options.dtype);
  return result.to(options.device ? *options.device : default_device(where), where);
}

void tofile(const operand& x, const std::string& path) {
  const file_context on("tofile", path, x.where());
  const array elements = in_c_order(x);
  detail::replacement_file file(on);
  write_all(file.descriptor(), elements.data(), static_cast<std::size_t>(elements.nbytes()), on);
  file.commit();
}

array memmap(const std::string& path, const memmap_options& options, caller where) {
  check_dtype(options.dtype, "memmap", where);
  detail::storable(options.dtype, "memmap", where);
  check_offset(options.offset, "memmap", where);
  if (options.mode == mmap_mode::none) throw value_error("memmap: needs a mode to map with, not none", where);
  if (options.layout != order::C && options.layout != order::F)
    throw value_error("memmap: the layout is C or F order", where);
  if (options.mode == mmap_mode::write && !options.shape) throw value_error("memmap: mode write needs a shape", where);
  const file_context on("memmap", path, where);
  const std::int64_t end = options.shape ? end_of(*options.shape, options, where) : 0;
  const opened_file file(open_flags(options.mode), on);
  const shape extents = options.shape ? *options.shape : whole_file(file, options, on);
  if (options.shape) fit(file, end, options, on);
  const bool shared = options.mode == mmap_mode::read_write || options.mode == mmap_mode::write;
  return map_file(file.descriptor(), options.offset, options.dtype, extents, options.layout,
                  options.mode == mmap_mode::readonly, shared, on);
}

std::vector<std::byte> tobytes(const operand& x, order layout) {
  if (layout == order::K) throw value_error("tobytes: the layout is C, F or A, not K", x.where());
  const array elements = detail::materialize(x.recipe(), x.where());
  const flags_t flags = elements.flags();
  const bool fortran = layout == order::F || (layout == order::A && flags.f_contiguous && !flags.c_contiguous);
  const array bytes = in_c_order(operand(fortran ? elements.T() : elements, x.where()));
  std::vector<std::byte> result(static_cast<std::size_t>(bytes.nbytes()));
  if (!result.empty()) std::memcpy(result.data(), bytes.data(), result.size());
  return result;
}

}  // namespace tessera
