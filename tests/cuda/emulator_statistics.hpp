// The emulator's statistics of a process that does one thing: a test program runs one of its own tests in another process.
#pragma once
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

/// Of the tests that `filter` names, which find `what` in the variable TESSERA_PROBE; null where no emulator runs them.
inline nlohmann::json statistics_of(const std::string& filter, const std::string& what) {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("tessera_" + std::to_string(getpid()) + ".json");
  const std::string self = std::filesystem::read_symlink("/proc/self/exe");
  const std::string command = "TESSERA_PROBE=" + what + " CUDAEMU_STATS='" + file.string() + "' '" + self +
                              "' --gtest_filter='" + filter + "' >/dev/null 2>&1";
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  nlohmann::json all;
  if (std::ifstream in(file); in) all = nlohmann::json::parse(in);
  std::filesystem::remove(file);
  return all;
}
