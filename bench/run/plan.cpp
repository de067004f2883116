// Rows of workloads.json and of sweeps, and who competes in each.
#include "plan.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <regex>
#include <stdexcept>

namespace bench {
namespace {

using nlohmann::json;

double bytes_of_inputs(const json& row) {
  static const std::map<std::string, double> itemsizes = {{"bool", 1}, {"i8", 1},   {"i32", 4}, {"i64", 8},
                                                          {"f16", 2},  {"bf16", 2}, {"f32", 4}, {"f64", 8}};
  double bytes = 0;
  for (const json& in : row.at("inputs")) {
    double size = itemsizes.at(in.at("dtype"));
    for (const json& extent : in.at("shape")) size *= extent.get<double>();
    bytes += size;
  }
  return bytes;
}

/// Libraries whose functions use one thread; NumPy's matrix products are BLAS's, and what a row says is `threaded`.
bool is_serial(const std::string& peer, const json& row) {
  const std::string group = row.at("group");
  const bool products = group == "einsum" || group == "pairwise";
  if (row.at("bound") == "latency" || peer == "scipy") return true;
  const json threaded = row.value("threaded", json::array());
  if (std::find(threaded.begin(), threaded.end(), peer) != threaded.end()) return false;
  if (peer == "jax") return row.value("jax_eager", false);
  if (peer.starts_with("numpy") || peer == "eigen" || peer == "xtensor") return !products;
  return false;
}

std::vector<std::string> peers_of(const json& row) {
  std::vector<std::string> result;
  const json statements = row.value("peers", json::object());
  for (const auto& [name, statement] : statements.items()) result.push_back(name);
  for (const json& name : row.value("cpp", json::array())) result.push_back(name);
  return result;
}

/// What makes two rows the same work: all but what they are called.
std::string content(const work& one) {
  json row = one.row;
  for (const char* label : {"name", "group", "note", "quick", "bytes", "flops", "items"}) row.erase(label);
  return row.dump();
}

std::vector<contender> contenders(const work& one, const choice& chosen, const std::set<std::string>& at_hand) {
  if (!find_entry(read_facts(one.row))) return {};  // nobody could say what is right
  std::vector<contender> result;
  const bool tiny = one.row.at("bound") == "latency";
  const std::vector<int> ends = chosen.threads.empty() ? thread_counts(chosen.cores, false) : chosen.threads;
  const std::vector<int> all = chosen.threads.empty() && !chosen.quick ? thread_counts(chosen.cores, true) : ends;
  for (const std::string& device : chosen.devices) {
    if (device != "cpu") {
      result.push_back({"tessera", device, 1});
      continue;
    }
    for (int threads : all) {
      if (!tiny || threads == all.front()) result.push_back({"tessera", device, threads});
    }
  }
  for (const std::string& peer : peers_of(one.row)) {
    if (!at_hand.contains(peer) || (chosen.peers && !chosen.peers->contains(peer))) continue;
    for (const std::string& device : chosen.devices) {
      if (device != "cpu") {
        if ((peer == "torch" || peer == "jax") && !chosen.emulated) result.push_back({peer, device, 1});
        continue;
      }
      for (int threads : ends) {
        if (threads == ends.front() || !is_serial(peer, one.row)) result.push_back({peer, device, threads});
      }
    }
  }
  return result;
}

}  // namespace

std::set<std::string> peers_of(const std::vector<work>& all) {
  std::set<std::string> result;
  for (const work& one : all) {
    for (const std::string& peer : peers_of(one.row)) result.insert(peer);
  }
  return result;
}

json resized(const json& row, std::int64_t from, std::int64_t to, double bytes_power, double flops_power) {
  const double ratio = static_cast<double>(to) / static_cast<double>(from);
  const double result_bytes = row.at("bytes").get<double>() - bytes_of_inputs(row);
  json changed = row;
  for (json& in : changed.at("inputs")) {
    for (json& extent : in.at("shape")) {
      if (extent == from) extent = to;
    }
  }
  changed["bytes"] = std::round(bytes_of_inputs(changed) + result_bytes * std::pow(ratio, bytes_power));
  changed["flops"] = std::round(row.at("flops").get<double>() * std::pow(ratio, flops_power));
  if (row.contains("items"))
    changed["items"] = std::round(row.at("items").get<double>() * std::pow(ratio, bytes_power));
  return changed;
}

std::vector<work> list_work(const std::string& path, bool quick) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  const json document = json::parse(file);
  std::vector<work> result;
  std::map<std::string, json> rows;
  for (const json& row : document.at("workloads")) {
    rows[row.at("name")] = row;
    if (!quick || row.value("quick", false)) result.push_back({row.at("name"), "", 0, row});
  }
  for (const json& sweep : document.value("sweeps", json::array())) {
    const std::string of = sweep.at("of");
    const std::int64_t from = sweep.at("replace");
    for (const std::int64_t size :
         sweep.value(quick ? "quick" : "sizes", json::array()).get<std::vector<std::int64_t>>()) {
      json row = resized(rows.at(of), from, size, sweep.at("bytes_power"), sweep.at("flops_power"));
      result.push_back({of + "@" + std::to_string(size), of, size, std::move(row)});
    }
  }
  return result;
}

std::vector<int> thread_counts(int cores, bool between) {
  std::vector<int> result = {1};
  for (int threads = 2; between && threads < cores; threads *= 2) result.push_back(threads);
  if (cores > 1) result.push_back(cores);
  return result;
}

std::vector<planned> make_plan(const std::vector<work>& all, const choice& chosen,
                               const std::set<std::string>& at_hand) {
  const std::regex names(chosen.filter);
  std::map<std::string, std::size_t> seen;
  std::vector<planned> result;
  for (const work& one : all) {
    if (!chosen.groups.empty() && !chosen.groups.contains(one.row.at("group"))) continue;
    if (!std::regex_search(one.name, names)) continue;
    const auto [first, is_new] = seen.try_emplace(content(one), result.size());
    planned next = {one, contenders(one, chosen, at_hand), {}};
    if (!is_new) next.same_as = first->second;
    result.push_back(std::move(next));
  }
  return result;
}

}  // namespace bench
