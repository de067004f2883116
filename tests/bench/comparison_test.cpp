// Comparisons of two runs, made by hand: what counts as faster and slower, and what the verdict rests on.
#include "comparison.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace {

using namespace bench;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// Twenty samples, evenly spread a percent about the median.
timing sampled(const std::string& by, double median, int threads = 1) {
  timing one;
  one.by = by, one.threads = threads, one.median = median;
  for (int k = 0; k < 20; ++k) one.samples.push_back(median * (0.99 + 0.001 * k));
  one.quartile1 = median * 0.995, one.quartile3 = median * 1.005;
  return one;
}

timing without_samples(const std::string& by, double median, double spread) {
  timing one;
  one.by = by, one.median = median;
  one.quartile1 = median * (1 - spread), one.quartile3 = median * (1 + spread);
  one.repetitions = 20;
  return one;
}

results run_of(const std::vector<std::pair<std::string, timing>>& times) {
  results all;
  all.machine.cpu = "A processor", all.machine.cores = 2;
  for (const auto& [name, time] : times) {
    all.workloads.push_back({});
    all.workloads.back().name = name, all.workloads.back().group = "elementwise";
    all.workloads.back().timings.push_back(time);
  }
  return all;
}

change only(const comparison& found) { return found.changes.at(0); }

TEST(compare, calls_a_shift_of_all_samples_faster_or_slower) {
  const results before = run_of({{"add", sampled("tessera", 1)}});
  const change faster = only(compare(before, run_of({{"add", sampled("tessera", 0.8)}})));
  EXPECT_EQ(faster.what, verdict::faster);
  EXPECT_EQ(faster.on, evidence::samples);
  EXPECT_LT(faster.p, 1e-6);
  EXPECT_DOUBLE_EQ(faster.ratio(), 1.25);
  EXPECT_EQ(only(compare(before, run_of({{"add", sampled("tessera", 1.2)}}))).what, verdict::slower);
}

TEST(compare, ignores_a_significant_change_that_is_small) {
  const results before = run_of({{"add", sampled("tessera", 1)}}), after = run_of({{"add", sampled("tessera", 1.025)}});
  const change found = only(compare(before, after));
  EXPECT_LT(found.p, 0.05);
  EXPECT_EQ(found.what, verdict::unchanged);
  EXPECT_EQ(only(compare(before, after, {0.05, 0.01})).what, verdict::slower);
}

TEST(compare, ignores_a_large_change_of_few_scattered_samples) {
  timing a = sampled("tessera", 1), b = sampled("tessera", 1.3);
  a.samples = {0.8, 1.0, 1.6, 1.1}, b.samples = {0.9, 1.3, 1.5, 1.4};
  const change found = only(compare(run_of({{"add", a}}), run_of({{"add", b}})));
  EXPECT_EQ(found.on, evidence::samples);
  EXPECT_EQ(found.what, verdict::unchanged);
}

TEST(compare, demands_more_of_one_among_many) {
  // p = 0.0317 alone; among 4 that do not differ it is chance.
  timing a = sampled("tessera", 1), b = sampled("tessera", 1.3);
  a.samples = {1.0, 1.1, 1.2, 1.35, 1.0001}, b.samples = {1.3, 1.31, 1.4, 1.5, 1.6};
  std::vector<std::pair<std::string, timing>> before = {{"add", a}}, after = {{"add", b}};
  EXPECT_EQ(only(compare(run_of(before), run_of(after))).what, verdict::slower);
  for (int k = 0; k < 4; ++k) {
    before.emplace_back("same" + std::to_string(k), sampled("tessera", 1));
    after.emplace_back("same" + std::to_string(k), sampled("tessera", 1));
  }
  EXPECT_EQ(only(compare(run_of(before), run_of(after))).what, verdict::unchanged);
}

TEST(compare, takes_quartiles_where_a_file_has_no_samples) {
  const results before = run_of({{"add", without_samples("numpy", 1, 0.02)}});
  const change apart = only(compare(before, run_of({{"add", without_samples("numpy", 1.1, 0.02)}})));
  EXPECT_EQ(apart.on, evidence::quartiles);
  EXPECT_EQ(apart.what, verdict::slower);
  EXPECT_EQ(only(compare(before, run_of({{"add", without_samples("numpy", 1.1, 0.1)}}))).what, verdict::unchanged);
}

