// load and save: .npy files read, mapped and written.
#include "tessera/file.hpp"

#include <fcntl.h>

#include "core/access.hpp"
#include "core/byte_order.hpp"
#include "core/dtype_parts.hpp"
#include "core/file_access.hpp"
#include "core/npy_header.hpp"
#include "expr/evaluate.hpp"

namespace tessera {
namespace {

using detail::access;
using detail::file_context;
using detail::file_descriptor;

/// A header that agrees with its file's length, and where the elements lie.
struct located {
  detail::npy_header header;
  std::int64_t begin, nbytes;
};

located read_header(const file_descriptor& file, std::int64_t file_bytes, const file_context& on) {
  constexpr std::int64_t longest_header = std::int64_t{1} << 20;  // those of numbers have about a hundred bytes
  try {
    char first[detail::npy_prefix_most];
    const std::size_t got = read_at(file, first, sizeof first, 0, on);
    const detail::npy_prefix prefix = detail::parse_npy_prefix({first, got});
    const std::int64_t begin = prefix.header_begin + prefix.header_length;
    if (begin > file_bytes) {
      on.refuse("truncated: the header should have " + std::to_string(prefix.header_length) +
                " bytes, the file holds " + std::to_string(file_bytes - prefix.header_begin) + " of them");
    }
    if (prefix.header_length > longest_header) {
      on.refuse("header: " + std::to_string(prefix.header_length) + " bytes are too many, at most " +
                std::to_string(longest_header) + " are read");
    }
    std::string text(static_cast<std::size_t>(prefix.header_length), '\0');
    text.resize(read_at(file, text.data(), text.size(), prefix.header_begin, on));
    located at{detail::parse_npy_header(text), begin, 0};
    at.nbytes = detail::npy_data_bytes(at.header);
    if (at.nbytes > file_bytes - begin) {
      on.refuse("truncated: shape " + to_string(at.header.extents) + " of " + at.header.type.name() + " has " +
                std::to_string(at.nbytes) + " bytes, the file holds " + std::to_string(file_bytes - begin) +
                " of them");
    }
    return at;
  } catch (const detail::npy_header_error& e) {
    on.refuse(e.what());
  }
}

array read_elements(const file_descriptor& file, const located& at, const file_context& on) {
  const detail::npy_header& header = at.header;
  array result =
      access::make(header.extents, detail::native(header.type), header.fortran_order ? order::F : order::C, cpu(), on.where());
  read_exactly(file, access::data(result), static_cast<std::size_t>(at.nbytes), at.begin, on);
  detail::make_native(access::data(result), result.size(), header.type);
  return result;
}

array map_elements(const file_descriptor& file, const located& at, mmap_mode mode, const file_context& on) {
  const detail::npy_header& header = at.header;
  if (!header.type.is_native()) {
    on.refuse("its numbers are in the other byte order: mapped, they would be read wrong; load it without mmap");
  }
  // Read-only mappings are private too: writes to the file by others may show.
  return map_file(file, at.begin, header.type, header.extents, header.fortran_order ? order::F : order::C,
                  mode == mmap_mode::readonly, mode == mmap_mode::read_write, on);
}

}  // namespace

array load(const std::string& path, const load_options& options, caller where) {
  const file_context on("load", path, where);
  if (options.mmap == mmap_mode::write) throw value_error("load: mode write would empty the file; use memmap", where);
  const detail::opened_file file(options.mmap == mmap_mode::read_write ? O_RDWR : O_RDONLY, on);
  const located at = read_header(file.descriptor(), file.nbytes(), on);
  if (options.mmap != mmap_mode::none) {
    if (options.device.value_or(cpu()) != cpu())
      on.refuse("is mapped into the host's memory only, not " + options.device->name() + "'s");
    return map_elements(file.descriptor(), at, options.mmap, on);
  }
  return read_elements(file.descriptor(), at, on).to(options.device ? *options.device : default_device(where), where);
}

void save(const std::string& path, const operand& x) {
  const file_context on("save", path, x.where());
  array elements = detail::materialize(x.recipe(), x.where()).to(cpu(), x.where());
  const flags_t flags = elements.flags();
  const bool fortran_order = flags.f_contiguous && !flags.c_contiguous;
  if (!flags.f_contiguous && !flags.c_contiguous) elements = elements.copy();
  const std::string header =
      detail::write_npy_header({.type = elements.dtype(), .fortran_order = fortran_order, .extents = elements.shape()});

  detail::replacement_file file(on);
  write_all(file.descriptor(), header.data(), header.size(), on);
  write_all(file.descriptor(), elements.data(), static_cast<std::size_t>(elements.nbytes()), on);
  file.commit();
}

}  // namespace tessera
