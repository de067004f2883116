// load and save: .npy files read, mapped and written.
#include "tessera/file.hpp"

#include <fcntl.h>

#include "core/file_access.hpp"
#include "expr/evaluate.hpp"
#include "ops/npy.hpp"

namespace tessera {
namespace {

using detail::file_context;

array map_elements(const detail::opened_file& file, const detail::npy_layout& at, mmap_mode mode,
                   const file_context& on) {
  const detail::npy_header& header = at.header;
  if (!header.type.is_native()) {
    on.refuse("its numbers are in the other byte order: mapped, they would be read wrong; load it without mmap");
  }
  // Read-only mappings are private too: writes to the file by others may show.
  return map_file(file.descriptor(), at.begin, header.type, header.extents, header.fortran_order ? order::F : order::C,
                  mode == mmap_mode::readonly, mode == mmap_mode::read_write, on);
}

}  // namespace

array load(const std::string& path, const load_options& options, caller where) {
  const file_context on("load", path, where);
  if (options.mmap == mmap_mode::write) throw value_error("load: mode write would empty the file; use memmap", where);
  const detail::opened_file file(options.mmap == mmap_mode::read_write ? O_RDWR : O_RDONLY, on);
  detail::file_source source(file, on);
  const detail::npy_layout at = read_npy_layout(source, on);
  if (options.mmap != mmap_mode::none) {
    if (options.device.value_or(cpu()) != cpu())
      on.refuse("is mapped into the host's memory only, not " + options.device->name() + "'s");
    return map_elements(file, at, options.mmap, on);
  }
  return read_npy_elements(source, at, on).to(options.device ? *options.device : default_device(where), where);
}

void save(const std::string& path, const operand& x) {
  const file_context on("save", path, x.where());
  const detail::npy_image image(detail::materialize(x.recipe(), x.where()), x.where());
  detail::replacement_file file(on);
  write_all(file.descriptor(), image.header.data(), image.header.size(), on);
  write_all(file.descriptor(), image.elements.data(), static_cast<std::size_t>(image.elements.nbytes()), on);
  file.commit();
}

}  // namespace tessera
