// What a run of the benchmarks found, as its file keeps it: `tessera-bench run` writes it, `tessera-bench report` reads
// it.
//
// Seconds, bytes, operations; rates per second. A number that is not known is 0 and left out of the file.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "../cli/machine.hpp"

namespace bench {

/// How fast a device's memory is read, copied (bytes read and written), and c = a + s * b done, as bytes of all arrays
/// together grow; `streaming`: by stores that pass the caches.
struct bandwidth {
  std::string device = "cpu";
  int threads = 1;
  std::int64_t working_set = 0;  ///< bytes
  double read = 0, copy = 0, triad = 0, copy_streaming = 0, triad_streaming = 0;
};

/// Fused multiply-adds, counted as two operations.
struct peak {
  std::string device = "cpu";
  int threads = 1;
  double float32 = 0, float64 = 0;
};

/// What it takes to reach a GPU.
struct link {
  std::string device;
  double launch = 0;                      ///< seconds from a call to the end of an empty kernel's work
  double to_device = 0, from_device = 0;  ///< bytes a second
};

struct limits {
  std::vector<bandwidth> bandwidths;
  std::vector<peak> peaks;
  std::vector<link> links;
};

/// One library's times of one workload on one device with so many threads.
struct timing {
  std::string by;  ///< "tessera", "numpy", "eigen" …
  std::string device = "cpu";
  int threads = 1;
  std::string error;  ///< why there are no times: "element 3 is 1 instead of 2", "takes more than 45 s"
  double minimum = 0, median = 0, quartile1 = 0, quartile3 = 0;  ///< seconds of a call
  int repetitions = 0;
  std::vector<double> samples;  ///< seconds of a call, in the order they were taken; tessera's only
  double first = 0;             ///< seconds of the first call: kernels are compiled, memory is got
  double to_device = 0,
         from_device = 0;  ///< seconds of moving the operands there and the result back; not part of a call
  double of_limit = 0;     ///< the least time that the limits allow over the median
};

/// What a GPU would need at least, from counts of an emulated run. Never measured.
struct model {
  std::string gpu;  ///< "H100"
  std::int64_t launches = 0;
  double instructions = 0, bytes = 0;  ///< of all threads; moved between memory and caches at most
  double seconds = 0;                  ///< the roofline's
  std::string bound;                   ///< "memory", "issue", "float64", "launches" …
  std::string note;                    ///< how it was counted, where not at the workload's own size
};

/// One workload: its facts as in workloads.json, and who did it how fast.
struct measured {
  std::string name, group, formula, bound, traffic, flop_type;
  double bytes = 0, flops = 0, items = 0;
  std::string sweep;                        ///< of which workload this is another size; else empty
  std::int64_t extent = 0;                  ///< that size
  std::vector<std::string> expanded_peers;  ///< that take distances from a matrix product: faster, and less exact
  std::vector<timing> timings;
  std::vector<model> models;
};

struct results {
  tessera_cli::machine machine;
  std::map<std::string, std::string> versions;  ///< "tessera", "compiler", and each peer's
  std::map<std::string, std::string> absent;    ///< peers that were asked for and are not there, and why
  std::string commit, date;                     ///< "1282e02", with "+" where files differ; "2026-11-30T18:00:00Z"
  std::string kind;                             ///< "quick" or "full"
  double seconds = 0;                           ///< that the run took
  double load = 0;                              ///< load average before it
  limits measured_limits;
  std::vector<measured> workloads;
};

/// The present time, as results::date has it.
std::string date_now();

/// Throw std::runtime_error naming the file, and what in it is wrong.
results read_results(const std::string& path);
void write_results(const results& all, const std::string& path);

}  // namespace bench
