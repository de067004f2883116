// The metrics that devices have a kernel for. A row here, a file beside, what its rows are in ops/metric_rows.cpp.
#pragma once
#include <cstdint>

#define TESSERA_METRICS(X) \
  X(bitwise_hamming)       \
  X(braycurtis)            \
  X(canberra)              \
  X(chebyshev)             \
  X(cityblock)             \
  X(cosine)                \
  X(dice)                  \
  X(euclidean)             \
  X(expanded_euclidean)    \
  X(expanded_sqeuclidean)  \
  X(hamming)               \
  X(haversine)             \
  X(hellinger)             \
  X(inner_product)         \
  X(jaccard)               \
  X(jensenshannon)         \
  X(kl_divergence)         \
  X(mahalanobis)           \
  X(minkowski)             \
  X(rogerstanimoto)        \
  X(russellrao)            \
  X(sokalsneath)           \
  X(sqeuclidean)           \
  X(yule)

namespace tessera::detail {

enum class metric_code : std::uint8_t {
#define X(name) name,
  TESSERA_METRICS(X)
#undef X
};

constexpr int metric_count = 0
#define X(name) +1
    TESSERA_METRICS(X)
#undef X
    ;

inline const char* name_of(metric_code code) noexcept {
  constexpr const char* names[] = {
#define X(name) #name,
      TESSERA_METRICS(X)
#undef X
  };
  return names[static_cast<int>(code)];
}

}  // namespace tessera::detail
