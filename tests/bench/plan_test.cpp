// Which workloads a run has, and who competes in each.
#include "run/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace bench;
using nlohmann::json;
using testing::ElementsAre;

json row_named(const std::string& name) {
  for (const work& one : list_work(TESSERA_WORKLOADS, false)) {
    if (one.name == name) return one.row;
  }
  throw std::logic_error("no workload " + name);
}

std::vector<std::string> texts(const std::vector<contender>& list) {
  std::vector<std::string> result;
  for (const contender& who : list) result.push_back(who.by + "/" + who.device + "/" + std::to_string(who.threads));
  return result;
}

std::vector<std::string> competing(const std::string& name, choice chosen, const std::set<std::string>& at_hand) {
  chosen.filter = "^" + name + "$";
  const std::vector<planned> plan = make_plan(list_work(TESSERA_WORKLOADS, false), chosen, at_hand);
  EXPECT_EQ(plan.size(), 1u) << name;
  return texts(plan.at(0).by);
}

choice on_four_cores() {
  choice chosen;
  chosen.cores = 4;
  return chosen;
}

TEST(sweep, of_a_vector_has_its_bytes_and_operations) {
  const json row = resized(row_named("add_f32_1e7"), 10'000'000, 4000, 1, 1);
  EXPECT_EQ(row.at("inputs").at("a").at("shape"), json({4000}));
  EXPECT_EQ(row.at("inputs").at("b").at("shape"), json({4000}));
  EXPECT_EQ(row.at("bytes"), 3 * 4000 * 4);
  EXPECT_EQ(row.at("flops"), 4000);
  EXPECT_EQ(row.at("name"), "add_f32_1e7");
}

TEST(sweep, of_a_matrix_product_grows_by_the_square_and_the_cube) {
  const json row = resized(row_named("mm_f32_1024"), 1024, 64, 2, 3);
  EXPECT_EQ(row.at("inputs").at("a").at("shape"), json({64, 64}));
  EXPECT_EQ(row.at("bytes"), 3 * 64 * 64 * 4);
  EXPECT_EQ(row.at("flops"), 2 * 64 * 64 * 64);
}

TEST(sweep, of_distances_leaves_the_other_axis_and_counts_inputs_as_they_are) {
  const json row = resized(row_named("cdist_euclidean_f32_d16"), 2000, 50, 2, 2);
  EXPECT_EQ(row.at("inputs").at("x").at("shape"), json({50, 16}));
  EXPECT_EQ(row.at("bytes"), (2 * 50 * 16 + 50 * 50) * 4);
}

TEST(sweep, counts_items_where_the_workload_does) {
  EXPECT_EQ(resized(row_named("sort_f32_1e7"), 10'000'000, 1000, 1, 1).at("items"), 1000);
}

TEST(work_list, has_rows_and_sizes_of_sweeps_under_names_of_their_own) {
  std::set<std::string> names;
  for (const work& one : list_work(TESSERA_WORKLOADS, false)) {
    EXPECT_TRUE(names.insert(one.name).second) << one.name;
    EXPECT_EQ(one.name.find('@') != std::string::npos, !one.sweep.empty()) << one.name;
    EXPECT_TRUE(find_entry(read_facts(one.row))) << one.name;
  }
  EXPECT_TRUE(names.contains("add_f32_1e7@4000"));
  EXPECT_TRUE(names.contains("mm_f32_1024@2048"));
}

TEST(work_list, quick_is_a_part_with_every_group_and_two_sweeps) {
  std::set<std::string> groups, quick_groups, sweeps;
  for (const work& one : list_work(TESSERA_WORKLOADS, false)) groups.insert(one.row.at("group"));
  const std::vector<work> quick = list_work(TESSERA_WORKLOADS, true);
  for (const work& one : quick) {
    quick_groups.insert(one.row.at("group"));
    if (!one.sweep.empty()) sweeps.insert(one.sweep);
  }
  EXPECT_EQ(quick_groups, groups);
  EXPECT_EQ(sweeps.size(), 2u);
  EXPECT_LE(quick.size(), 50u);
}

