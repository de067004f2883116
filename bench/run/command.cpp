// `tessera-bench run`: options, and what is printed.
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <thread>

#include "command_line.hpp"
#include "commands.hpp"
#include "run.hpp"
#include "summary.hpp"

namespace bench {
namespace {

struct arguments {
  run_settings settings;
  std::vector<std::string> groups, peers, pythons, devices;
  double time_out = 45;
  bool list = false;
};

void declare(CLI::App& app, arguments& to) {
  run_settings& s = to.settings;
  app.add_flag("--quick", s.chosen.quick, "a representative part, in less than two minutes");
  app.add_option("--out", s.out, "the result file")->capture_default_str();
  app.add_option("--filter", s.chosen.filter, "only workloads whose name this regular expression matches");
  app.add_option("--group", to.groups, "only workloads of these groups: elementwise, sort …")->delimiter(',');
  app.add_option("--peers", to.peers, "only these libraries beside tessera, or none")->delimiter(',');
  app.add_option("--threads", s.chosen.threads,
                 "numbers of threads; else 1, all, and for tessera powers of two between")
      ->delimiter(',')
      ->check(CLI::Range(1, 1024));
  app.add_option("--device", to.devices, "only these devices: cpu, cuda:0 …; else all")->delimiter(',');
  app.add_option(
      "--python", to.pythons,
      "interpreters to look for libraries in; else $TESSERA_BENCH_PYTHON (separated by ':'), else venv beside "
      "this program, else python3");
  app.add_option("--rounds", s.rounds, "measure everything so many times")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  app.add_option("--budget", s.budget, "seconds of timing for each library and workload; else 0.1, quick 0.05")
      ->check(within(1e-3, 3600));
  app.add_option("--time-out", to.time_out, "seconds until a library that does not answer is stopped")
      ->capture_default_str()
      ->check(within(1, 86400));
  app.add_option("--workloads", s.workloads, "another workloads.json");
  app.add_flag("--no-limits", s.without_limits, "do not measure what the machine allows");
  app.add_flag("--emulated", s.chosen.emulated, "emulated GPUs too; figures of them do not mean anything");
  app.add_flag("--list", to.list, "print what would be done, and do nothing");
}

/// Devices to run on: those asked for, else all, without emulated ones unless they are. Throws device_error.
std::vector<std::string> devices(const arguments& from) {
  std::vector<std::string> result;
  if (!from.devices.empty()) {
    for (const std::string& name : from.devices) {
      tessera::properties(tessera::device(name));  // is it there?
      result.push_back(tessera::device(name).name());
    }
    return result;
  }
  for (const tessera::device& each : tessera::devices()) {
    if (!tessera_cli::is_emulated(tessera::properties(each).name) || from.settings.chosen.emulated)
      result.push_back(each.name());
  }
  return result;
}

void complete(arguments& given, const CLI::App& app) {
  run_settings& s = given.settings;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe");
  s.self = self.string();
  s.executables = self.parent_path().string();
  s.worker = TESSERA_SOURCES "/bench/peers/worker.py";
  s.pythons = interpreters(given.pythons, s.executables + "/venv");
  s.chosen.cores = tessera::num_threads();
  s.chosen.groups = {given.groups.begin(), given.groups.end()};
  s.chosen.devices = devices(given);
  s.time_outs.first = s.time_outs.timing = given.time_out;
  if (app.count("--peers")) {
    s.chosen.peers = std::set<std::string>(given.peers.begin(), given.peers.end());
    s.chosen.peers->erase("none");
  }
  if (s.chosen.quick) {
    if (!app.count("--budget")) s.budget = 0.05;
    s.cap = 0.35;
    if (!app.count("--time-out")) s.time_outs.first = s.time_outs.timing = 15;
  }
}

void print_plan(const run& planned_run) {
  for (const planned& one : planned_run.plan()) {
    std::cout << one.what.name << ':';
    for (const contender& who : one.by) {
      std::cout << ' ' << who.by << '/' << (who.device == "cpu" ? std::to_string(who.threads) : who.device);
    }
    if (one.same_as) std::cout << " as " << planned_run.plan()[*one.same_as].what.name;
    std::cout << '\n';
  }
}

int print_results(const run& done, const std::string& out, bool is_whole) {
  if (!is_whole && done.found().workloads.empty()) {
    std::cout << "interrupted before a workload was measured: nothing is written" << std::endl;
    return 130;
  }
  for (const std::string& problem : done.problems()) std::cout << "left out: " << problem << '\n';
  for (const auto& [peer, why] : done.found().absent) std::cout << "absent: " << peer << ": " << why << '\n';
  std::cout << '\n' << summary(done.found()) << '\n';
  if (!is_whole) std::cout << "interrupted: what was measured until then ";
  else
    std::cout << clock_time(done.found().seconds) << " for " << done.found().workloads.size()
              << " workloads: the result ";
  std::cout << "is in " << out << "\n  tessera-bench report " << out << " --html "
            << std::filesystem::path(out).replace_extension(".html").string() << std::endl;
  if (!is_whole) return 130;
  for (const measured& work : done.found().workloads) {
    for (const timing& each : work.timings) {
      if (each.by == "tessera" && !each.error.empty()) return 1;
    }
  }
  return 0;
}

}  // namespace

int run_command(int argc, char** argv) {
  CLI::App app("Times tessera and the libraries that are installed on the same work, and writes a result file.",
               "tessera-bench run");
  arguments given;
  given.settings.out = "bench-results.json";
  given.settings.workloads = TESSERA_WORKLOADS;
  declare(app, given);
  if (const auto code = answered(app, argc, argv)) return *code;
  complete(given, app);
  const interruptible while_here;
  try {
    run measuring(given.settings);
    if (given.list) {
      print_plan(measuring);
      return 0;
    }
    bool is_whole = true;
    try {
      measuring.measure();
    } catch (const interrupted&) {
      is_whole = false;
    }
    return print_results(measuring, given.settings.out, is_whole);
  } catch (const interrupted& error) {
    std::cerr << "tessera-bench run: " << error.what() << '\n';
    return 130;
  }
}

}  // namespace bench
