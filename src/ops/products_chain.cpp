// Products of many matrices: in the cheapest order, or of one with itself.
#include "expr/evaluate.hpp"
#include "ops/linalg_parts.hpp"
#include "ops/numbers_only.hpp"
#include "ops/products.hpp"
#include "tessera/creation.hpp"
#include "tessera/views.hpp"

namespace tessera {

using namespace detail;

namespace {

/// Where to cut a chain of matrices, extents[i] x extents[i + 1] each, so that all its products together take the fewest
/// multiplications: (cost of the left part) + (of the right) + (of the last product), shorter chains first.
class cuts {
 public:
  explicit cuts(const std::vector<std::int64_t>& extents) : count_(extents.size() - 1), cut_(count_ * count_) {
    std::vector<double> cost(count_ * count_, 0);
    for (std::size_t length = 2; length <= count_; ++length) {
      for (std::size_t first = 0; first + length <= count_; ++first) {
        const std::size_t last = first + length - 1;
        double least = 0;
        for (std::size_t k = first; k < last; ++k) {
          const double product = static_cast<double>(extents[first]) * static_cast<double>(extents[k + 1]) *
                                 static_cast<double>(extents[last + 1]);
          const double total = cost[first * count_ + k] + cost[(k + 1) * count_ + last] + product;
          if (k > first && total >= least) continue;
          least = total;
          cut_[first * count_ + last] = k;
        }
        cost[first * count_ + last] = least;
      }
    }
  }
  /// The left part of [first, last] ends with this one.
  std::size_t at(std::size_t first, std::size_t last) const { return cut_[first * count_ + last]; }

 private:
  std::size_t count_;
  std::vector<std::size_t> cut_;
};

struct chain {
  const std::vector<array>& x;
  const cuts& order;
  const product_options& options;
  caller where;

  array product(std::size_t first, std::size_t last) const {
    if (first == last) return x[first];
    const std::size_t cut = order.at(first, last);
    const array left = product(first, cut), right = product(cut + 1, last);
    return matrix_product({"multi_dot", left, right, options, where}, left, right);
  }
};

array chain_product(const std::vector<array>& x, const std::vector<std::int64_t>& extents,
                    const product_options& options, caller where) {
  constexpr std::size_t most = 512;  // the search takes time and memory by the third and second power of their number
  if (x.size() <= most) return chain{x, cuts(extents), options, where}.product(0, x.size() - 1);
  array result = x[0];
  for (std::size_t i = 1; i < x.size(); ++i)
    result = matrix_product({"multi_dot", result, x[i], options, where}, result, x[i]);
  return result;
}

}  // namespace

array multi_dot(const expr_list& list, const product_options& options, caller where) {
  if (list.size() < 2)
    throw value_error("multi_dot: needs at least two arrays, not " + std::to_string(list.size()), where);
  std::vector<array> x;
  for (const expr& one : list.list()) x.push_back(materialize(one, where));
  const bool is_row = x.front().ndim() == 1, is_column = x.back().ndim() == 1;
  const std::vector<array> given = x;
  if (is_row) x.front() = x.front()(newaxis);
  if (is_column) x.back() = x.back()(all, newaxis);
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (x[i].ndim() == 2) continue;
    throw shape_error(
        "multi_dot: array " + std::to_string(i) + " of shape " + to_string(given[i].shape()) + " is not a matrix",
        where);
  }
  std::vector<std::int64_t> extents = {x[0].shape()[0]};
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (x[i].shape()[0] != extents.back() && i > 0) {
      product_call("multi_dot", x[i - 1], x[i], {}, where)
          .fail_inner(given[i - 1], given[i], extents.back(), x[i].shape()[0]);
    }
    extents.push_back(x[i].shape()[1]);
  }
  array result = chain_product(x, extents, options, where);
  if (is_row) result = squeeze(result, 0, where);
  return is_column ? squeeze(result, -1, where) : result;
}

namespace linalg {

array matrix_power(const operand& x, std::int64_t n) {
  const caller where = x.where();
  array square = materialize(x.recipe(), where);
  check_numbers({square.dtype()}, "matrix_power", where);
  const int ndim = square.ndim();
  if (ndim < 2 || square.shape()[ndim - 1] != square.shape()[ndim - 2])
    throw shape_error("matrix_power: shape " + to_string(square.shape()) + " is not one of square matrices", where);
  if (n < 0) square = inverse_of({square, where}, "matrix_power");
  if (n == 0) {
    array result = zeros(square.shape(), {.dtype = square.dtype(), .device = square.device()}, where);
    diagonal(result, 0, -2, -1, where)(ellipsis) = 1;
    return result;
  }
  const auto product = [&](const array& a, const array& b) {
    return matrix_product({"matrix_power", a, b, {}, where}, a, b);
  };
  if (n == 1) return square.copy();
  array result;  // of the bits of n so far
  bool is_set = false;
  for (std::uint64_t left = n < 0 ? 0 - static_cast<std::uint64_t>(n) : static_cast<std::uint64_t>(n);;) {
    if (left & 1) result = is_set ? product(result, square) : square;
    is_set |= left & 1;
    left >>= 1;
    if (left == 0) return result;
    square = product(square, square);
  }
}

}  // namespace linalg

}  // namespace tessera
