// Workloads of ten elements: what a call costs before it does anything.
#include "workload.hpp"

namespace bench {
namespace {

using namespace tessera;

answer added(const operands& in) {
  return {10, float64, [a = in["a"], b = in["b"]](std::int64_t k) { return a(k) + b(k); }};
}

answer sliced(const operands& in) {
  return {6, float64, [a = in["a"]](std::int64_t k) { return a(k + 2); }};
}

answer summed(const operands& in) {
  return {{}, float64, [a = in["a"]](std::int64_t) {
            double sum = 0;
            for (std::int64_t k = 0; k < a.size(); ++k) sum += a(k);
            return sum;
          }};
}

answer reshaped(const operands& in) {
  return {{2, 5}, float64, [a = in["a"]](std::int64_t k) { return a(k); }};
}

const entry entries[] = {
    {"tiny_add", [](const operands& in) -> array { return in.a + in.b; }, added},
    {"tiny_slice", [](const operands& in) -> array { return in.a(slice(2, 8)); }, sliced},
    {"tiny_sum", [](const operands& in) -> array { return sum(in.a); }, summed},
    {"tiny_reshape",
     [](const operands& in) -> array {
       return reshape(in.a, {2, 5});
     },
     reshaped},
};

}  // namespace

std::span<const entry> tiny_entries() { return entries; }

}  // namespace bench