TEST(work_list, names_a_file_that_is_not_there) {
  EXPECT_THAT([] { list_work("/nowhere/w.json", false); },
              testing::ThrowsMessage<std::runtime_error>("cannot read /nowhere/w.json"));
}

TEST(thread_counts, are_powers_of_two_and_all) {
  EXPECT_THAT(thread_counts(1, true), ElementsAre(1));
  EXPECT_THAT(thread_counts(2, true), ElementsAre(1, 2));
  EXPECT_THAT(thread_counts(6, true), ElementsAre(1, 2, 4, 6));
  EXPECT_THAT(thread_counts(8, true), ElementsAre(1, 2, 4, 8));
  EXPECT_THAT(thread_counts(8, false), ElementsAre(1, 8));
}

TEST(plan, has_tessera_first_and_at_powers_of_two_between) {
  EXPECT_THAT(competing("add_f32_1e7", on_four_cores(), {"torch"}),
              ElementsAre("tessera/cpu/1", "tessera/cpu/2", "tessera/cpu/4", "torch/cpu/1", "torch/cpu/4"));
}

TEST(plan, gives_serial_libraries_one_thread_but_numpy_its_matrix_products) {
  choice chosen = on_four_cores();
  chosen.threads = {1, 4};
  EXPECT_THAT(competing("add_f32_1e7", chosen, {"numpy", "eigen"}),
              ElementsAre("tessera/cpu/1", "tessera/cpu/4", "numpy/cpu/1", "eigen/cpu/1"));
  EXPECT_THAT(competing("mm_f32_1024", chosen, {"numpy"}),
              ElementsAre("tessera/cpu/1", "tessera/cpu/4", "numpy/cpu/1", "numpy/cpu/4"));
  EXPECT_THAT(competing("cdist_euclidean_f32_d16", chosen, {"scipy"}),
              ElementsAre("tessera/cpu/1", "tessera/cpu/4", "scipy/cpu/1"));
}

TEST(plan, runs_tiny_work_on_one_thread) {
  EXPECT_THAT(competing("tiny_add", on_four_cores(), {"torch"}), ElementsAre("tessera/cpu/1", "torch/cpu/1"));
}

TEST(plan, has_on_a_gpu_only_who_runs_there) {
  choice chosen;
  chosen.devices = {"cpu", "cuda:0"};
  EXPECT_THAT(competing("add_f32_1e7", chosen, {"numpy", "torch", "jax"}),
              ElementsAre("tessera/cpu/1", "tessera/cuda:0/1", "jax/cpu/1", "jax/cuda:0/1", "numpy/cpu/1",
                          "torch/cpu/1", "torch/cuda:0/1"));
}

TEST(plan, keeps_to_the_libraries_asked_for) {
  choice chosen;
  chosen.peers = std::set<std::string>{"numpy"};
  EXPECT_THAT(competing("add_f32_1e7", chosen, {"numpy", "torch"}), ElementsAre("tessera/cpu/1", "numpy/cpu/1"));
  chosen.peers = std::set<std::string>();
  EXPECT_THAT(competing("add_f32_1e7", chosen, {"numpy", "torch"}), ElementsAre("tessera/cpu/1"));
}

TEST(plan, keeps_to_the_groups_asked_for) {
  choice chosen;
  chosen.groups = {"random", "tiny"};
  const std::vector<planned> plan = make_plan(list_work(TESSERA_WORKLOADS, false), chosen, {});
  EXPECT_EQ(plan.size(), 8u);
}

TEST(plan, does_the_same_work_once) {
  choice chosen;
  chosen.filter = "^sort_f32_1e7";
  const std::vector<planned> plan = make_plan(list_work(TESSERA_WORKLOADS, false), chosen, {});
  ASSERT_EQ(plan.front().what.name, "sort_f32_1e7");
  int same = 0;
  for (const planned& one : plan) {
    if (!one.same_as) continue;
    ++same;
    EXPECT_EQ(one.what.name, "sort_f32_1e7@10000000");
    EXPECT_EQ(*one.same_as, 0u);
  }
  EXPECT_EQ(same, 1);
}

}  // namespace
