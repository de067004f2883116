// One run: its settings, and the loop over workloads and competitors.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "../results.hpp"
#include "collect.hpp"
#include "input_files.hpp"
#include "peers.hpp"
#include "progress.hpp"
#include "temporary_folder.hpp"

namespace bench {

struct run_settings {
  choice chosen;
  std::string workloads;  ///< the file that lists them
  std::string out;        ///< the result file
  std::string self;       ///< tessera-bench, for workers
  std::string worker;     ///< peers/worker.py
  std::vector<std::string> pythons;
  std::string executables;  ///< the folder of C++ peers
  int rounds = 1, repetitions = 30;
  double budget = 0.1, cap = 0.7;
  time_limits time_outs;
  bool without_limits = false;
};

class run {
 public:
  explicit run(run_settings settings);
  /// Measures, and writes the result file every few seconds: an interrupted run leaves what it has. Throws interrupted.
  void measure();
  const std::vector<planned>& plan() const { return plan_; }
  const results& found() const { return found_; }
  /// Lines "sort_f32_1e7: numpy, 1 thread: no answer in 45 s".
  std::vector<std::string> problems() const;

 private:
  void describe();
  void measure_the_limits();
  void start_competitors();
  void measure_workload(std::size_t number, int round);
  void write();
  void show(std::size_t number, int round, std::size_t place, const std::string& competitor);
  double remaining(std::size_t number, int round, std::size_t place) const;
  std::vector<launch> launches(const contender& who) const;
  nlohmann::json request(const planned& one, const expectation& expected,
                         std::map<std::string, std::string> inputs) const;

  run_settings settings_;
  temporary_folder folder_;
  input_files files_{folder_.path()};
  peers_found peers_;
  std::vector<planned> plan_;
  results found_;
  std::unique_ptr<collection> collected_;
  std::map<contender, std::unique_ptr<competitor>> competitors_;
  estimate seconds_;
  progress progress_;
  std::chrono::steady_clock::time_point begin_, written_;
};

}  // namespace bench
