// The loop of a run: one workload after the other, on each the competitors one after the other.
#include "run.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "../limits/limits.hpp"
#include "../report/text.hpp"

namespace bench {
namespace {

using nlohmann::json;
using clock = std::chrono::steady_clock;

double seconds_since(clock::time_point begin) { return std::chrono::duration<double>(clock::now() - begin).count(); }

/// Of the sources, with "+" where files differ; empty where they are no repository.
std::string commit_of(const std::string& folder) {
  try {
    process git({"git", "-C", folder, "describe", "--always", "--dirty=+", "--exclude=*"}, own_environment(),
                "/dev/null");
    return git.read_line(20);
  } catch (const process_error&) {
    return "";
  }
}

std::string text_of(const contender& who) { return who.by + ", " + place_text(who.device, who.threads); }

}  // namespace

run::run(run_settings settings) : settings_(std::move(settings)), seconds_(settings_.budget + 0.3) {
  const std::vector<work> all = list_work(settings_.workloads, settings_.chosen.quick);
  std::set<std::string> wanted = peers_of(all);
  if (settings_.chosen.peers) {
    for (const std::string& peer : *settings_.chosen.peers) {
      if (!wanted.contains(peer)) throw std::runtime_error("run: no workload has a statement for " + peer);
    }
    wanted = *settings_.chosen.peers;
  }
  peers_ = find_peers(wanted, settings_.pythons, settings_.worker, settings_.executables);
  std::set<std::string> at_hand;
  for (const auto& [peer, commands] : peers_.commands) at_hand.insert(peer);
  plan_ = make_plan(all, settings_.chosen, at_hand);
  if (plan_.empty()) throw std::runtime_error("run: no workload matches --filter and --group");
  // Not after minutes.
  if (!std::ofstream(settings_.out + ".part")) throw std::runtime_error("run: cannot write " + settings_.out);
  std::filesystem::remove(settings_.out + ".part");
  collected_ = std::make_unique<collection>(plan_);
}

void run::measure() {
  begin_ = written_ = clock::now();
  describe();
  try {
    if (!settings_.without_limits) measure_the_limits();
    start_competitors();
    for (int round = 0; round < settings_.rounds; ++round) {
      for (std::size_t k = 0; k < plan_.size(); ++k) measure_workload(k, round);
    }
  } catch (...) {
    progress_.clear();
    if (!found_.workloads.empty()) write();
    throw;
  }
  progress_.clear();
  write();
}

void run::describe() {
  getloadavg(&found_.load, 1);
  found_.machine = tessera_cli::describe_machine();
  found_.versions = {{"tessera", tessera::version()}, {"compiler", tessera::built_with().compiler}};
  found_.absent = peers_.missing;
  found_.commit = commit_of(TESSERA_SOURCES);
  found_.date = date_now();
  found_.kind = settings_.chosen.quick ? "quick" : "full";
}

void run::measure_the_limits() {
  limit_options options = settings_.chosen.quick ? quick_limits() : limit_options{};
  options.emulated = settings_.chosen.emulated;
  options.progress = [this, all = options.seconds](double part) {
    interruptible::check();
    const double left = all * (1 - part) + remaining(0, 0, 0);
    progress_.show({0, plan_.size(), "limits of the machine", "", seconds_since(begin_), left});
  };
  found_.measured_limits = measure_limits(options);
}

std::vector<launch> run::launches(const contender& who) const {
  const std::string threads = std::to_string(who.threads);
  const std::vector<std::string> variables = environment_of(who, own_environment(), folder_.path());
  if (who.by == "tessera") return {{{settings_.self, "worker", who.device}, variables}};
  std::vector<launch> result;
  for (std::vector<std::string> command : peers_.commands.at(who.by)) {
    command.push_back(threads);
    command.push_back(who.device);
    result.push_back({command, variables});
  }
  return result;
}

/// All at once: most of their start is reading files and waiting.
void run::start_competitors() {
  for (const planned& one : plan_) {
    if (one.same_as) continue;
    for (const contender& who : one.by) {
      auto& made = competitors_[who];
      if (made) continue;
      const std::string log = folder_.path() + "/" + std::to_string(competitors_.size()) + ".log";
      made = std::make_unique<competitor>(who, launches(who), settings_.time_outs, log);
      made->start();
    }
  }
  for (auto& [who, made] : competitors_) {
    progress_.show({0, plan_.size(), "starting", text_of(who), seconds_since(begin_), remaining(0, 0, 0)});
    if (made->ready()) found_.versions[who.by] = made->version();
    else found_.absent[who.device == "cpu" ? who.by : who.by + " on " + who.device] = made->missing();
  }
}

double run::remaining(std::size_t number, int round, std::size_t place) const {
  const auto of = [this](const planned& one, std::size_t begin) {
    double sum = 0;
    for (std::size_t k = begin; k < one.by.size() && !one.same_as; ++k) {
      const auto found = competitors_.find(one.by[k]);
      const bool missing = found != competitors_.end() && !found->second->missing().empty();
      if (!missing) sum += seconds_.of(one.by[k], one.what.row.at("group"));
    }
    return sum;
  };
  double sum = of(plan_[number], place);
  for (std::size_t k = number + 1; k < plan_.size(); ++k) sum += of(plan_[k], 0);
  if (round + 1 < settings_.rounds) {
    for (const planned& one : plan_) sum += of(one, 0) * (settings_.rounds - round - 1);
  }
  return sum;
}

void run::show(std::size_t number, int round, std::size_t place, const std::string& competitor) {
  const std::size_t rounds = static_cast<std::size_t>(settings_.rounds);
  progress_.show({static_cast<std::size_t>(round) * plan_.size() + number + 1, plan_.size() * rounds,
                  plan_[number].what.name, competitor, seconds_since(begin_), remaining(number, round, place)});
}

json run::request(const planned& one, const expectation& expected, std::map<std::string, std::string> inputs) const {
  return {{"workload", one.what.row},   {"inputs", std::move(inputs)}, {"indices", expected.indices()},
          {"budget", settings_.budget}, {"cap", settings_.cap},        {"repetitions", settings_.repetitions}};
}

void run::measure_workload(std::size_t number, int round) {
  const planned& one = plan_[number];
  if (one.same_as || one.by.empty()) return;
  show(number, round, 0, "");
  const facts what = read_facts(one.what.row);
  std::unique_ptr<expectation> expected;
  json asked;
  {
    const operands arrays(what);
    expected = std::make_unique<expectation>(what, *find_entry(what), arrays);
    asked = request(one, *expected, files_.of(one.what, arrays));
  }
  for (std::size_t k = 0; k < one.by.size(); ++k) {
    const contender& who = one.by[(k + static_cast<std::size_t>(round)) % one.by.size()];
    competitor& other = *competitors_.at(who);
    if (!other.missing().empty() && !other.ready()) continue;
    interruptible::check();
    show(number, round, k, text_of(who));
    const auto begin = clock::now();
    // Six samples of each side are what a test of two runs needs to tell them apart, among hundreds of workloads.
    asked["least"] = who.by == "tessera" ? 6 : 3;
    collected_->add(number, who, other.compete(asked, *expected));
    seconds_.done(who, what.group, seconds_since(begin));
  }
  if (found_.workloads.empty() || seconds_since(written_) > 10) write();
}

void run::write() {
  found_.seconds = seconds_since(begin_);
  found_.workloads = collected_->workloads(found_.measured_limits);
  const std::string part = settings_.out + ".part";  // the file is whole at any time
  write_results(found_, part);
  std::filesystem::rename(part, settings_.out);
  written_ = clock::now();
}

std::vector<std::string> run::problems() const {
  std::vector<std::string> result;
  for (const measured& work : found_.workloads) {
    for (const timing& each : work.timings) {
      if (!each.error.empty()) {
        result.push_back(work.name + ": " + text_of({each.by, each.device, each.threads}) + ": " + each.error);
      }
    }
  }
  return result;
}

}  // namespace bench
