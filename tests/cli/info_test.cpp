// tessera info, help and --version, and what is said of wrong calls.
#include <gmock/gmock.h>
#include <tessera/tessera.hpp>

#include <nlohmann/json.hpp>

#include "command.hpp"

namespace {

using command_test::result;
using command_test::run;
using testing::HasSubstr;
using testing::StartsWith;

TEST(command, says_its_version) {
  const result said = run("--version");
  EXPECT_EQ(said.out, "tessera " + tessera::version() + "\n");
  EXPECT_EQ(said.err, "");
  EXPECT_EQ(said.code, 0);
}

TEST(command, without_arguments_is_a_wrong_call) {
  const result said = run("");
  EXPECT_EQ(said.code, 2);
  EXPECT_EQ(said.out, "");
  EXPECT_EQ(said.err, run("help").out);
}

TEST(command, help_lists_the_commands_and_help_of_one_its_options) {
  EXPECT_THAT(run("help").out, HasSubstr("\n  info "));
  EXPECT_EQ(run("--help").out, run("help").out);
  const result said = run("help info");
  EXPECT_EQ(said.code, 0);
  EXPECT_THAT(said.out, HasSubstr("Usage: tessera info "));
  EXPECT_THAT(said.out, HasSubstr("--json"));
  EXPECT_EQ(run("info --help").out, said.out);
}

TEST(command, names_what_it_does_not_know) {
  EXPECT_EQ(run("ifno").err, "tessera: there is no command 'ifno'; `tessera help` lists them\n");
  EXPECT_EQ(run("ifno").code, 2);
  EXPECT_EQ(run("help ifno").err, "tessera: there is no command 'ifno'; `tessera help` lists them\n");
  const result said = run("info --jsno");
  EXPECT_EQ(said.code, 2);
  EXPECT_EQ(said.out, "");
  EXPECT_EQ(said.err,
            "tessera: The following argument was not expected: --jsno\n`tessera help info` lists the options\n");
}

TEST(command, that_cannot_write_says_so) {
  const int status = std::system(TESSERA_TEST_COMMAND " info >/dev/full 2>/dev/null");
  EXPECT_EQ(WEXITSTATUS(status), 1);
}

TEST(info, has_the_sections_that_a_question_needs) {
  const result said = run("info");
  EXPECT_EQ(said.code, 0);
  EXPECT_EQ(said.err, "");
  EXPECT_THAT(said.out, StartsWith("tessera " + tessera::version() + "\n  built with "));
  for (const char* part : {"\nBackends\n  cpu ", "\n  cuda ", "\nDevices\n  cpu ", "\nMachine\n  processor ",
                           "\n  caches ", "\nEnvironment\n", "\n  kernel cache ", "  SIMD ", "  threads "})
    EXPECT_THAT(said.out, HasSubstr(part));
  EXPECT_THAT(said.out, testing::Not(HasSubstr("\033"))) << "no terminal, no bold letters";
}

TEST(info, keeps_to_80_columns_but_for_long_words) {
  std::istringstream lines(run("info").out);
  for (std::string line; std::getline(lines, line);) {
    if (line.find('/') == std::string::npos) {
      EXPECT_LE(line.size(), 80u) << line;
    }
  }
}

TEST(info, as_json_is_what_the_library_says) {
  const nlohmann::json said = nlohmann::json::parse(run("info --json").out);
  EXPECT_EQ(said["version"], tessera::version());
  EXPECT_EQ(said["simd"]["in_use"], tessera::simd().in_use);
  EXPECT_EQ(said["build"]["compiler"], tessera::built_with().compiler);
  EXPECT_EQ(said["backends"].size(), tessera::backends().size());
  EXPECT_EQ(said["devices"].size(), tessera::devices().size());
  EXPECT_EQ(said["devices"][0]["device"], "cpu");
  EXPECT_GT(said["machine"]["memory"], 0);
}

TEST(info, tells_of_the_environment) {
  ::setenv("TESSERA_NUM_THREADS", "3", 1);
  ::setenv("TESSERA_CACHE_DIR", "/nowhere/kernels", 1);
  const nlohmann::json said = nlohmann::json::parse(run("info --json").out);
  const std::string text = run("info").out;
  ::setenv("TESSERA_CUDA_CACHE", "0", 1);
  const std::string without = run("info").out;
  for (const char* name : {"TESSERA_NUM_THREADS", "TESSERA_CACHE_DIR", "TESSERA_CUDA_CACHE"}) ::unsetenv(name);
  EXPECT_EQ(said["threads"], 3);
  EXPECT_EQ(said["environment"]["TESSERA_NUM_THREADS"], "3");
  EXPECT_TRUE(said["environment"]["TESSERA_CUDA_JIT"].is_null());
  EXPECT_EQ(said["kernel_cache"]["folder"], "/nowhere/kernels");
  EXPECT_THAT(text, HasSubstr("\n  TESSERA_NUM_THREADS     3\n"));
  EXPECT_THAT(text, HasSubstr("\n  kernel cache    /nowhere/kernels, 0 files, 0 B\n"));
  EXPECT_THAT(without, HasSubstr("\n  kernel cache    none: "));
}

}  // namespace
