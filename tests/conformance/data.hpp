// The data of a section: arrays stored in its blob, laid out in memory as a case asks, and read back element by element.
#pragma once
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <tessera/tessera.hpp>
#include <vector>

namespace conformance {

using json = nlohmann::json;
using bytes = std::vector<std::byte>;

/// The answer is not the expected one.
struct mismatch : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// The case needs something the library does not have yet; the text names it.
struct skipped : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// NumPy's code or name ("<f8", "u2", "float16"), in this machine's byte order; a list of fields.
tessera::dtype dtype_of(const json& name);
/// The record of a list of [name, dtype, shape if it has one]; fields without a name are padding. With `aligned` those inside too.
tessera::dtype record_of(const json& descr, bool aligned);
tessera::shape shape_of(const json& extents);
std::vector<int> ints_of(const json& list);
/// null: every axis; an integer; a list, of which [] means none.
tessera::axes axes_of(const json& axis);

/// Elements in C order, native byte order.
struct elements {
  tessera::dtype type;
  tessera::shape extents;
  bytes data;
};

/// Whether an array reference's numbers are stored in the other byte order.
bool is_big_endian(const json& reference);

/// The array that holds the data of all arrays of a section.
class blob {
 public:
  /// Reads a one-dimensional uint8 .npy file. Throws std::runtime_error.
  explicit blob(const std::string& path);
  /// The array {"dtype": …, "shape": …, "at": …}.
  elements read(const json& reference) const;

 private:
  bytes data_;
};

/// Elements lying in memory of the default device in one of the layouts C, F, T, step2, reversed0 (see the README of the
/// cases). Bytes between and around the elements have a known pattern. Not copied or moved: `array` refers to it.
class placed {
 public:
  placed(const elements& values, const std::string& layout);
  placed(const placed&) = delete;
  tessera::array array;
  /// Whether a pointer is to one of its bytes.
  bool contains(const void* p) const;
  /// Throws mismatch when a byte that belongs to no element was written.
  void expect_gaps_untouched() const;

 private:
  std::pair<const std::byte*, std::size_t> range() const;
  bytes memory_;
  tessera::array there_;  // the same bytes on the device, where that is not the host
};

/// arange(prod(extents)) as int32: in C order for the layouts C and F, in Fortran order for T.
elements counted(const tessera::shape& extents, const std::string& layout);

/// The elements of an array, brought to the host and read one by one through its strides.
elements read_back(const tessera::array& a);
std::int64_t count_of(const tessera::shape& extents);
/// The i-th element in C order as text.
std::string text_of(const elements& x, std::int64_t i);
/// "float64 (2, 3)"
std::string kind_of(const tessera::dtype& type, const tessera::shape& extents);
/// Real and imaginary part as double (exact up to 53 bits); for sizes and tolerances.
void parts_of(const elements& x, std::int64_t i, double& real, double& imaginary);

}  // namespace conformance
