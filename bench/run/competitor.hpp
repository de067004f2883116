// One who competes in a run: a process that answers requests, a line of JSON each way.
//
//   it       {"ready": NAME, "version": "2.4.6", "threads": 2, "device": "cpu"}   or {"missing": why}, and it ends
//   we       {"workload": a row of workloads.json, "inputs": {"a": "a.npy"}, "indices": [0, 7],
//             "budget": 0.1, "cap": 0.7, "least": 3, "repetitions": 30}
//   it       {"shape": [10], "values": [result at the indices], "first": seconds of the first call}   or {"error": why}
//   we       {"go": true}: the values are right;   {"go": false}: the next line is another request
//   it       {"samples": [seconds of a call, …], "batch": calls a sample}                             or {"error": why}
//
// The times of everybody are taken by one rule. The first call is no sample, and the second, a warm-up, is one only if it takes
// longer than `cap`: then it is the only one. (A first call of three caps is the only one too.) Short calls are repeated so that a
// sample lasts half a millisecond. Samples are taken for `budget` seconds, then up to `least` of them for at most `cap` seconds;
// never more than `repetitions`.
//
// An error "unknown" means that it does not have this workload. tessera's own also says "dtype", and on a GPU "to_device" and
// "from_device".
#pragma once
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "plan.hpp"
#include "process.hpp"

namespace bench {

/// How a competitor's process is started.
struct launch {
  std::vector<std::string> command, environment;
};

struct time_limits {
  double start = 120, first = 45, timing = 45;  ///< seconds: until it is ready, for a first call, for the samples
};

/// What came of one request.
struct outcome {
  bool known = true;  ///< false: it does not have this workload
  std::string error;
  std::vector<double> samples;
  double first = 0, to_device = 0, from_device = 0;
};

class competitor {
 public:
  /// `launches`: tried one after the other until one is not missing. `log`: a file for what they say on stderr.
  competitor(contender who, std::vector<launch> launches, time_limits limits, std::string log);
  const contender& who() const { return who_; }

  /// Starts the process, if it does not run; returns at once.
  void start();
  /// Waits until it is ready; false: it cannot be had, missing() says why.
  bool ready();
  const std::string& missing() const { return missing_; }
  const std::string& version() const { return version_; }

  /// Asks, has the answer judged, and asks for the times. A process that dies, hangs or breaks the protocol is killed, and
  /// another is started for the next request.
  outcome compete(const nlohmann::json& request, const expectation& expected);
  void stop();

 private:
  outcome ask(const nlohmann::json& request, const expectation& expected);
  nlohmann::json answer(double seconds);

  contender who_;
  std::vector<launch> launches_;
  time_limits limits_;
  std::string log_, missing_, version_;
  std::unique_ptr<process> running_;
  bool is_ready_ = false;
};

}  // namespace bench
