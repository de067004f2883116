// tessera-bench: a subcommand (`tessera-bench help` lists them), or without one the workloads of workloads.json timed with Google
// Benchmark, each after its result was checked once.
//
//   tessera-bench [--benchmark_filter=REGEX] [--benchmark_format=json] …   any option of Google Benchmark
//   tessera-bench --check[=REGEX]                                          only check the results
//   tessera-bench --missing                                                list the workloads that cannot be done yet
//   --device=NAME   where the operands lie and the work is done: cpu, cuda, cuda:1 …
//   --peak=BYTES    what the device's memory moves a second, for the column of_peak; of some GPUs it is known
//   --workloads=FILE                                                       another workloads.json
//
// A GPU's work is waited for after every few runs, so that starting kernels overlaps with running them, as in a program.
// TESSERA_NUM_THREADS sets the number of threads, as for every program that uses the library.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "commands.hpp"
#include "timed_device.hpp"
#include "workload.hpp"

namespace {

struct subcommand {
  std::string_view name;
  int (*run)(int argc, char** argv);
  const char* does;
};
const std::vector<subcommand> subcommands = {
    {"run", bench::run_command, "times tessera and other libraries on the same work, and writes a result file"},
    {"worker", bench::worker_command, "tessera's part of a run, which starts it"},
    {"limits", bench::limits_command, "measures what this machine can do at best"},
    {"model", bench::model_command, "says what GPUs would need at least, from counts of emulated runs"},
    {"count", bench::count_command, "runs one statement on a GPU, for `model`"},
    {"report", bench::report_command, "writes what a run found as a page, as Markdown or in short as JSON"},
    {"compare", bench::compare_command, "says what became faster or slower between two runs"},
};

using bench::entry;
using bench::facts;
using bench::operands;

struct workload {
  facts what;
  const entry* how;
};

struct options {
  std::string workloads = TESSERA_WORKLOADS;
  std::string check, device = "cpu";
  double peak = 0;
  bool missing = false, json = false;
};

bool some_result_is_wrong = false;

/// The arrays of one workload at a time: Google Benchmark calls its function once for every repetition and estimate.
const operands& prepared(const workload& work, std::string& problem) {
  static const workload* current = nullptr;
  static std::unique_ptr<operands> in;
  static std::string found;
  if (current != &work) {
    current = nullptr;
    in.reset();  // the old arrays go before new ones come
    in = std::make_unique<operands>(work.what);
    found = difference(work.what, *work.how, *in);
    current = &work;
  }
  problem = found;
  return *in;
}

/// Seconds that a run takes.
double timed(benchmark::State& state, const workload& work, const operands& in, const bench::timed_device& on) {
  using clock = std::chrono::steady_clock;
  on.wait();
  const auto begin = clock::now();
  on.repeat(state, *work.how, in, on.runs_at_once());
  return std::chrono::duration<double>(clock::now() - begin).count() / static_cast<double>(state.iterations());
}

void time_workload(benchmark::State& state, const workload& work, const bench::timed_device& on) {
  double seconds;
  try {
    std::string problem;
    const operands& in = prepared(work, problem);
    if (!problem.empty()) throw std::runtime_error(problem);
    seconds = timed(state, work, in, on);
  } catch (const std::exception& error) {
    some_result_is_wrong = true;
    state.SkipWithError(error.what());
    return;
  }
  const auto rate = [&](const char* name, double amount) {  // printed as "bytes=12.3G/s"
    if (amount > 0) state.counters[name] = benchmark::Counter(amount, benchmark::Counter::kIsIterationInvariantRate);
  };
  rate("bytes", work.what.bytes);
  rate("flops", work.what.flops);
  rate("items", work.what.items);
  if (on.peak() > 0 && work.what.bytes > 0) state.counters["of_peak"] = work.what.bytes / seconds / on.peak();
}

int check_workloads(const std::vector<workload>& all, const std::string& names) {
  int passed = 0, failed = 0;
  for (const workload& work : all) {
    if (!work.how || !std::regex_search(work.what.name, std::regex(names))) continue;
    std::string problem;
    try {
      prepared(work, problem);
    } catch (const std::exception& error) {
      problem = error.what();
    }
    ++(problem.empty() ? passed : failed);
    if (!problem.empty()) std::cout << work.what.name << ": " << problem << std::endl;
  }
  std::cout << passed << " right, " << failed << " wrong\n";
  return failed > 0 || passed == 0;
}

void list_missing(const std::vector<workload>& all) {
  int count = 0;
  for (const workload& work : all) {
    if (work.how) continue;
    ++count;
    std::printf("%-12s %-32s %s\n", work.what.group.c_str(), work.what.name.c_str(), work.what.formula.c_str());
  }
  std::printf("%d of %zu workloads are missing\n", count, all.size());
}

/// Takes our own options out of the arguments and adds defaults to Google Benchmark's.
options parse(std::vector<char*>& arguments) {
  options result;
  std::vector<char*> rest = {arguments.front()};
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    char* argument = arguments[i];
    const std::string_view text = argument;
    if (text == "--device" && i + 1 < arguments.size()) result.device = arguments[++i];
    else if (text.starts_with("--device=")) result.device = text.substr(9);
    else if (text.starts_with("--peak=")) result.peak = std::stod(std::string(text.substr(7)));
    else if (text == "--missing") result.missing = true;
    else if (text == "--check") result.check = ".";
    else if (text.starts_with("--check=")) result.check = text.substr(8);
    else if (text.starts_with("--workloads=")) result.workloads = text.substr(12);
    else rest.push_back(argument);
    result.json = result.json || text == "--benchmark_format=json";
  }
  // A reader of the JSON takes the best of the repetitions, as the peers report their best of up to 30. Later options win.
  static std::string defaults[] = {result.json ? "--benchmark_min_time=0.001" : "--benchmark_min_time=0.3",
                                   result.json ? "--benchmark_repetitions=20" : "--benchmark_repetitions=1"};
  rest.insert(rest.begin() + 1, {defaults[0].data(), defaults[1].data()});
  arguments = rest;
  return result;
}