TEST(compare, does_not_decide_from_one_or_two_times) {
  for (const std::size_t few : {1, 2}) {
    timing before = sampled("tessera", 1), after = sampled("tessera", 5), peer = without_samples("numpy", 5, 0);
    after.samples.resize(few), after.repetitions = static_cast<int>(few);
    peer.repetitions = static_cast<int>(few);
    for (const auto& [a, b] : {std::pair{before, after}, {after, before}, {without_samples("numpy", 1, 0.02), peer}}) {
      const change found = only(compare(run_of({{"add", a}}), run_of({{"add", b}})));
      EXPECT_EQ(found.on, evidence::none);
      EXPECT_EQ(found.what, verdict::undecided);
    }
  }
}

TEST(compare, is_undecided_where_so_few_samples_can_show_nothing) {
  // Three and three that lie wholly apart: scipy.stats.mannwhitneyu gives 0.1; four and four 0.0286.
  timing a = sampled("tessera", 1), b = sampled("tessera", 3);
  a.samples = {1, 1.01, 1.02}, b.samples = {3, 3.01, 3.02};
  EXPECT_EQ(only(compare(run_of({{"add", a}}), run_of({{"add", b}}))).what, verdict::undecided);
  EXPECT_EQ(only(compare(run_of({{"add", a}}), run_of({{"add", b}}), {0.1, 0.03})).what, verdict::slower);
  a.samples.push_back(1.03), b.samples.push_back(3.03);
  const comparison alone = compare(run_of({{"add", a}}), run_of({{"add", b}}));
  EXPECT_EQ(only(alone).what, verdict::slower);
  EXPECT_NEAR(only(alone).p, 2.0 / 70, 1e-12);
}

TEST(compare, is_undecided_where_few_samples_can_show_nothing_among_many) {
  timing a = sampled("tessera", 1), b = sampled("tessera", 3);
  a.samples = {1, 1.01, 1.02, 1.03}, b.samples = {3, 3.01, 3.02, 3.03};
  std::vector<std::pair<std::string, timing>> before = {{"add", a}}, after = {{"add", b}};
  for (int k = 0; k < 4; ++k) {
    before.emplace_back("same" + std::to_string(k), sampled("tessera", 1));
    after.emplace_back("same" + std::to_string(k), sampled("tessera", 1));
  }
  const comparison found = compare(run_of(before), run_of(after));
  EXPECT_NEAR(only(found).p, 5 * 2.0 / 70, 1e-12);
  EXPECT_EQ(only(found).what, verdict::undecided);
  EXPECT_EQ(found.changes[1].what, verdict::unchanged);
}

TEST(compare, lists_what_is_undecided_apart) {
  timing once = sampled("tessera", 2e-3);
  once.samples.resize(1);
  const results before = run_of({{"a", sampled("tessera", 1)}, {"b", sampled("tessera", 1)}}),
                after = run_of({{"a", sampled("tessera", 1)}, {"b", once}});
  const comparison found = compare(before, after);
  EXPECT_THAT(
      comparison_text(found, false),
      testing::StartsWith("Timed too few times to tell:\n"
                          "           workload  by       where     before  now      before / now  evidence\n"
                          "undecided  b         tessera  1 thread  1.00 s  2.00 ms  500           too few times\n"));
  EXPECT_THAT(comparison_text(found, false), HasSubstr("0 faster, 0 slower, 1 unchanged, 1 undecided"));
  const std::string markdown = comparison_markdown(found, before, after);
  EXPECT_GT(markdown.find("| undecided | b |"), markdown.find("## Timed too few times to tell"));
  EXPECT_LT(markdown.find("| unchanged | a |"), markdown.find("## Timed too few times to tell"));
  EXPECT_THAT(markdown, HasSubstr("significance speaks of noise within the runs"));
  EXPECT_THAT(comparison_page(found, before, after, {}), HasSubstr("Undecided, timed too few times to tell: 1<"));
}

TEST(compare, does_not_decide_from_medians_alone) {
  timing one;
  one.by = "tessera", one.median = 1;
  timing other = one;
  other.median = 5;
  const change found = only(compare(run_of({{"add", one}}), run_of({{"add", other}})));
  EXPECT_EQ(found.on, evidence::none);
  EXPECT_EQ(found.what, verdict::undecided);
}

