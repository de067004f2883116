// What the functions of products.hpp share.
#pragma once
#include "ops/contract.hpp"
#include "tessera/products.hpp"

namespace tessera::detail {

/// A public product being computed: its name for messages, the caller's line, how it computes.
struct product_call {
  const char* name;
  caller where;
  contract_options options = {};

  /// Throws dtype_error when an operand is not cast to the dtype asked for.
  product_call(const char* name, const array& x, const array& y, const product_options& options, caller where);

  /// contract(), after a check that a result of these extents can be: value_error.
  array operator()(const labelled& x, const labelled& y, const label_list& output, const shape& extents) const;

  [[noreturn]] void fail_inner(const array& x, const array& y, std::int64_t m, std::int64_t n) const;
};

/// matmul of operands with two axes or more.
array matrix_product(const product_call& call, const array& x, const array& y);

}  // namespace tessera::detail
