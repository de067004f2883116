// One run of `tessera-bench count` under the CUDA emulator.
#pragma once
#include <cstdint>
#include <map>
#include <string>

#include "model/roofline.hpp"

namespace bench {

struct emulator {
  std::string folder;   ///< with a program `run` that puts the emulated runtime in front
  std::string program;  ///< tessera-bench
};

struct counted {
  counts total;
  double seconds = 0;                            ///< of the processor, that the statement took
  std::map<std::int64_t, std::int64_t> extents;  ///< those that became others
};

/// Throws std::runtime_error with the last line that the run printed, or that it took more than `most` seconds of the
/// processor.
counted count_once(const emulator& on, const std::string& workload, bool of_float64, int halvings, double most);

}  // namespace bench