TEST(compare, keeps_threads_apart_and_leaves_out_what_only_one_run_has) {
  const results before =
      run_of({{"add", sampled("tessera", 1, 1)}, {"mul", sampled("tessera", 1)}, {"sub", sampled("numpy", 1)}});
  const results after =
      run_of({{"add", sampled("tessera", 1, 2)}, {"mul", sampled("tessera", 1)}, {"sub", sampled("jax", 1)}});
  const comparison found = compare(before, after);
  ASSERT_EQ(found.changes.size(), 1u);
  EXPECT_EQ(only(found).workload, "mul");
  EXPECT_THAT(found.lost, ElementsAre("add, 1 thread: not in the newer file"));
  EXPECT_THAT(found.gained, ElementsAre("add, 2 threads"));
}

TEST(compare, says_what_has_no_time_any_more_and_why) {
  timing wrong;
  wrong.by = "tessera", wrong.error = "element 3 is 1 instead of 2";
  const comparison found = compare(run_of({{"add", sampled("tessera", 1)}}), run_of({{"add", wrong}}));
  EXPECT_THAT(found.changes, IsEmpty());
  EXPECT_THAT(found.lost, ElementsAre("add, 1 thread: element 3 is 1 instead of 2"));
  EXPECT_THAT(comparison_text(found, false),
              HasSubstr("no time any more: add, 1 thread: element 3 is 1 instead of 2\n"));
}

TEST(compare, says_loudly_that_the_machines_differ) {
  const results before = run_of({{"add", sampled("tessera", 1)}});
  results after = before;
  EXPECT_THAT(compare(before, after).differences, IsEmpty());
  after.machine.cpu = "Another", after.machine.simd = "AVX2", after.machine.cores = 4;
  const comparison found = compare(before, after);
  EXPECT_THAT(found.differences, ElementsAre("processor: A processor before, Another now",
                                             "SIMD: unknown before, AVX2 now", "hardware threads: 2 before, 4 now"));
  EXPECT_THAT(comparison_text(found, false),
              testing::StartsWith("ANOTHER MACHINE: processor: A processor before, Another now\n"));
  EXPECT_THAT(comparison_markdown(found, before, after), HasSubstr("- **Another machine**: processor"));
  EXPECT_THAT(comparison_page(found, before, after, {}), HasSubstr("no ratio below says anything of the code"));
  EXPECT_EQ(nlohmann::json::parse(comparison_summary(found))["another_machine"].size(), 3u);
}

TEST(compare, prints_slower_ones_first_and_counts_the_rest) {
  const comparison found = compare(run_of({{"a", sampled("tessera", 1)},
                                           {"b", sampled("tessera", 2e-3)},
                                           {"c", sampled("tessera", 1)},
                                           {"c", sampled("numpy", 1)}}),
                                   run_of({{"a", sampled("tessera", 0.5)},
                                           {"b", sampled("tessera", 3e-3)},
                                           {"c", sampled("tessera", 1)},
                                           {"c", sampled("numpy", 1)}}));
  const std::string text = comparison_text(found, false);
  EXPECT_THAT(text, HasSubstr("slower  b         tessera  1 thread  2.00 ms  3.00 ms  0.67          p < 0.0001\n"
                              "faster  a         tessera  1 thread  1.00 s   500 ms   2.00          p < 0.0001\n"));
  EXPECT_THAT(
      text, HasSubstr("tessera: 1 faster, 1 slower, 1 unchanged, 0 undecided; geometric mean of before / now 1.10\n"));
  EXPECT_THAT(text, Not(HasSubstr("unchanged  c")));
  EXPECT_THAT(comparison_text(found, true), HasSubstr("unchanged  c         numpy"));
}

TEST(compare, of_nothing_is_nothing) {
  const comparison found = compare({}, {});
  EXPECT_EQ(comparison_text(found, true),
            "tessera: 0 faster, 0 slower, 0 unchanged, 0 undecided; geometric mean of before / now –\n");
  EXPECT_THAT(comparison_page(found, {}, {}, {}), HasSubstr("What changed"));
}

}  // namespace
