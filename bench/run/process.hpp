// A program that is started, spoken to a line at a time with time-outs, and killed with its children when it is done
// with.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// What went wrong with a process: "ended with code 3: Segmentation fault", "no answer in 45 s".
struct process_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// The user wants the run to end.
struct interrupted : std::runtime_error {
  interrupted() : std::runtime_error("interrupted") {}
};

/// From here on, SIGINT, SIGTERM and SIGHUP end waits by `interrupted`; SIGPIPE is ignored. Restored when the object
/// goes.
class interruptible {
 public:
  interruptible();
  interruptible(const interruptible&) = delete;
  interruptible& operator=(const interruptible&) = delete;
  ~interruptible();
  /// Throws if a signal came.
  static void check();

 private:
  struct sigaction before_[4];
};

class process {
 public:
  /// `environment`: "NAME=VALUE". `log`: a file that gets its stderr. Whether the program is there shows when it is
  /// spoken to.
  process(const std::vector<std::string>& command, const std::vector<std::string>& environment, std::string log);
  process(const process&) = delete;
  process& operator=(const process&) = delete;
  ~process();

  void write_line(std::string_view line, double seconds);
  std::string read_line(double seconds);

 private:
  using deadline = std::chrono::steady_clock::time_point;
  void wait_for(int file, short events, deadline end, double seconds) const;
  [[noreturn]] void report_end();

  pid_t child_ = -1;
  int to_ = -1, from_ = -1;
  std::string log_, received_;
};

}  // namespace bench
