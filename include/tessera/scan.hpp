// Scans: prefix folds along an axis.
#pragma once
#include "array.hpp"

namespace tessera {

/// Running sum and product along `axis`; of the flattened array without one. dtype as sum's.
TESSERA_API array cumsum(const operand& x, const axes& axis = {}, const dtype& type = {});
TESSERA_API array cumprod(const operand& x, const axes& axis = {}, const dtype& type = {});
TESSERA_API array nancumsum(const operand& x, const axes& axis = {}, const dtype& type = {});
TESSERA_API array nancumprod(const operand& x, const axes& axis = {}, const dtype& type = {});
/// The n-th difference of neighbours along `axis`; bool gives bool.
TESSERA_API expr diff(const operand& x, int n = 1, int axis = -1);

}  // namespace tessera
