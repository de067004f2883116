// The front end of distances on a GPU: SciPy's values, what is made of blocks, progress, square forms, devices in messages.
#include "device.hpp"
#include "ops/distances_cases.hpp"

using namespace tessera;

namespace {

class cuda_distance_blocks : public on_gpu {};

array rows(const shape& extents, std::uint64_t seed = 3) {
  return random::generator(seed).normal(extents, {.device = cpu()});
}

bool same(const array& on_device, const array& on_host) { return array_equal(on_device.to(cpu()), on_host, true); }
bool near(const array& on_device, const array& on_host) {
  return allclose(on_device.to(cpu()), on_host, {.rtol = 1e-12});
}

template <class F> std::string text_of(F&& call) {
  try {
    call();
  } catch (const error& e) {
    EXPECT_NE(e.where().line(), 0u);
    return e.what();
  }
  return "nothing was thrown";
}

}  // namespace

TEST_F(cuda_distance_blocks, values_are_scipys) { tessera_test::replay_distances(cuda(), true); }

TEST_F(cuda_distance_blocks, neighbours_within_a_radius_are_the_hosts) {
  const array x = rows({20, 2}), y = rows({5000, 2}, 4);
  for (const bool exclude_self : {false, true}) {
    const nearest_options options = {.metric = "chebyshev", .exclude_self = exclude_self};
    const radius_result found = radius_neighbors(x.to(cuda()), y.to(cuda()), 0.25, options);
    const radius_result expected = radius_neighbors(x, y, 0.25, options);
    EXPECT_EQ(found.indices.device(), cuda());
    EXPECT_TRUE(same(found.offsets, expected.offsets));
    EXPECT_TRUE(same(found.indices, expected.indices));
    EXPECT_TRUE(same(found.distances, expected.distances));
  }
}

TEST_F(cuda_distance_blocks, reductions_are_the_hosts) {
  const array x = rows({2, 1, 9, 3}), y = rows({3, 4100, 3}, 4);
  for (const char* name : {"sum", "mean", "min", "max", "count_below", "gaussian"}) {
    const array got = pairwise_reduce(x.to(cuda()), y.to(cuda()), "cityblock", {name, 2});
    EXPECT_EQ(got.device(), cuda());
    EXPECT_TRUE(near(got, pairwise_reduce(x, y, "cityblock", {name, 2}))) << name;
  }
}

TEST_F(cuda_distance_blocks, blocks_of_rows_and_square_forms_stay_on_the_device) {
  const array x = rows({9, 3});
  for_each_row_block(x.to(cuda()), x.to(cuda()), "cityblock", [&](std::int64_t first, const array& block) {
    EXPECT_EQ(first, 0);
    EXPECT_EQ(block.device(), cuda());
    EXPECT_TRUE(near(block, cdist(x, x, "cityblock")));
  });
  const array pairs = pdist(x.to(cuda()), "cityblock");
  EXPECT_TRUE(near(squareform(pairs), cdist(x, x, "cityblock")));
  EXPECT_TRUE(same(squareform(squareform(pairs)), pairs.to(cpu())));
}

TEST_F(cuda_distance_blocks, progress_is_told_and_ends_a_call) {
  const array x = rows({40, 7}).to(cuda());
  std::vector<std::int64_t> told;
  const array got =
      cdist(x, x, "euclidean", {.progress = [&](std::int64_t done, std::int64_t) { told.push_back(done); }});
  EXPECT_TRUE(same(got, cdist(x, x).to(cpu())));
  EXPECT_EQ(told, (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(
      text_of([&] { pdist(x, "cityblock", {.progress = [](std::int64_t done, std::int64_t) { return done == 0; }}); }),
      "pdist: cancelled after 1 of 1 blocks");
}

TEST_F(cuda_distance_blocks, messages_name_the_devices) {
  const array here = rows({4, 3}), there = here.to(cuda()), w = ones({3});
  EXPECT_EQ(text_of([&] { cdist(here, there); }),
            "cdist: operands on cpu and cuda:0; to() copies from one device to another");
  EXPECT_EQ(text_of([&] {
              cdist(there, there, {"cityblock", {.w = {w}}});
            }),
            "cdist: cityblock: w is on cpu, the rows on cuda:0");
  EXPECT_EQ(text_of([&] {
              pdist(there, {"seuclidean", {.V = {w}}});
            }),
            "pdist: seuclidean: V is on cpu, the rows on cuda:0");
}
