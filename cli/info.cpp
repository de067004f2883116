// tessera info: the library, its instruction sets, threads, backends, devices; the machine; the environment.
#include <fmt/format.h>
#include <tessera/build.hpp>
#include <tessera/device.hpp>
#include <tessera/threads.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "core/kernel_cache_folder.hpp"
#include "machine.hpp"
#include "terminal.hpp"

namespace tessera_cli {
namespace {

using json = nlohmann::ordered_json;

constexpr const char* variables[] = {
    "TESSERA_NUM_THREADS", "TESSERA_DEVICE",         "TESSERA_EXPLAIN",   "TESSERA_CACHE_DIR", "TESSERA_CUDA_CACHE",
    "TESSERA_CUDA_MODULE", "TESSERA_CUDA_LIBRARIES", "TESSERA_CUDA_SYNC", "TESSERA_CUDA_JIT",  "CUDA_VISIBLE_DEVICES"};

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

struct cache_contents {
  std::int64_t files = 0, bytes = 0;
};
cache_contents contents_of(const std::string& folder) {
  cache_contents found;
  std::error_code failed;
  for (std::filesystem::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
    const std::uintmax_t bytes = at->file_size(failed);
    if (failed) break;
    ++found.files;
    found.bytes += static_cast<std::int64_t>(bytes);
  }
  return found;
}

// ---- As JSON

json build_as_json() {
  const tessera::build_info built = tessera::built_with();
  json dependencies = json::array();
  for (const tessera::build_dependency& one : built.dependencies) {
    json each = {{"name", one.name}, {"version", one.version}};
    if (!one.file.empty()) each["file"] = one.file;
    dependencies.push_back(each);
  }
  return {{"compiler", built.compiler},
          {"build_type", built.build_type},
          {"processor", built.processor},
          {"sanitizers", built.sanitizers},
          {"cuda", built.cuda},
          {"shared", built.shared},
          {"assertions", built.assertions},
          {"dependencies", dependencies}};
}

json devices_as_json() {
  json all = json::array();
  for (const tessera::device& device : tessera::devices()) {
    const tessera::device_properties found = tessera::properties(device);
    all.push_back({{"device", device.name()},
                   {"name", found.name},
                   {"total_memory", found.total_memory},
                   {"free_memory", found.free_memory},
                   {"processors", found.processors},
                   {"compute_capability", found.compute_capability}});
  }
  return all;
}

json machine_as_json(const machine& here) {
  json caches = json::array(), gpus = json::array();
  for (const cache& one : here.caches)
    caches.push_back({{"level", one.level}, {"kind", one.kind}, {"bytes", one.bytes}, {"cores", one.cores}});
  for (const gpu& one : here.gpus)
    gpus.push_back({{"device", one.device}, {"name", one.name}, {"driver", one.driver}, {"emulated", one.emulated}});
  return {{"cpu", here.cpu},       {"cores", here.cores}, {"memory", here.memory},
          {"system", here.system}, {"caches", caches},    {"gpus", gpus}};
}

json info_as_json() {
  const tessera::simd_info simd = tessera::simd();
  json backends = json::array(), environment = json::object();
  for (const tessera::backend_info& one : tessera::backends())
    backends.push_back(
        {{"name", one.name}, {"available", one.available}, {"devices", one.devices}, {"detail", one.detail}});
  for (const char* name : variables) environment[name] = std::getenv(name) == nullptr ? json() : json(variable(name));
  const std::string folder = tessera::detail::kernel_cache_folder();
  const cache_contents kept = contents_of(folder);
  return {{"version", tessera::version()},
          {"build", build_as_json()},
          {"simd", {{"compiled", simd.compiled}, {"usable", simd.usable}, {"in_use", simd.in_use}}},
          {"threads", tessera::num_threads()},
          {"backends", backends},
          {"devices", devices_as_json()},
          {"machine", machine_as_json(describe_machine())},
          {"environment", environment},
          {"kernel_cache", {{"folder", folder}, {"files", kept.files}, {"bytes", kept.bytes}}}};
}

// ---- As text

void line(std::string_view label, std::string_view text) {
  fmt::print("{}", labelled(fmt::format("  {}", label), text, 18));
}
void title(std::string_view text) { fmt::print("\n{}\n", bold(text)); }

void print_library() {
  const tessera::build_info built = tessera::built_with();
  fmt::print("{}\n", bold("tessera " + tessera::version()));
  line("built with", fmt::format("{}, {}{}{}, a {} library for {}", built.compiler, built.build_type,
                                 built.assertions ? ", assertions" : "",
                                 built.sanitizers.empty() ? "" : ", sanitizers " + built.sanitizers,
                                 built.shared ? "shared" : "static", built.processor));
  line("CUDA module", built.cuda.empty() ? "not built along" : "built with CUDA " + built.cuda);
  std::string others;
  for (const tessera::build_dependency& one : built.dependencies) {
    if (!one.file.empty()) continue;
    others += fmt::format("{}{}{}", others.empty() ? "" : ", ", one.name, one.version.empty() ? "" : " " + one.version);
  }
  line("libraries", others);
  for (const tessera::build_dependency& one : built.dependencies) {
    if (!one.file.empty())
      line(one.name, fmt::format("{}{}{}", one.version, one.version.empty() ? "" : ", ", one.file));
  }
  const tessera::simd_info simd = tessera::simd();
  line("SIMD", fmt::format("{} in use; usable here {}; compiled {}", simd.in_use, fmt::join(simd.usable, ", "),
                           fmt::join(simd.compiled, ", ")));
  line("threads", std::to_string(tessera::num_threads()));
}

void print_devices(const machine& here) {
  title("Backends");
  for (const tessera::backend_info& one : tessera::backends()) {
    line(one.name, one.available ? fmt::format("{} device{}: {}", one.devices, one.devices == 1 ? "" : "s", one.detail)
                                 : "cannot be used: " + one.detail);
  }
  title("Devices");
  for (const tessera::device& device : tessera::devices()) {
    const tessera::device_properties found = tessera::properties(device);
    std::string text = fmt::format("{}, {} of {} free", found.name, bytes_text(static_cast<double>(found.free_memory)),
                                   bytes_text(static_cast<double>(found.total_memory)));
    for (const gpu& one : here.gpus) {
      if (one.device != device.name()) continue;
      text += fmt::format(", {} multiprocessors, compute capability {}.{}", one.processors, one.compute_capability / 10,
                          one.compute_capability % 10);
      if (one.emulated) text += ", emulated: no time of it means anything";
      else if (!one.driver.empty()) text += ", driver " + one.driver;
    }
    line(device.name(), text);
  }
}

void print_machine(const machine& here) {
  title("Machine");
  line("processor", fmt::format("{}, {} core{} for this process", here.cpu, here.cores, here.cores == 1 ? "" : "s"));
  line("memory", bytes_text(static_cast<double>(here.memory)));
  std::string caches;
  for (const cache& one : here.caches) {
    caches += fmt::format("{}L{} {}{}{}", caches.empty() ? "" : ", ", one.level,
                          one.kind == "unified" ? "" : one.kind + " ", bytes_text(static_cast<double>(one.bytes)),
                          one.cores > 1 ? fmt::format(" for {} cores", one.cores) : "");
  }
  line("caches", caches.empty() ? "not known" : caches);
  line("system", here.system);
}

void print_environment() {
  title("Environment");
  int set = 0;
  for (const char* name : variables) {
    if (std::getenv(name) == nullptr) continue;
    fmt::print("{}", labelled(fmt::format("  {}", name), variable(name), 26));
    ++set;
  }
  if (set == 0) fmt::print("  no variable of the library is set\n");
  const std::string folder = tessera::detail::kernel_cache_folder();
  const cache_contents kept = contents_of(folder);
  line("kernel cache", folder.empty() ? "none: kernels of GPUs are compiled anew in each process"
                                      : fmt::format("{}, {} file{}, {}", folder, kept.files, kept.files == 1 ? "" : "s",
                                                    bytes_text(static_cast<double>(kept.bytes))));
}

}  // namespace

void print_info(const info_options& options) {
  if (options.json) {
    fmt::print("{}\n", info_as_json().dump(2, ' ', true, json::error_handler_t::replace));
    return;
  }
  const machine here = describe_machine();
  print_library();
  print_devices(here);
  print_machine(here);
  print_environment();
}

}  // namespace tessera_cli
