// Borders, insertions, derivatives and index arrays on a device.
#include "cuda/device.hpp"
#include "ops/insert_cases.hpp"
#include "ops/numerical_cases.hpp"
#include "ops/pad_cases.hpp"

namespace {

using namespace tessera;

class rearranging_on_gpu : public on_gpu {};

TEST_F(rearranging_on_gpu, pads_as_numpy) { EXPECT_GT(tessera_test::replay_pads(cuda(), 9), 50); }
TEST_F(rearranging_on_gpu, inserts_and_deletes_as_numpy) { EXPECT_GT(tessera_test::replay_inserts(cuda(), 9), 50); }
TEST_F(rearranging_on_gpu, computes_as_numpy) { EXPECT_GT(tessera_test::replay_numerical(cuda(), 9), 40); }

TEST_F(rearranging_on_gpu, makes_index_arrays_and_diagonals) {
  const device_scope on(cuda());
  const array m = zeros({3, 2}, int64);
  fill_diagonal(m, {7, 8}, {.wrap = true});
  EXPECT_EQ(ints(m.to(cpu())), (list{7, 0, 0, 8, 0, 0}));
  EXPECT_EQ(ints(tril_indices_from(m)[1].to(cpu())), (list{0, 0, 1, 0, 1}));
  EXPECT_EQ(ints(indices({2, 2}).to(cpu())), (list{0, 0, 1, 1, 0, 1, 0, 1}));
  EXPECT_EQ(ints(ravel_multi_index(unravel_index(array{5, 1}, {2, 3}), {2, 3}).to(cpu())), (list{5, 1}));
  EXPECT_EQ(ints(block({{m, m}, {m, 1 - m}}).to(cpu())[0]), (list{7, 0, 7, 0}));
}

}  // namespace
