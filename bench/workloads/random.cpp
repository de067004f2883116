// Random numbers: fills of ten million elements, checked by their moments.
#include "workload.hpp"

namespace bench {
namespace {

using namespace tessera;

const std::int64_t count = 10'000'000;

/// One generator for all repetitions, as the peers have.
random::generator& numbers() {
  static random::generator g(5);
  return g;
}

template <dtype_code Type> answer of_type(const operands&) { return {count, dtype(Type), {}}; }

const entry entries[] = {
    {"uniform_f32_1e7", [](const operands&) { return numbers().uniform({count}, {.dtype = float32}); },
     of_type<dtype_code::float32>},
    {"uniform_f64_1e7", [](const operands&) { return numbers().uniform({count}); }, of_type<dtype_code::float64>},
    {"normal_f32_1e7", [](const operands&) { return numbers().normal({count}, {.dtype = float32}); },
     of_type<dtype_code::float32>},
    {"normal_f64_1e7", [](const operands&) { return numbers().normal({count}); }, of_type<dtype_code::float64>},
};

}  // namespace

std::span<const entry> random_entries() { return entries; }

}  // namespace bench
