// Pairwise workloads: distances between all rows of two matrices, as far as broadcasting expresses them.
#include "workload.hpp"

namespace bench {
namespace {

using namespace tessera;

answer euclidean(const operands& in) {
  return {{in.x.shape()[0], in.y.shape()[0]}, in.x.dtype(), [x = in["x"], y = in["y"]](std::int64_t k) {
            const std::int64_t d = x.extent(1), i = k / y.extent(0), j = k % y.extent(0);
            double sum = 0;
            for (std::int64_t l = 0; l < d; ++l) {
              const double difference = x(i * d + l) - y(j * d + l);
              sum += difference * difference;
            }
            return std::sqrt(sum);
          }};
}

const entry entries[] = {
    {"bcast_dist_f32_d(3|16|128)",
     [](const operands& in) -> array {
       return sqrt(sum(square(in.x(all, newaxis, all) - in.y(newaxis, all, all)), 2));
     },
     euclidean},
};

}  // namespace

std::span<const entry> pairwise_entries() { return entries; }

}  // namespace bench
