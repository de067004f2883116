// The tessera side of a run: answers the requests of `tessera-bench run` on one device. TESSERA_NUM_THREADS sets the
// threads.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "timed_device.hpp"
#include "workload.hpp"

namespace bench {
namespace {

using nlohmann::json;

double seconds_of(const auto& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// Keeps the time of each repetition; prints nothing.
class collecting_reporter : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.error_occurred) throw std::runtime_error(run.error_message);
      if (run.run_type == Run::RT_Iteration) {
        samples.push_back(run.real_accumulated_time / static_cast<double>(run.iterations));
      }
    }
  }
  std::vector<double> samples;
};

/// One workload on this device.
class subject {
 public:
  subject(const json& request, const timed_device& on)
      : request_(request), on_(on), work_(read_facts(request.at("workload"))) {
    how_ = find_entry(work_);
    if (how_) in_ = std::make_unique<operands>(work_);
  }
  bool is_known() const { return how_ != nullptr; }

  /// Calls it once.
  json first_answer() {
    array result;
    on_.wait();
    first_ = seconds_of([&] {
      result = how_->run(*in_);
      on_.wait();
    });
    const array host = result.to(tessera::cpu());
    std::vector<double> values;
    for (const std::int64_t i : request_.at("indices").get<std::vector<std::int64_t>>()) {
      if (i < host.size()) values.push_back(element_at(host, i));
    }
    json said = {{"shape", std::vector<std::int64_t>(host.shape().begin(), host.shape().end())},
                 {"values", values},
                 {"dtype", result.dtype().name()},
                 {"first", first_}};
    for (json& value : said["values"]) {
      if (!std::isfinite(value.get<double>())) value = nullptr;
    }
    if (!on_.is_host()) {
      said["to_device"] = seconds_of_operands();
      said["from_device"] = least_of_three([&] { result.to(tessera::cpu()); });
    }
    return said;
  }

  json times() {
    const double budget = request_.at("budget"), cap = request_.at("cap");
    if (first_ > 3 * cap) return {{"samples", {first_}}, {"batch", 1}};
    constexpr double least = 5e-4;  // seconds of a sample
    double once = call(1);
    if (once > cap) return {{"samples", {once}}, {"batch", 1}};
    if (once < 5e-3) at_once_ = on_.runs_at_once();
    std::int64_t batch = batch_for(least, once);
    once = call(batch) / static_cast<double>(batch);  // the first of a batch is slower than the others
    batch = batch_for(least, once);
    const double each = once * static_cast<double>(batch);
    const double few = std::min(request_.at("least").get<double>(), std::ceil(cap / each));
    const double wanted = std::max(std::ceil(budget / each), few);
    const int repetitions = static_cast<int>(std::min(wanted, request_.at("repetitions").get<double>()));
    return {{"samples", samples(batch, repetitions)}, {"batch", batch}};
  }

 private:
  std::int64_t batch_for(double seconds, double once) const {
    const auto runs = static_cast<std::int64_t>(std::ceil(seconds / std::max(once, 1e-9)));
    return (std::max(runs, std::int64_t{1}) + at_once_ - 1) / at_once_ * at_once_;
  }

  /// Seconds of so many runs. A GPU is waited for after every few, so that starting kernels overlaps with running them.
  double call(std::int64_t runs) const {
    return seconds_of([&] {
      for (std::int64_t k = 0; k < runs; ++k) {
        timed_device::run(*how_, *in_);
        if ((k + 1) % at_once_ == 0 || k + 1 == runs) on_.wait();
      }
    });
  }

  std::vector<double> samples(std::int64_t batch, int repetitions) const {
    benchmark::ClearRegisteredBenchmarks();
    benchmark::RegisterBenchmark("workload",
                                 [this](benchmark::State& state) { on_.repeat(state, *how_, *in_, at_once_); })
        ->Iterations(batch)
        ->Repetitions(repetitions)
        ->UseRealTime();
    collecting_reporter reporter;
    benchmark::RunSpecifiedBenchmarks(&reporter);
    return reporter.samples;
  }

  static double least_of_three(const auto& move) {
    double least = seconds_of(move);
    for (int k = 0; k < 2; ++k) least = std::min(least, seconds_of(move));
    return least;
  }

  /// Of moving all operands to the device.
  double seconds_of_operands() const {
    std::vector<array> hosts;
    for (const auto& [name, spec] : work_.inputs) {
      if (!spec.as_file) hosts.push_back(in_->named(name).to(tessera::cpu()));
    }
    return least_of_three([&] {
      std::vector<array> moved;
      for (const array& host : hosts) moved.push_back(host.to(tessera::default_device()));
      on_.wait();
    });
  }

  const json& request_;
  const timed_device& on_;
  facts work_;
  const entry* how_ = nullptr;
  std::unique_ptr<operands> in_;
  double first_ = 0;
  std::int64_t at_once_ = 1;  // runs of a GPU between two waits
};

void say(const json& line) { std::cout << line.dump() << std::endl; }

}  // namespace

int worker_command(int argc, char** argv) {
  const std::string device = argc > 1 ? argv[1] : "cpu";
  std::optional<timed_device> on;
  try {
    on.emplace(device, 0);
  } catch (const std::exception& error) {
    say({{"missing", error.what()}});
    return 0;
  }
  say({{"ready", "tessera"}, {"version", tessera::version()}, {"threads", tessera::num_threads()}, {"device", device}});
  for (std::string line; std::getline(std::cin, line);) {
    try {
      const json request = json::parse(line);
      subject asked(request, *on);
      if (!asked.is_known()) {
        say({{"error", "unknown"}});
        continue;
      }
      say(asked.first_answer());
      if (!std::getline(std::cin, line)) break;
      if (json::parse(line).at("go").get<bool>()) say(asked.times());
    } catch (const std::exception& error) {
      say({{"error", error.what()}});
    }
  }
  return 0;
}

}  // namespace bench
