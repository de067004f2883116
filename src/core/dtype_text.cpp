// The text of dtypes: NumPy's descriptions of records, read and written.
#include "core/dtype_parts.hpp"
#include "tessera/error.hpp"

namespace tessera {

dtype dtype::parse(std::string_view text) {
  const std::optional<dtype> parsed = detail::parse_dtype(text);
  if (!parsed) throw dtype_error("dtype: '" + std::string(text) + "' is not an element type", caller());
  return *parsed;
}

namespace {

// In the order of dtype_code.
constexpr const char* number_names[dtype_count] = {
    "unset",  "bool",   "int8",   "int16",   "int32",    "int64",   "uint8",   "uint16",
    "uint32", "uint64", "float16", "bfloat16", "float32", "float64", "complex64", "complex128",
};

}  // namespace

std::string dtype::name() const {
  if (is_number() && is_native()) return number_names[static_cast<int>(code())];
  if (detail::is_time(*this) && is_native()) {
    return (code() == dtype_code::datetime64 ? "datetime64" : "timedelta64") + str().substr(3);
  }
  return str();
}

}  // namespace tessera
