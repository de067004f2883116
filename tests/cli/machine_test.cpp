// What the command and the benchmarks say of the machine they run on.
#include "machine.hpp"

#include <gtest/gtest.h>
#include <sched.h>
#include <tessera/tessera.hpp>

#include <thread>

namespace {

TEST(machine, names_its_processor_memory_and_system) {
  const tessera_cli::machine here = tessera_cli::describe_machine();
  EXPECT_FALSE(here.cpu.empty());
  const std::size_t kernel = here.system.rfind("Linux ");
  ASSERT_NE(kernel, std::string::npos) << here.system;
  EXPECT_EQ(here.system.find_first_not_of("0123456789.", kernel + 6), std::string::npos) << here.system;
  EXPECT_EQ(here.memory, tessera::properties(tessera::cpu()).total_memory);
  EXPECT_EQ(here.simd, tessera::simd().in_use);
}

TEST(machine, has_caches_from_the_nearest_on) {
  int level = 1;
  for (const tessera_cli::cache& one : tessera_cli::describe_machine().caches) {
    EXPECT_GE(one.level, level);
    EXPECT_GT(one.bytes, 0);
    EXPECT_TRUE(one.kind == "data" || one.kind == "instruction" || one.kind == "unified") << one.kind;
    level = one.level;
  }
}

TEST(machine, counts_the_cores_that_the_process_may_use) {
  cpu_set_t before, one;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  EXPECT_EQ(tessera_cli::describe_machine().cores, CPU_COUNT(&before));
  int first = 0;
  while (!CPU_ISSET(first, &before)) ++first;
  CPU_ZERO(&one);
  CPU_SET(first, &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  EXPECT_EQ(tessera_cli::describe_machine().cores, 1);
  ASSERT_EQ(sched_setaffinity(0, sizeof before, &before), 0);
}

TEST(machine, lists_the_gpus_that_the_library_can_use) {
  const tessera_cli::machine here = tessera_cli::describe_machine();
  ASSERT_EQ(here.gpus.size() + 1, tessera::devices().size());
  for (const tessera_cli::gpu& one : here.gpus) {
    const tessera::device_properties known = tessera::properties(one.device);
    EXPECT_EQ(one.name, known.name);
    EXPECT_EQ(one.compute_capability, known.compute_capability);
    EXPECT_EQ(one.emulated, known.name.find("Emulated") != std::string::npos);
  }
}

}  // namespace
