// What is computed from folds, in the kernel that delivers them: the same as one stage after the other, wherever operands lie.
#include "cuda/device_operands.hpp"

namespace {

using namespace tessera;
using tessera_test::expect_bits;
using tessera_test::numbers;

class epilogues_on_gpu : public on_gpu {};

/// The fold's result in an array of its own: what follows is another program.
array alone(const expr& x) { return array(x).copy(); }

TEST_F(epilogues_on_gpu, are_the_stages_that_they_stand_for) {
  for (const dtype& type : {int32, float16, float32, float64, complex64}) {
    for (const shape& extents : {shape{7, 5, 33}, shape{64, 1, 3}, shape{2, 300, 4}}) {
      const array x = numbers(extents, type).to(cuda());
      for (const int axis : {0, 1, 2}) {
        shape kept = extents;
        kept[axis] = 1;
        const array beside = numbers(kept, type).to(cuda());
        const std::string what = std::string(type.name()) + " axis " + std::to_string(axis);
        const auto total = [&] { return sum(x * 2, axis, {.keepdims = true}); };
        expect_bits(total() * beside + 3, alone(total()) * beside + 3, what);
        expect_bits(where(beside > 1, total(), beside), where(beside > 1, alone(total()), beside), what + " where");
        expect_bits(max(x.T(), axis) + 1, alone(max(x.T(), axis)) + 1, what + " transposed");
        expect_bits((sum(x, axis) * 3).astype(complex128), (alone(sum(x, axis)) * 3).astype(complex128),
                    what + " cast");
      }
      const array square = numbers({40, 6}, type).to(cuda());
      const auto tiles = [&] { return sum(square(all, newaxis) * square(newaxis), 2); };
      const array wide = numbers({40, 40}, type).to(cuda());
      expect_bits(tiles() + wide.T(), alone(tiles()) + wide.T(), std::string(type.name()) + " pairs");
    }
  }
}

TEST_F(epilogues_on_gpu, of_folds_in_two_launches_run_once) {
  const array x = numbers({200000}, float32).to(cuda());
  expect_bits(sqrt(sum(x * x)) / 3, sqrt(alone(sum(x * x))) / 3, "all");
  expect_bits(mean(x), (alone(sum(x)) / 200000).astype(float32), "mean");
}

TEST_F(epilogues_on_gpu, write_nothing_that_the_fold_reads) {
  array x = numbers({8, 300}, float64).to(cuda()), y = x.to(cpu());
  x(all, 5) = sum(x, 1) * 2;
  y(all, 5) = sum(y, 1) * 2;
  expect_bits(x, y, "a column of what is summed");
  array total = sum(x, 1), there = total.to(cpu());
  total += sum(x, 1) + total;
  there += sum(y, 1) + there;
  expect_bits(total, there, "in place");
  array masked = zeros({8}, {.dtype = float64, .device = cuda()}),
        here = zeros({8}, {.dtype = float64, .device = cpu()});
  apply(masked, sum(x, 1) + 1, {.where = sum(x, 1) > 0});
  apply(here, sum(y, 1) + 1, {.where = sum(y, 1) > 0});
  expect_bits(masked, here, "masked");
}

}  // namespace
