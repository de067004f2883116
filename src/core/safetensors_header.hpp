// The header of safetensors files: JSON that names dtype, shape and place of each array.
#pragma once
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tessera/dtype.hpp"
#include "tessera/shape.hpp"

namespace tessera::detail {

/// Longest header that is read or written, as the reference implementation's.
inline constexpr std::int64_t most_safetensors_header = 100'000'000;

struct safetensors_entry {
  std::string name;
  std::string type_name;
  dtype type;  // unset: none of ours
  shape extents;
  std::int64_t begin = 0, end = 0;  // of its elements, counted from behind the header
};
struct safetensors_header {
  std::vector<safetensors_entry> entries;  // one after the other, without holes
  std::vector<std::pair<std::string, std::string>> metadata;
  std::int64_t nbytes() const noexcept { return entries.empty() ? 0 : entries.back().end; }
};

/// Why text is no header. The caller adds which file.
class safetensors_header_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Throws safetensors_header_error.
safetensors_header parse_safetensors_header(std::string_view text);

/// What the format calls a dtype; null for what it lacks.
const char* safetensors_name(dtype type) noexcept;
/// Where the reference implementation puts arrays of this dtype: those with larger numbers first.
int safetensors_rank(dtype type) noexcept;
/// The header, padded with spaces to a multiple of 8 bytes.
std::string write_safetensors_header(const safetensors_header& header);

}  // namespace tessera::detail
