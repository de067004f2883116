// The samplers that devices have a kernel for. A row here, its file beside.
#pragma once
#include <cstdint>

#include "ops/random_plan.hpp"

//  X(name, NAME of the NAME-inl.hpp that has it, columns that a call uses up)
#define TESSERA_SAMPLERS(X)              \
  X(binomial, binomial, 512)             \
  X(gamma, gamma, 512)                   \
  X(geometric, geometric, 1)             \
  X(hypergeometric, hypergeometric, 512) \
  X(log_gamma, gamma, 512)               \
  X(logseries, logseries, 2)             \
  X(poisson, poisson, 512)               \
  X(vonmises, vonmises, 512)             \
  X(zipf, zipf, 512)

namespace tessera::detail {

enum class sampler_code : std::uint8_t {
#define X(name, file, columns) name,
  TESSERA_SAMPLERS(X)
#undef X
};

struct sampler_info {
  const char* name;
  int columns;
};
inline const sampler_info& info_of(sampler_code code) noexcept {
  static constexpr sampler_info all[] = {
#define X(name, file, columns) {#name, columns},
      TESSERA_SAMPLERS(X)
#undef X
  };
  return all[static_cast<int>(code)];
}

}  // namespace tessera::detail
