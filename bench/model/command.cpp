// tessera-bench model: what GPUs would need at least for each workload, from counts of emulated runs. Nothing is timed.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <mutex>
#include <regex>
#include <thread>

#include "command_line.hpp"
#include "commands.hpp"
#include "model/model.hpp"
#include "run/collect.hpp"

namespace bench {
namespace {

struct settings {
  std::string file, filter, workloads = TESSERA_WORKLOADS;
  emulator on;
  double seconds = 3;
  int jobs = 2;
  bool only_new = false;
};

/// A result file of this machine with every workload of the list and no times.
results without_any_times(const std::string& workloads) {
  results result;
  result.machine = tessera_cli::describe_machine();
  result.kind = "modelled";
  result.date = date_now();
  for (const work& one : list_work(workloads, false)) {
    if (one.sweep.empty()) result.workloads.push_back(without_times(one));
  }
  return result;
}

/// Models for the workloads of the file that the filter lets through, several at a time; the file is written after each.
class modelling {
 public:
  modelling(const settings& chosen, results& all, const std::vector<facts>& known)
      : chosen_(chosen), all_(all), known_(known) {
    const std::regex names(chosen.filter);
    for (std::size_t i = 0; i < all.workloads.size(); ++i) {
      const measured& row = all.workloads[i];
      // Files are read and written by the host; sizes of a sweep are those of the workload.
      if (row.sweep.empty() && row.group != "files" && std::regex_search(row.name, names) &&
          (row.models.empty() || !chosen.only_new))
        wanted_.push_back(i);
    }
  }

  void run() {
    std::vector<std::jthread> threads;
    for (int k = 0; k < chosen_.jobs; ++k) {
      threads.emplace_back([this] {
        for (std::size_t i = next_++; i < wanted_.size(); i = next_++) one(all_.workloads[wanted_[i]]);
      });
    }
  }

 private:
  void one(measured& row) {
    const auto work =
        std::find_if(known_.begin(), known_.end(), [&](const facts& each) { return each.name == row.name; });
    if (work == known_.end()) return;
    std::string said;
    std::vector<model> models;
    const auto begin = std::chrono::steady_clock::now();
    try {
      const counted_workload counted = count_workload(chosen_.on, *work, chosen_.seconds);
      models = models_of(counted, work->bytes);
      said = models.empty() ? "launches nothing"
                            : fmt::format("{} launches, {:.3g} instructions, {}: {:.3g} us, {}{}{}", models[0].launches,
                                          models[0].instructions, models[0].gpu, models[0].seconds * 1e6,
                                          models[0].bound, models[0].note.empty() ? "" : "; ", models[0].note);
    } catch (const std::exception& error) {
      said = fmt::format("left out: {}", error.what());
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    const std::scoped_lock lock(mutex_);
    row.models = std::move(models);
    write_results(all_, chosen_.file);
    fmt::print("{:3}/{}  {:5.1f} s  {}: {}\n", ++done_, wanted_.size(), seconds.count(), row.name, said);
    std::fflush(stdout);
  }

  const settings& chosen_;
  results& all_;
  const std::vector<facts>& known_;
  std::vector<std::size_t> wanted_;
  std::atomic<std::size_t> next_ = 0;
  std::mutex mutex_;
  int done_ = 0;
};

}  // namespace

int model_command(int argc, char** argv) {
  settings chosen;
  CLI::App app(
      "What known GPUs need at least for each workload, from what its kernels do on an emulated GPU.\n"
      "Adds it to a result file, whose times stay, or begins a file without times.",
      "tessera-bench model");
  app.add_option("FILE", chosen.file, "the result file")->required();
  app.add_option("--emulator", chosen.on.folder, "folder of a CUDA emulator; without it nothing is counted")
      ->check(CLI::ExistingDirectory);
  app.add_option("--filter", chosen.filter, "only workloads whose name this regular expression matches");
  app.add_option("--seconds", chosen.seconds, "of the processor: what takes longer is scaled from smaller sizes")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_flag("--new", chosen.only_new, "only workloads that have no model yet");
  app.add_option("--jobs", chosen.jobs, "emulators at a time")->capture_default_str()->check(CLI::Range(1, 64));
  if (const auto code = answered(app, argc, argv)) return *code;

  const std::vector<facts> known = read_workloads(chosen.workloads);
  results all = std::filesystem::exists(chosen.file) ? read_results(chosen.file) : without_any_times(chosen.workloads);
  if (!chosen.on.folder.empty()) {
    chosen.on.folder = std::filesystem::absolute(chosen.on.folder).string();
    chosen.on.program = std::filesystem::read_symlink("/proc/self/exe").string();
    modelling(chosen, all, known).run();
  }
  return 0;
}

}  // namespace bench
