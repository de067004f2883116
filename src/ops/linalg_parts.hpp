// Parts of linalg that other functions of it are made of, under those functions' names.
#pragma once
#include "tessera/linalg.hpp"

namespace tessera::detail {

linalg::svd_result svd_of(const operand& x, const linalg::svd_options& options, const char* name);
array svdvals_of(const operand& x, bool hermitian, const char* name);
array inverse_of(const operand& x, const char* name);
/// NaN where a matrix is singular.
array inverse_or_nan(const operand& x, const char* name);

}  // namespace tessera::detail
