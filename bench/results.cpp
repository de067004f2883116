// Reading and writing the file of a run.
#include "results.hpp"

#include <cmath>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

using nlohmann::json;

namespace tessera_cli {
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(cache, level, kind, bytes, cores)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(gpu, device, name, memory, processors, compute_capability, driver,
                                                emulated)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(machine, cpu, cores, memory, caches, simd, system, gpus)
}  // namespace tessera_cli

namespace bench {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(bandwidth, device, threads, working_set, read, copy, triad,
                                                copy_streaming, triad_streaming)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(peak, device, threads, float32, float64)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(link, device, launch, to_device, from_device)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(limits, bandwidths, peaks, links)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(timing, by, device, threads, error, minimum, median, quartile1,
                                                quartile3, repetitions, samples, first, to_device, from_device,
                                                of_limit)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(model, gpu, launches, instructions, bytes, seconds, bound, note)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(measured, name, group, formula, bound, traffic, flop_type, bytes, flops,
                                                items, sweep, extent, expanded_peers, timings, models)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(results, machine, versions, absent, commit, date, kind, seconds, load,
                                                measured_limits, workloads)

namespace {

constexpr int format = 1;

bool says_nothing(const json& value) {
  return value.is_null() || (value.is_number_float() && !std::isfinite(value.get<double>())) ||
         (value.is_number() && value == 0) || (value.is_boolean() && !value.get<bool>()) ||
         (!value.is_number() && !value.is_boolean() && value.empty()) ||
         (value.is_string() && value.get_ref<const std::string&>().empty());
}

/// Without what is 0 or empty, and with numbers of five digits: more are noise, and the file is kept in the repository.
void shorten(json& value) {
  if (value.is_number_float()) {
    char text[32];
    std::snprintf(text, sizeof text, "%.5g", value.get<double>());
    value = std::stod(text);
  } else if (value.is_object()) {
    for (auto at = value.begin(); at != value.end();) {
      shorten(*at);
      at = says_nothing(*at) ? value.erase(at) : std::next(at);
    }
  } else if (value.is_array()) {
    for (json& element : value) shorten(element);
  }
}

/// Texts without control characters, which would write to a terminal; throws where a number is no measurement.
void examine(json& value) {
  if (value.is_string()) {
    std::string& text = value.get_ref<std::string&>();
    for (std::size_t k = 0; k < text.size(); ++k) {
      const auto byte = static_cast<unsigned char>(text[k]);
      const bool of_c1 = byte == 0xc2 && k + 1 < text.size() && static_cast<unsigned char>(text[k + 1]) < 0xa0;
      if (byte < 0x20 || byte == 0x7f) text[k] = '?';
      if (of_c1) text.replace(k, 2, "?");
    }
  } else if (value.is_number() && !(value.get<double>() >= 0 && value.get<double>() < 1e30)) {
    throw std::runtime_error(value.dump() + " is no measurement");
  } else if (value.is_structured()) {
    for (json& each : value) examine(each);
  }
}

}  // namespace

std::string date_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts = {};
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &parts));
  return text;
}

results read_results(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  try {
    json document = json::parse(file);
    if (document.value("format", 0) != format) throw std::runtime_error("it is no result of tessera-bench run");
    examine(document);
    return document.get<results>();
  } catch (const std::exception& error) {
    throw std::runtime_error(path + ": " + error.what());
  }
}

void write_results(const results& all, const std::string& path) {
  json document = all;
  shorten(document);
  document["format"] = format;
  // A line for each timing, so that two runs can be compared as text.
  std::ofstream file(path);
  const json workloads = std::move(document["workloads"]);
  document.erase("workloads");
  std::string head = document.dump(1);
  head.resize(head.rfind('\n'));
  file << head << ",\n \"workloads\": [";
  const char* between = "\n";
  for (json work : workloads) {
    const json timings = work.value("timings", json::array());
    work.erase("timings");
    std::string line = work.dump();
    line.pop_back();
    file << between << "  " << line << ", \"timings\": [";
    for (std::size_t k = 0; k < timings.size(); ++k) file << (k ? ",\n   " : "\n   ") << timings[k].dump();
    file << "]}";
    between = ",\n";
  }
  file << "\n ]\n}\n";
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
}

}  // namespace bench
