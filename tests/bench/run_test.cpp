// A run from plan to result file: what it finds, and what an interrupted one leaves.
#include "run/run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "run/summary.hpp"

namespace {

using namespace bench;
using testing::ElementsAre;
namespace fs = std::filesystem;

/// A folder of the test's own for results, and for the temporary files of a run.
class run_of_tessera : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_ + "/temporary");
    setenv("TMPDIR", (folder_ + "/temporary").c_str(), 1);
  }
  void TearDown() override {
    unsetenv("TMPDIR");
    fs::remove_all(folder_);
  }
  bool left_something() const { return !fs::is_empty(folder_ + "/temporary"); }
  run_settings settings(const std::string& filter) const {
    run_settings result;
    result.chosen.filter = filter;
    result.chosen.peers = std::set<std::string>();
    result.workloads = TESSERA_WORKLOADS;
    result.out = folder_ + "/results.json";
    result.self = TESSERA_BENCH;
    result.budget = 0.005;
    result.without_limits = true;
    return result;
  }

  const std::string folder_ = testing::TempDir() + "tessera-run-" + std::to_string(getpid());
};

TEST_F(run_of_tessera, leaves_a_file_with_times_of_every_workload) {
  run_settings chosen = settings("^(tiny_add|add_f32_1e3|add_f32_1e7@1000)$");
  chosen.chosen.threads = {1, 2};
  {
    run measuring(chosen);
    measuring.measure();
    EXPECT_THAT(measuring.problems(), ElementsAre());
  }
  const results found = read_results(chosen.out);
  ASSERT_EQ(found.workloads.size(), 3u);
  EXPECT_EQ(found.kind, "full");
  EXPECT_EQ(found.versions.at("tessera"), tessera::version());
  EXPECT_EQ(found.workloads[0].name, "add_f32_1e3");
  ASSERT_EQ(found.workloads[0].timings.size(), 2u);
  const timing& one = found.workloads[0].timings[1];
  EXPECT_EQ(one.by, "tessera");
  EXPECT_EQ(one.threads, 2);
  EXPECT_GT(one.minimum, 0);
  EXPECT_GT(one.first, 0);
  EXPECT_EQ(one.repetitions, static_cast<int>(one.samples.size()));
  EXPECT_EQ(found.workloads[1].timings.size(), 1u);  // tiny work has no use for threads
  EXPECT_EQ(found.workloads[2].name, "add_f32_1e7@1000");
  EXPECT_EQ(found.workloads[2].sweep, "add_f32_1e7");
  EXPECT_EQ(found.workloads[2].extent, 1000);
  EXPECT_EQ(found.workloads[2].bytes, 12000);
  EXPECT_FALSE(left_something());
}

TEST_F(run_of_tessera, adds_the_samples_of_its_rounds) {
  run_settings chosen = settings("^tiny_add$");
  chosen.repetitions = 2;
  chosen.rounds = 3;
  run measuring(chosen);
  measuring.measure();
  EXPECT_LE(read_results(chosen.out).workloads.at(0).timings.at(0).samples.size(), 6u);
  EXPECT_GE(read_results(chosen.out).workloads.at(0).timings.at(0).samples.size(), 3u);
}

TEST_F(run_of_tessera, takes_the_times_of_the_same_work_over) {
  run_settings chosen = settings("^cdist_euclidean_f32_d16(@2000)?$");
  run measuring(chosen);
  measuring.measure();
  const results found = read_results(chosen.out);
  ASSERT_EQ(found.workloads.size(), 2u);
  EXPECT_EQ(found.workloads[0].timings.at(0).samples, found.workloads[1].timings.at(0).samples);
  EXPECT_EQ(found.workloads[1].name, "cdist_euclidean_f32_d16@2000");
}

