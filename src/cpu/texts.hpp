// Texts compared element by element.
#pragma once
#include "ops/text_plan.hpp"

namespace tessera::detail::cpu {

void compare_texts(const text_plan& plan);

}  // namespace tessera::detail::cpu