int list_subcommands() {
  std::puts(
      "usage: tessera-bench SUBCOMMAND … (--help lists its options)\n"
      "       tessera-bench [--check | --missing | --benchmark_…] …\n");
  for (const subcommand& each : subcommands) std::printf("  %-8s %s\n", each.name.data(), each.does);
  return 0;
}

int time_with_google_benchmark(int argc, char** argv) {
  std::vector<char*> arguments(argv, argv + argc);
  const options chosen = parse(arguments);
  std::vector<workload> all;
  for (facts& what : bench::read_workloads(chosen.workloads)) {
    const entry* how = find_entry(what);
    all.push_back({std::move(what), how});
  }
  if (chosen.missing) {
    list_missing(all);
    return 0;
  }
  std::optional<bench::timed_device> on;
  try {
    on.emplace(chosen.device, chosen.peak);
  } catch (const tessera::device_error& error) {
    std::cerr << "tessera-bench: nothing was timed: " << error.what() << '\n';
    return std::getenv("TESSERA_TEST_NEEDS_CUDA") ? 2 : 77;  // 77: skipped
  }
  if (!chosen.check.empty()) return check_workloads(all, chosen.check);

  for (const workload& work : all) {
    if (!work.how) continue;
    const bool brief = work.what.bound == "latency" || work.what.bytes < 1e5;
    auto* registered =
        benchmark::RegisterBenchmark(work.what.name.c_str(), [&](auto& state) { time_workload(state, work, *on); });
    registered->UseRealTime()->Unit(brief ? benchmark::kNanosecond : benchmark::kMicrosecond);
    if (chosen.json && work.what.flops > 1e9) registered->Repetitions(3);  // seconds each
  }
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 2;
  const char* threads = std::getenv("TESSERA_NUM_THREADS");
  benchmark::AddCustomContext("TESSERA_NUM_THREADS", threads ? threads : "not set: all cores");
  benchmark::AddCustomContext("device", on->text());
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return some_result_is_wrong;
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string_view word = argc > 1 ? argv[1] : "";
  for (const subcommand& each : subcommands) {
    if (word == each.name) return each.run(argc - 1, argv + 1);
  }
  return word == "help" ? list_subcommands() : time_with_google_benchmark(argc, argv);
} catch (const std::exception& error) {
  std::cerr << "tessera-bench: " << error.what() << '\n';
  return 2;
}
