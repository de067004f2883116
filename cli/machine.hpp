// What a machine is made of, as `tessera info` and the benchmarks' results say it.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace tessera_cli {

struct cache {
  int level = 0;
  std::string kind;        ///< "data", "instruction", "unified"
  std::int64_t bytes = 0;  ///< of one
  int cores = 0;           ///< that share it
};

struct gpu {
  std::string device;  ///< "cuda:0"
  std::string name;
  std::int64_t memory = 0;  ///< bytes
  int processors = 0;
  int compute_capability = 0;  ///< 75, 80, 90 …
  std::string driver;          ///< "580.65.06, CUDA 13.0"; empty when it is not known
  bool emulated = false;
};

struct machine {
  std::string cpu;            ///< "AMD EPYC (family 25, model 1)"
  int cores = 0;              ///< hardware threads that this process may run on
  std::int64_t memory = 0;    ///< bytes
  std::vector<cache> caches;  ///< of the first core, nearest first
  std::string simd;           ///< "AVX2": what the library's kernels run as
  std::string system;         ///< "Debian GNU/Linux 12 (bookworm), Linux 6.1.0"
  std::vector<gpu> gpus;
};

/// What the emulated runtime calls its devices.
inline bool is_emulated(const std::string& gpu_name) { return gpu_name.find("Emulated") != std::string::npos; }

/// Reads what the system says of itself; what it does not say stays empty or 0.
machine describe_machine();

}  // namespace tessera_cli
