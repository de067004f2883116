// Making arrays: filled, ranges, copies of C++ containers, host memory by reference.
#pragma once
#include <optional>

#include "array.hpp"

namespace tessera {

/// What may be said about a new array, for every function that makes one: zeros({2, 3}, {.dtype = int32, .device = cuda()}).
struct creation_options {
  tessera::dtype dtype = {};  // the function's own choice unless given
  tessera::order layout = order::C;
  std::optional<tessera::device> device = {};  // default_device() unless given
};
struct like_options {  // for zeros_like and its kin: what the other array has, unless given
  tessera::dtype dtype = {};
  tessera::order layout = order::K;
  std::optional<tessera::device> device = {};
};

/// Zeros, ones, or elements left as the memory was; float64 unless said otherwise. Throws value_error for negative extents or
/// more bytes than 64 bits count, out_of_memory (with the size) when it does not fit.
TESSERA_API array zeros(const shape& extents, const dtype& type = float64, order layout = order::C,
                        caller where = caller::current());
TESSERA_API array ones(const shape& extents, const dtype& type = float64, order layout = order::C,
                       caller where = caller::current());
TESSERA_API array empty(const shape& extents, const dtype& type = float64, order layout = order::C,
                        caller where = caller::current());
TESSERA_API array zeros(const shape& extents, const creation_options& options, caller where = caller::current());
TESSERA_API array ones(const shape& extents, const creation_options& options, caller where = caller::current());
TESSERA_API array empty(const shape& extents, const creation_options& options, caller where = caller::current());
/// `value` broadcast to `extents` (else shape_error); its own dtype unless given.
TESSERA_API array full(const shape& extents, const operand& value, const dtype& type = {}, order layout = order::C);
TESSERA_API array full(const shape& extents, const operand& value, const creation_options& options);
/// Shape of `like`, and its dtype, memory order (order::K) and device unless given.
TESSERA_API array zeros_like(const operand& like, const dtype& type = {}, order layout = order::K);
TESSERA_API array ones_like(const operand& like, const dtype& type = {}, order layout = order::K);
TESSERA_API array empty_like(const operand& like, const dtype& type = {}, order layout = order::K);
TESSERA_API array full_like(const operand& like, const operand& value, const dtype& type = {}, order layout = order::K);
TESSERA_API array zeros_like(const operand& like, const like_options& options);
TESSERA_API array ones_like(const operand& like, const like_options& options);
TESSERA_API array empty_like(const operand& like, const like_options& options);
TESSERA_API array full_like(const operand& like, const operand& value, const like_options& options);

/// A number as a parameter, with its C++ type.
class number {
 public:
  template <scalar T> number(T v) : value(v) {}
  detail::scalar_value value;
};

/// start, start + step, … below stop (as numpy.arange: int64 for integers, float64 otherwise, unless given). (n,)
/// Throws value_error for a step of 0 or a NaN, overflow_error when the first elements do not fit the dtype.
TESSERA_API array arange(number stop, const dtype& type = {}, caller where = caller::current());
TESSERA_API array arange(number start, number stop, number step = 1, const dtype& type = {},
                         caller where = caller::current());
struct range_options {
  tessera::dtype dtype = {};
  std::optional<tessera::device> device = {};
};
TESSERA_API array arange(number stop, const range_options& options, caller where = caller::current());
TESSERA_API array arange(number start, number stop, number step, const range_options& options,
                         caller where = caller::current());

struct linspace_options {
  bool endpoint = true;
  tessera::dtype dtype = {};
  std::optional<tessera::device> device = {};
};
/// `count` evenly spaced values from start to stop. (count,) float64 or complex128
TESSERA_API array linspace(number start, number stop, std::int64_t count = 50, const linspace_options& options = {},
                           caller where = caller::current());
/// `count` values evenly spaced on a log scale: base ** linspace(start, stop).
TESSERA_API array logspace(number start, number stop, std::int64_t count = 50, double base = 10.0,
                           const linspace_options& options = {}, caller where = caller::current());
/// `count` values in geometric progression from start to stop. Throws value_error when one of them is 0.
TESSERA_API array geomspace(number start, number stop, std::int64_t count = 50, const linspace_options& options = {},
                            caller where = caller::current());
/// Ones on the k-th diagonal, zeros elsewhere. (rows, columns); columns = rows unless given (-1). identity(n) is eye(n).
TESSERA_API array eye(std::int64_t rows, std::int64_t columns = -1, int k = 0, const dtype& type = float64,
                      caller where = caller::current());
TESSERA_API array identity(std::int64_t n, const dtype& type = float64, caller where = caller::current());
struct eye_options {
  std::int64_t columns = -1;
  int k = 0;
  tessera::dtype dtype = {};
  tessera::order layout = order::C;
  std::optional<tessera::device> device = {};
};
TESSERA_API array eye(std::int64_t rows, const eye_options& options, caller where = caller::current());
TESSERA_API array identity(std::int64_t n, const creation_options& options, caller where = caller::current());

/// Elements in C order from host memory, copied; the dtype says what lies there. value_error where data is null,
/// dtype_error without a dtype.
TESSERA_API array copy_of(const void* data, const shape& extents, const dtype& type, caller where = caller::current());
TESSERA_API array copy_of(const void* data, const shape& extents, const creation_options& options,
                          caller where = caller::current());
namespace detail {
template <class Range>
concept range_of_elements = requires(const Range& r) {
  r.data();
  r.size();
  requires array_element<std::remove_cvref_t<decltype(*r.data())>>;
};
}  // namespace detail
/// The elements of a span, vector or other contiguous range, copied. (n,) with T's own dtype unless given: std::vector<int>
/// is int32.
template <detail::range_of_elements Range>
array from_range(const Range& range, const range_options& options, caller where = caller::current()) {
  using value = std::remove_cvref_t<decltype(*range.data())>;
  const array result = copy_of(range.data(), shape(static_cast<std::int64_t>(range.size())),
                               {.dtype = detail::dtype_of<value>(), .device = options.device}, where);
  return options.dtype.is_set() ? result.astype(options.dtype, order::K) : result;
}
inline array from_range(const std::vector<bool>& range, const range_options& options,
                        caller where = caller::current()) {
  const array bytes = empty({range.size()}, {.dtype = bool_, .device = cpu()}, where);
  bool* out = bytes.span<bool>().data();
  for (bool b : range) *out++ = b;
  const array result = bytes.to(options.device ? *options.device : default_device(where), where);
  return options.dtype.is_set() ? result.astype(options.dtype, order::K) : result;
}
template <detail::range_of_elements Range> array from_range(const Range& range, caller where = caller::current()) {
  return from_range(range, range_options{}, where);
}
inline array from_range(const std::vector<bool>& range, caller where = caller::current()) {
  return from_range(range, range_options{}, where);
}

/// Runs when the last array over foreign memory is gone.
using deleter = void (*)(void* context);
struct from_pointer_options {
  tessera::shape strides = {};  // bytes; C order when empty
  deleter free = nullptr;       // called once with `context`; null: the caller keeps the memory alive
  void* context = nullptr;
  bool readonly = false;
};
/// Host memory by reference, no copy; const memory read-only. If it throws, the caller still owns the memory: dtype_error
/// without a dtype, shape_error when strides and extents differ in number, value_error for null or what no address reaches.
TESSERA_API array from_pointer(void* data, const shape& extents, const dtype& type,
                               const from_pointer_options& options = {}, caller where = caller::current());
TESSERA_API array from_pointer(const void* data, const shape& extents, const dtype& type,
                               const from_pointer_options& options = {}, caller where = caller::current());

/// x itself when it already has the dtype and memory order asked for, else a copy.
TESSERA_API array asarray(const operand& x, const dtype& type = {});
TESSERA_API array asarray(const operand& x,
                          const like_options& options);  // also where it lies, a copy on another device
TESSERA_API array ascontiguousarray(const operand& x, const dtype& type = {});  // both: at least one axis, as NumPy
TESSERA_API array asfortranarray(const operand& x, const dtype& type = {});
struct require_options {
  tessera::dtype dtype = {};
  bool c_contiguous = false, f_contiguous = false, aligned = false, writeable = false, owndata = false;
};
/// x, copied only if it lacks a property asked for (as numpy.require). Throws value_error for both orders at once.
TESSERA_API array require(const operand& x, const require_options& options);

/// A matrix from coordinate vectors: extents of all, values of one each (as numpy.meshgrid).
enum class indexing { xy, ij };
TESSERA_API std::vector<array> meshgrid(const expr_list& vectors, indexing rule = indexing::xy,
                                        caller where = caller::current());
/// Lower and upper triangle of the last two axes, zeros elsewhere; of a vector as if every row were it. axis_error if 0-d.
TESSERA_API array tril(const operand& x, int k = 0);
TESSERA_API array triu(const operand& x, int k = 0);
/// A matrix with v on its k-th diagonal, or a copy of the k-th diagonal of a matrix. Throws shape_error for other ndim.
TESSERA_API array diag(const operand& v, int k = 0);

/// Ones on and below the k-th diagonal, zeros above. (rows, columns); columns = rows unless given (-1).
TESSERA_API array tri(std::int64_t rows, const eye_options& options = {}, caller where = caller::current());
/// Powers of a vector's elements, falling from the first column: x**(columns - 1) … x**0; columns = x.size() unless given (-1).
TESSERA_API array vander(const operand& x, std::int64_t columns = -1, bool increasing = false);
struct diagonal_options {
  bool wrap = false;  // a tall matrix gets another diagonal below each that has ended, one row between
};
/// The main diagonal of a matrix, or the elements (i, i, …, i) of an array with equal extents, become the values, cast to its
/// dtype and repeated as needed. Throws shape_error for other shapes, value_error when target is read-only.
TESSERA_API void fill_diagonal(array target, const operand& values, const diagonal_options& options = {});
void fill_diagonal(const expr&, const operand&, const diagonal_options& = {}) = delete;  // has no elements to write

// ---- positions as index arrays, int64

/// Rows and columns of the triangle on and below, or on and above, the k-th diagonal of a (rows, columns) matrix.
TESSERA_API std::vector<array> tril_indices(std::int64_t rows, int k = 0, std::int64_t columns = -1,
                                            caller where = caller::current());
TESSERA_API std::vector<array> triu_indices(std::int64_t rows, int k = 0, std::int64_t columns = -1,
                                            caller where = caller::current());
/// Those of a matrix (else shape_error), where it lies.
TESSERA_API std::vector<array> tril_indices_from(const operand& x, int k = 0);
TESSERA_API std::vector<array> triu_indices_from(const operand& x, int k = 0);
/// Of the elements (i, i, …, i) with i < n; of an array with at least two axes and equal extents, else shape_error.
TESSERA_API std::vector<array> diag_indices(std::int64_t n, int ndim = 2, caller where = caller::current());
TESSERA_API std::vector<array> diag_indices_from(const operand& x);
/// Every position of an array with these extents: (ndim, extents…); sparse: one array an axis, of extent 1 along the others.
TESSERA_API array indices(const shape& extents, const range_options& options = {}, caller where = caller::current());
TESSERA_API std::vector<array> sparse_indices(const shape& extents, const range_options& options = {},
                                              caller where = caller::current());
/// Positions in a flattened array of these extents (order C or F) as one index array an axis, and back. Throws value_error
/// for positions out of bounds, dtype_error unless integers.
TESSERA_API std::vector<array> unravel_index(const operand& positions, const shape& extents, order layout = order::C);
TESSERA_API array ravel_multi_index(const expr_list& positions, const shape& extents, order layout = order::C,
                                    caller where = caller::current());

}  // namespace tessera
