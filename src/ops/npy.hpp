// .npy files, by themselves or as members of an archive: read from any source of bytes, laid out to be written.
#pragma once
#include "core/byte_source.hpp"
#include "core/npy_header.hpp"

namespace tessera::detail {

/// A header that agrees with the length of what it stands in, and where the elements lie.
struct npy_layout {
  npy_header header;
  std::int64_t begin, nbytes;
};

/// Reads a header; the source is at the elements then. Throws file_error; nothing is allocated before its length is checked.
npy_layout read_npy_layout(byte_source& source, const file_context& on);
/// Reads the elements behind it, onto the host.
array read_npy_elements(byte_source& source, const npy_layout& layout, const file_context& on);

/// What a .npy file is written from: the elements one after the other on the host, in C or Fortran order.
struct npy_image {
  npy_image(const array& x, caller where);
  std::string header;
  array elements;
  std::int64_t nbytes() const noexcept { return static_cast<std::int64_t>(header.size()) + elements.nbytes(); }
};

}  // namespace tessera::detail
