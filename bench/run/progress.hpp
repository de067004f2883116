// How far a run is, on one line that is rewritten; where the output is no terminal, a line now and then.
#pragma once
#include <chrono>
#include <map>
#include <string>

#include "plan.hpp"

namespace bench {

/// Seconds that tasks take, learnt from those done: by competitor and group of workloads, else by competitor, else of
/// all.
class estimate {
 public:
  explicit estimate(double guess) : guess_(guess) {}
  void done(const contender& who, const std::string& group, double seconds);
  double of(const contender& who, const std::string& group) const;

 private:
  struct mean {
    double sum = 0;
    int count = 0;
  };
  double guess_;
  std::map<std::string, mean> means_;
};

struct progress_state {
  std::size_t workload = 0, workloads = 0;  ///< 1 to workloads
  std::string name, competitor;
  double elapsed = 0, remaining = 0;  ///< seconds
};

/// "[######----------] 12/57  4:31, 12:05 left  sort_f32_1e7: torch, 2 threads", at most `width` columns.
std::string progress_line(const progress_state& now, int width);
/// "12:05", "1:02:03"
std::string clock_time(double seconds);

class progress {
 public:
  progress();
  ~progress();
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;
  void show(const progress_state& now);
  /// Takes the line away, for other output to come.
  void clear();

 private:
  bool terminal_;
  std::string shown_;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace bench