TEST_F(run_of_tessera, leaves_what_it_has_when_it_is_interrupted) {
  run_settings chosen = settings("^tiny_");
  const std::string out = "--out=" + chosen.out, temporary = "TMPDIR=" + folder_ + "/temporary";
  std::vector<std::string> command = {TESSERA_BENCH, "run",           "--filter=^tiny_", "--peers=none",
                                      "--no-limits", "--rounds=1000", "--budget=0.01",   out};
  const pid_t child = fork();
  if (child == 0) {
    std::vector<char*> arguments;
    for (std::string& word : command) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    freopen("/dev/null", "w", stdout);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  for (int tries = 0; tries < 600 && !fs::exists(chosen.out); ++tries) usleep(100'000);
  kill(child, SIGINT);
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 130);
  const results found = read_results(chosen.out);
  EXPECT_GE(found.workloads.size(), 1u);
  EXPECT_FALSE(left_something());
}

TEST_F(run_of_tessera, says_what_it_does_not_know) {
  run_settings chosen = settings("^nothing_has_this_name$");
  EXPECT_THAT([&] { run measuring(chosen); },
              testing::ThrowsMessage<std::runtime_error>("run: no workload matches --filter and --group"));
  chosen.chosen.peers = std::set<std::string>{"nunpy"};
  EXPECT_THAT([&] { run measuring(chosen); },
              testing::ThrowsMessage<std::runtime_error>("run: no workload has a statement for nunpy"));
  chosen = settings("^tiny_add$");
  chosen.out = "/nowhere/results.json";
  EXPECT_THAT([&] { run measuring(chosen); },
              testing::ThrowsMessage<std::runtime_error>("run: cannot write /nowhere/results.json"));
}

outcome with_samples(std::vector<double> samples) {
  outcome result;
  result.samples = std::move(samples);
  return result;
}

TEST(collection, has_quartiles_of_the_samples) {
  const timing one = summarized({"tessera", "cpu", 2}, with_samples({5, 1, 2, 4, 3}));
  EXPECT_EQ(one.minimum, 1);
  EXPECT_EQ(one.quartile1, 2);
  EXPECT_EQ(one.median, 3);
  EXPECT_EQ(one.quartile3, 4);
  EXPECT_EQ(one.repetitions, 5);
  EXPECT_THAT(one.samples, ElementsAre(5, 1, 2, 4, 3));
  EXPECT_EQ(summarized({"tessera", "cpu", 2}, with_samples({1, 2})).median, 1.5);
  EXPECT_TRUE(summarized({"numpy", "cpu", 1}, with_samples({1, 2})).samples.empty());
}

TEST(collection, keeps_errors_and_leaves_out_who_does_not_know_the_workload) {
  choice chosen;
  chosen.filter = "^tiny_add$";
  const std::vector<planned> plan = make_plan(list_work(TESSERA_WORKLOADS, false), chosen, {"numpy", "torch", "eigen"});
  collection all(plan);
  outcome wrong, unknown;
  wrong.error = "element 0 is 1 instead of 2";
  unknown.known = false;
  all.add(0, {"tessera", "cpu", 1}, with_samples({1}));
  all.add(0, {"numpy", "cpu", 1}, wrong);
  all.add(0, {"eigen", "cpu", 1}, unknown);
  const std::vector<measured> rows = all.workloads({});
  ASSERT_EQ(rows.size(), 1u);
  ASSERT_EQ(rows[0].timings.size(), 2u);
  EXPECT_EQ(rows[0].timings[0].by, "tessera");
  EXPECT_EQ(rows[0].timings[1].error, "element 0 is 1 instead of 2");
  EXPECT_EQ(rows[0].timings[1].median, 0);
  all.add(0, {"numpy", "cpu", 1}, with_samples({3}));  // right in another round
  EXPECT_EQ(all.workloads({})[0].timings[1].error, "element 0 is 1 instead of 2");
  EXPECT_EQ(all.workloads({})[0].timings[1].median, 0);
}

TEST(progress, is_a_line_of_the_terminals_width) {
  const progress_state half = {12, 57, "sort_f32_1e7", "torch, 2 threads", 271, 271};
  EXPECT_EQ(progress_line(half, 200),
            "[############------------] 12/57  4:31, 4:31 left  sort_f32_1e7: torch, 2 threads");
  EXPECT_EQ(progress_line(half, 40), "[############------------] 12/57  4:31, ");
  EXPECT_EQ(clock_time(0), "0:00");
  EXPECT_EQ(clock_time(59.6), "1:00");
  EXPECT_EQ(clock_time(3725), "1:02:05");
}

TEST(progress, estimates_by_library_and_group) {
  estimate seconds(0.5);
  const contender numpy = {"numpy", "cpu", 1}, torch = {"torch", "cpu", 1};
  EXPECT_EQ(seconds.of(numpy, "sort"), 0.5);
  seconds.done(numpy, "sort", 4);
  seconds.done(numpy, "sort", 6);
  seconds.done(numpy, "tiny", 2);
  EXPECT_EQ(seconds.of(numpy, "sort"), 5);
  EXPECT_EQ(seconds.of(numpy, "einsum"), 4);
  EXPECT_EQ(seconds.of(torch, "einsum"), 4);
}

timing took(const std::string& by, int threads, double median) {
  timing result;
  result.by = by;
  result.threads = threads;
  result.median = median;
  return result;
}

TEST(summary, says_for_each_place_how_groups_stand) {
  results all;
  measured first, second, lonely;
  first.group = second.group = "elementwise";
  lonely.group = "files";
  first.timings = {took("tessera", 1, 1), took("tessera", 2, 1), took("numpy", 1, 4), took("torch", 2, 0.5)};
  second.timings = {took("tessera", 1, 2), took("tessera", 2, 1), took("numpy", 1, 2)};
  lonely.timings = {took("tessera", 1, 1)};
  all.workloads = {first, second, lonely};
  EXPECT_EQ(summary(all),
            "1 thread       workloads  best peer / tessera  tessera faster on\n"
            "elementwise            2                 2.00  1 of 2\n"
            "files                  1                    -  -\n"
            "all                    3                 2.00  1 of 2\n"
            "\n"
            "2 threads      workloads  best peer / tessera  tessera faster on\n"
            "elementwise            2                 1.00  1 of 2\n"
            "all                    2                 1.00  1 of 2\n");
}

}  // namespace
