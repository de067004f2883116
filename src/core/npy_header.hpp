// The header of .npy files: a Python dictionary that names dtype, order and shape.
#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

#include "tessera/dtype.hpp"
#include "tessera/error.hpp"
#include "tessera/shape.hpp"

namespace tessera::detail {

struct npy_header {
  dtype type;  // in the file's byte order
  bool fortran_order = false;
  shape extents;
};

/// Why text is no header that can be loaded. The caller adds which file.
class npy_header_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The first bytes of the file: magic string, version, and how long the dictionary is that follows.
inline constexpr int npy_prefix_most = 12;
struct npy_prefix {
  std::int64_t header_begin;  // offset of the dictionary
  std::int64_t header_length;
  bool utf8;  // version 3, else Latin-1
};
/// `bytes` are the first npy_prefix_most bytes, fewer if the file is shorter. Throws npy_header_error.
npy_prefix parse_npy_prefix(std::string_view bytes);

/// The dictionary. Throws npy_header_error.
npy_header parse_npy_header(std::string_view text, bool utf8);

/// Bytes of the elements. Throws npy_header_error when that is no 64-bit number.
std::int64_t npy_data_bytes(const npy_header& header);

/// Everything that stands before the elements, as numpy.save writes it: version 1.0, 2.0 where that is too short, 3.0 for fields whose
/// names are not Latin-1. Throws value_error "NAME: …" for records that no file describes.
std::string write_npy_header(const npy_header& header, const char* name, caller where);

}  // namespace tessera::detail
