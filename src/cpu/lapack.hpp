// Factorisations on LAPACK. Contracts: backend::cannot_factorise, backend::factorise.
#pragma once
#include "ops/linalg_plan.hpp"

namespace tessera::detail::cpu {

linalg_fault cannot_factorise(const linalg_plan& plan) noexcept;
linalg_outcome factorise(const linalg_plan& plan);

}  // namespace tessera::detail::cpu
