// Competitors of a run that behave well and badly: wrong results are never timed, and none can stop a run.
#include "run/competitor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "run/peers.hpp"

namespace {

using namespace bench;
using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

const json& row() {
  static const json found = [] {
    for (const work& one : list_work(TESSERA_WORKLOADS, false)) {
      if (one.name == "tiny_add") return one.row;
    }
    return json();
  }();
  return found;
}

const expectation& expected() {
  static const facts what = read_facts(row());
  static const operands in(what);
  static const expectation made(what, *find_entry(what), in);
  return made;
}

launch script(const std::string& mode) {
  json values = json::array();
  for (int k = 0; k < 10; ++k) values.push_back(expected().whole().element(k));
  return {{"/bin/sh", TESSERA_TEST_DATA "/../bench/competitor.sh", mode, values.dump()}, own_environment()};
}

competitor acting(const std::string& mode) {
  return competitor({mode, "cpu", 1}, {script(mode)}, {60, 60, 60}, testing::TempDir() + "competitor.log");
}

/// One that waits need not be waited for.
competitor waiting(const std::string& mode) {
  return competitor({mode, "cpu", 1}, {script(mode)}, {60, 0.2, 0.2}, testing::TempDir() + "competitor.log");
}

outcome asked(competitor&& who) { return who.compete({{"workload", row()}}, expected()); }

TEST(competitor, that_is_right_is_timed) {
  competitor who = acting("honest");
  const outcome found = who.compete({{"workload", row()}}, expected());
  EXPECT_EQ(found.error, "");
  EXPECT_THAT(found.samples, ElementsAre(0.25, 0.5));
  EXPECT_EQ(found.first, 0.5);
  EXPECT_EQ(who.version(), "1.2");
  EXPECT_THAT(who.compete({{"workload", row()}}, expected()).samples, ElementsAre(0.25, 0.5));
}

TEST(competitor, that_is_wrong_is_not_timed) {
  const outcome found = asked(acting("lies"));
  EXPECT_THAT(found.error, StartsWith("element 0 is 0.000000 instead of "));
  EXPECT_TRUE(found.samples.empty());
  EXPECT_THAT(asked(acting("not_finite")).error, StartsWith("element 0 is nan instead of "));
  EXPECT_EQ(asked(acting("bends")).error, "shape (5, 2) instead of (10,)");
  EXPECT_EQ(asked(acting("forgets")).error, "1 elements instead of 10");
}

TEST(competitor, that_is_wrong_is_asked_again) {
  competitor who = acting("lies");
  who.compete({{"workload", row()}}, expected());
  EXPECT_THAT(who.compete({{"workload", row()}}, expected()).error, StartsWith("element 0"));
}

TEST(competitor, says_what_it_cannot_do) {
  EXPECT_FALSE(asked(acting("unknown")).known);
  const outcome found = asked(acting("fails"));
  EXPECT_TRUE(found.known);
  EXPECT_EQ(found.error, "MemoryError: too much");
}

TEST(competitor, that_dies_is_said_to_with_its_last_words) {
  EXPECT_EQ(asked(acting("dies")).error, "ended with code 7: it hurts");
  EXPECT_EQ(asked(acting("is_killed")).error, "ended by signal Killed");
  EXPECT_EQ(asked(acting("dies_later")).error, "ended with code 0");
}

TEST(competitor, that_hangs_is_stopped) {
  EXPECT_EQ(asked(waiting("hangs")).error, "no answer in 0.2 s");
  EXPECT_EQ(asked(waiting("hangs_later")).error, "no answer in 0.2 s");
}

TEST(competitor, that_talks_nonsense_is_stopped) {
  EXPECT_EQ(asked(acting("babbles")).error, "said \"Warning: this is no JSON\", which is no answer");
  EXPECT_THAT(asked(acting("omits")).error, StartsWith("an answer that cannot be read: "));
  EXPECT_EQ(asked(acting("no_times")).error, "said \"{\"batch\":1,\"samples\":[]}\", which are no times");
  EXPECT_THAT(asked(acting("negative")).error, HasSubstr("which are no times"));
}

TEST(competitor, that_failed_is_started_for_the_next_workload) {
  for (const char* mode : {"dies", "babbles", "no_times"}) {
    competitor who = acting(mode);
    const std::string first = who.compete({{"workload", row()}}, expected()).error;
    EXPECT_EQ(who.compete({{"workload", row()}}, expected()).error, first) << mode;
    EXPECT_EQ(who.missing(), "") << mode;
  }
}

TEST(competitor, that_is_not_there_says_why_and_the_next_way_to_start_it_is_tried) {
  competitor missing = acting("missing");
  EXPECT_FALSE(missing.ready());
  EXPECT_EQ(missing.missing(), "no module of that name");
  competitor broken = acting("broken");
  EXPECT_FALSE(broken.ready());
  EXPECT_EQ(broken.missing(), "does not start: ended with code 3: a library is not there");
  EXPECT_EQ(broken.compete({{"workload", row()}}, expected()).error, broken.missing());
  const launch nothing = {{"/nowhere/tessera-peer"}, {}};
  competitor second({"x", "cpu", 1}, {nothing, script("missing"), script("honest")}, {60, 60, 60},
                    testing::TempDir() + "competitor.log");
  EXPECT_TRUE(second.ready());
  EXPECT_EQ(second.compete({{"workload", row()}}, expected()).error, "");
}

/// False too for one that is dead and not yet taken away by the system.
bool is_running(pid_t id) {
  std::ifstream file("/proc/" + std::to_string(id) + "/stat");
  std::string text;
  return std::getline(file, text) && text[text.rfind(')') + 2] != 'Z';
}

TEST(process, takes_its_children_along) {
  pid_t child;
  {
    process parent({"/bin/sh", "-c", "sleep 1000 & echo $!; wait"}, own_environment(), "/dev/null");
    child = std::stoi(parent.read_line(60));
    ASSERT_TRUE(is_running(child));
  }
  for (int tries = 0; tries < 600 && is_running(child); ++tries) usleep(100'000);
  EXPECT_FALSE(is_running(child));
}

TEST(process, that_does_not_read_is_not_waited_for) {
  process deaf({"/bin/sh", "-c", "sleep 1000"}, own_environment(), "/dev/null");
  EXPECT_THROW(deaf.write_line(std::string(1 << 20, ' '), 0.2), process_error);
}

TEST(process, is_left_when_a_signal_comes) {
  const interruptible while_here;
  process silent({"/bin/sh", "-c", "sleep 1000"}, own_environment(), "/dev/null");
  raise(SIGINT);
  EXPECT_THROW(silent.read_line(60), interrupted);
}

TEST(environment, sets_the_threads_of_every_library) {
  const std::vector<std::string> variables =
      environment_of({"torch", "cpu", 3}, {"HOME=/h", "OMP_NUM_THREADS=9", "LD_PRELOAD=x.so", "TMPDIR=/t"}, "/f");
  EXPECT_THAT(variables, testing::IsSupersetOf({"HOME=/h", "OMP_NUM_THREADS=3", "OPENBLAS_NUM_THREADS=3",
                                                "MKL_NUM_THREADS=3", "NUMEXPR_NUM_THREADS=3", "TESSERA_NUM_THREADS=3",
                                                "CUDA_VISIBLE_DEVICES=", "TMPDIR=/f", "TESSERA_CACHE_DIR=/f/kernels"}));
  EXPECT_THAT(variables, testing::Not(testing::Contains(testing::AnyOf("OMP_NUM_THREADS=9", "TMPDIR=/t"))));
  EXPECT_THAT(variables, testing::Not(testing::Contains(StartsWith("LD_PRELOAD"))));
}

TEST(environment, leaves_a_gpu_to_who_is_to_use_it) {
  EXPECT_THAT(environment_of({"torch", "cuda:0", 1}, {"CUDA_VISIBLE_DEVICES=1"}, "/f"),
              testing::Contains("CUDA_VISIBLE_DEVICES=1"));
}

TEST(peers, are_looked_for_in_interpreters_and_beside_the_program) {
  const peers_found found = find_peers({"numpy", "eigen"}, {"/nowhere/python"}, "worker.py", "/nowhere");
  EXPECT_TRUE(found.commands.empty());
  EXPECT_EQ(found.missing.at("eigen"), "tessera-peer-eigen was not built");
  EXPECT_THAT(found.missing.at("numpy"),
              StartsWith("install it with ./dev bench --peers; not found by /nowhere/python (ended with code 127"));
}

}  // namespace
