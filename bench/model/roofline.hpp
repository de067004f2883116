// What a GPU needs at least for kernels whose instructions and bytes were counted. No measurement enters.
#pragma once
#include <nlohmann/json_fwd.hpp>

#include <span>
#include <string>

namespace bench {

/// What the kernels of a statement did: PTX instructions of all threads by class, 32-byte sectors that warps ask for.
struct counts {
  double launches = 0, instructions = 0;
  double float32 = 0, float64 = 0, integer = 0, special = 0, load_store = 0;
  double shared_passes = 0;  ///< lanes of requests to shared memory, and of repetitions for bank conflicts
  double sectors = 0;        ///< read and written
  double library_calls = 0;  ///< of the launches: products that cuBLAS computes, whose instructions are not known
};

/// From the emulator's file of statistics.
counts read_counts(const nlohmann::json& statistics);

/// Adds cuBLAS's calls from what the emulator prints, their operations as multiply-adds of one class.
void add_library_calls(const std::string& printed, bool of_float64, counts& total);

/// The value at the full size, where one unit of `size` stands for it: `larger` and `smaller` were counted at two shares of it.
counts scaled(const counts& larger, double size_of_larger, const counts& smaller, double size_of_smaller);

/// Per clock and multiprocessor: lanes that take an instruction of a class, sectors that the L1 cache delivers.
struct gpu_rates {
  const char* name;
  double processors, clock, memory;  ///< memory: bytes a second
  double issue, float32, float64, integer, special, load_store, sectors;
};
std::span<const gpu_rates> known_gpus();

/// Seconds from one launch to the next at least; assumed, not measured.
constexpr double launch_seconds = 3e-6;

/// The time that a GPU needs at least.
struct gpu_time {
  double seconds = 0;
  std::string bound;  ///< "memory", "launches", "issue" …: which part needs that long
};

/// Where each of `least_bytes` comes from memory once.
gpu_time least_time(const gpu_rates& gpu, const counts& total, double least_bytes);

}  // namespace bench
