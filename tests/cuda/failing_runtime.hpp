// A CUDA runtime that fails when it is told to, and counts what it is asked for: between the module and the real or emulated one.
//
// The program that is linked with it exports the runtime's functions, which the loader finds before the runtime's own. Each
// goes on to the runtime unless it is to fail.
#pragma once
#include <string>
#include <vector>

namespace failing_runtime {

/// The functions that can be made to fail: all that the module may use, which tests/cuda/faults.sh compares with the module.
const std::vector<std::string>& functions();
/// How often a function was called since reset_counts().
long calls_of(const std::string& function);
void reset_counts();

struct failure {
  std::string function;
  long call = 1;          // the how many-th from here on; 0: each
  int status = 999;       // a cudaError_t
  bool for_good = false;  // as after a fault: every later call of whatever function gives `status` too
};
/// One at a time; replaces the one before. Functions that free do what they are asked for, and then fail.
void fail(const failure& f);
void fail_no_more();
/// Whether the failure has happened.
bool has_failed();
/// Devices say that they have no stream-ordered memory pools.
void hide_memory_pools();

/// What was made and not given back.
struct live_objects {
  long device_blocks, host_blocks, events, streams, pools, libraries;
};
live_objects alive();

}  // namespace failing_runtime
