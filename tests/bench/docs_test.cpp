// What docs/benchmarks.md gets from results: tables between markers, the rest untouched, errors with their line.
#include "docs.hpp"

#include <gmock/gmock.h>

#include <stdexcept>

namespace {

using namespace bench;
using testing::HasSubstr;

timing time_of(const std::string& by, double median, int threads = 1) {
  timing one;
  one.by = by, one.threads = threads, one.median = median, one.of_limit = 0.5;
  return one;
}

std::vector<named_results> files() {
  results all;
  all.machine.cpu = "A processor", all.machine.cores = 2, all.machine.simd = "AVX2", all.machine.system = "Debian 12";
  all.commit = "1282e02", all.date = "2026-11-30T18:00:00Z", all.kind = "full", all.load = 0.25;
  all.versions = {{"numpy", "2.4.6"}, {"tessera", "1.0"}};
  all.absent = {{"torch", "No module named torch"}};
  measured add;
  add.name = "add", add.group = "elementwise";
  add.timings = {time_of("tessera", 2e-3), time_of("tessera", 1e-3, 2), time_of("numpy", 4e-3), time_of("jax", 1e-3)};
  measured distance;
  distance.name = "cdist", distance.group = "pairwise", distance.expanded_peers = {"jax"};
  distance.timings = {time_of("tessera", 2e-3), time_of("scipy", 6e-3), time_of("jax", 1e-3)};
  all.workloads = {add, distance};
  return {{"zen3", all}};
}

std::string written(const std::string& what) {
  return with_results("before\n<!-- bench: " + what + " -->\nold\n<!-- /bench -->\nafter\n", files());
}

std::string message(const std::string& document) {
  try {
    with_results(document, files());
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(docs, get_a_table_of_a_group) {
  EXPECT_EQ(written("group elementwise"),
            "before\n"
            "<!-- bench: group elementwise -->\n"
            "| workload | tessera | best peer | best / tessera | NumPy / tessera | of limit | gain of 2 "
            "threads | best / tessera, 2 threads |\n"
            "|--|--|--|--|--|--|--|--|\n"
            "| add | 2.00 ms | jax 1.00 ms | 0.50 | 2.00 | 50 % | 2.00 | 1.00 |\n"
            "\n"
            "1 thread: geometric mean 0.50, faster than every peer in 0 of 1; NumPy / tessera 2.00.\n"
            "2 threads: geometric mean 1.00, faster than every peer in 0 of 1; NumPy / tessera 4.00.\n"
            "<!-- /bench -->\n"
            "after\n");
}

TEST(docs, set_exact_and_expanded_peers_apart) {
  EXPECT_THAT(written("distances pairwise"),
              HasSubstr("| cdist | 2.00 ms | scipy 6.00 ms | 3.00 | jax 1.00 ms | 0.50 | 50 % |\n"));
  EXPECT_THAT(written("distances pairwise"), HasSubstr("1 thread: geometric mean beside exact peers 3.00, faster in 1 "
                                                       "of 1; beside expanded peers 0.50, faster in 0 of 1.\n"));
}

TEST(docs, say_what_ran_where) {
  EXPECT_THAT(written("machine"),
              HasSubstr("- Machine: A processor, 2 hardware threads, AVX2, Debian 12; load 0.2 before the run.\n"
                        "- Commit 1282e02, 2026-11-30 18:00 UTC, a full run: [zen3.json](../bench/results/zen3.json).\n"
                        "- numpy 2.4.6.\n"
                        "- Absent: torch (No module named torch).\n"));
}

TEST(docs, say_how_groups_stand) {
  EXPECT_THAT(written("standings of zen3"), HasSubstr("| elementwise | 0.50 | 0 of 1 | 2.00 | 1.00 | 0 of 1 | 4.00 |\n"
                                                      "| pairwise | 0.50 | 0 of 1 | – | – | 0 of 0 | – |\n"
                                                      "| all | 0.50 | 0 of 2 | 2.00 | 1.00 | 0 of 1 | 4.00 |\n"));
}

TEST(docs, show_some_of_what_was_modelled) {
  std::vector<named_results> with_models = files();
  measured& add = with_models[0].second.workloads[0];
  add.name = "add_f32_1e7", add.bytes = 1.2e8;
  add.models = {{"H100", 1, 6.75e7, 1.21e8, 3.58e-5, "memory", ""},
                {"RTX 4090", 1, 6.75e7, 1.21e8, 1.2e-4, "memory", ""}};
  EXPECT_EQ(with_results("<!-- bench: modelled -->\n<!-- /bench -->\n", with_models),
            "<!-- bench: modelled -->\n"
            "| | launches | 10⁶ instructions | MB at least | MB of sectors | H100, modelled: µs | bound | RTX "
            "4090, modelled: µs | bound | |\n"
            "|--|--|--|--|--|--|--|--|--|--|\n"
            "| `add_f32_1e7` | 1 | 67.5 | 120 | 121 | 35.8 | memory | 120 | memory | |\n"
            "<!-- /bench -->\n");
  EXPECT_EQ(message("<!-- bench: modelled -->\n<!-- /bench -->\n"), "line 1: the results have nothing modelled");
}

TEST(docs, stay_as_they_are_when_written_twice) {
  const std::string once = written("group elementwise");
  EXPECT_EQ(with_results(once, files()), once);
  EXPECT_EQ(with_results("no markers\n", files()), "no markers\n");
}

TEST(docs, name_the_line_of_a_marker_that_cannot_be_followed) {
  EXPECT_EQ(message("\n<!-- bench: group -->\n<!-- /bench -->\n"),
            "line 2: 'group' is not machine, standings, group NAME, distances NAME or modelled");
  EXPECT_EQ(message("<!-- bench: group sorts -->\n<!-- /bench -->\n"), "line 1: the results have no group sorts");
  EXPECT_EQ(message("<!-- bench: machine of zen5 -->\n<!-- /bench -->\n"), "line 1: no results named zen5 were given");
  EXPECT_EQ(message("<!-- bench: machine\n"), "line 1: the comment is not closed by ' -->'");
  EXPECT_EQ(message("<!-- bench: machine -->\n"), "line 1: there is no <!-- /bench --> after it");
  EXPECT_EQ(message("<!-- /bench -->\n"), "line 1: the end of results that did not begin");
  EXPECT_EQ(message("<!-- bench: machine -->\n<!-- bench: machine -->\n<!-- /bench -->\n"),
            "line 2: results begin within those of line 1");
}

TEST(docs, cannot_be_written_without_times) {
  EXPECT_THROW(with_results("<!-- bench: standings -->\n<!-- /bench -->\n", {{"empty", {}}}), std::runtime_error);
  EXPECT_THROW(with_results("<!-- bench: standings -->\n<!-- /bench -->\n", {}), std::runtime_error);
}

}  // namespace
