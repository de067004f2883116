// Contractions on the CPU: packed blocks of any strides, tiles of sums in registers.
#pragma once
#include <string>

#include "ops/contraction_plan.hpp"

namespace tessera::detail::cpu {

// What backend.hpp says of these calls. contract() throws std::bad_alloc, having written nothing.
bool contracts(const contraction_plan& plan);
void contract(const contraction_plan& plan);
/// Whatever the sizes; for tests.
void contract_packed(const contraction_plan& plan);
std::string contraction_text(const contraction_plan& plan);

}  // namespace tessera::detail::cpu
