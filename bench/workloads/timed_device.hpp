// The device whose work is timed.
#pragma once
#include <tessera/tessera.hpp>

#include <cstdint>
#include <string>

#include "workload.hpp"

namespace benchmark {
class State;
}

namespace bench {

class timed_device {
 public:
  /// Makes "cpu", "cuda", "cuda:1" … the default device. `peak`: bytes a second of its memory, 0: as known. Throws device_error
  /// when it is not there, std::runtime_error for another name.
  timed_device(const std::string& name, double peak);
  bool is_host() const { return on_ == tessera::cpu(); }
  /// Runs between two waits: enough for a GPU's wait to be small beside them.
  int runs_at_once() const { return is_host() || is_emulated_ ? 1 : 16; }
  /// Runs the statement once, and keeps the result from being optimised away.
  static void run(const entry& statement, const operands& in);
  /// Runs it while `state` asks for more, waiting after every `runs`.
  void repeat(benchmark::State& state, const entry& statement, const operands& in, std::int64_t runs) const;
  /// Until all work is done.
  void wait() const;
  double peak() const { return peak_; }
  /// "cuda:0, NVIDIA H100 80GB HBM3, 3.35e+12 bytes/s"
  std::string text() const;

 private:
  tessera::device on_;
  std::string name_;
  bool is_emulated_ = false;
  double peak_ = 0;
};

}  // namespace bench
