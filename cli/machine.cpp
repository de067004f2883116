// Reads what Linux and the library say of this machine.
#include "machine.hpp"

#include <dlfcn.h>
#include <sched.h>
#include <sys/utsname.h>
#include <tessera/build.hpp>
#include <tessera/device.hpp>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

namespace tessera_cli {
namespace {

std::string trimmed(std::string text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
  text.erase(0, text.find_first_not_of(" \t"));
  return text;
}

std::string first_line(const std::string& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return trimmed(line);
}

/// 0 where there is none in front.
std::int64_t leading_number(const std::string& text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// The fields "name : value" of the first processor.
std::map<std::string, std::string> first_processor() {
  std::map<std::string, std::string> fields;
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line) && !line.empty();) {
    const std::size_t colon = line.find(':');
    if (colon != std::string::npos) fields[trimmed(line.substr(0, colon))] = trimmed(line.substr(colon + 1));
  }
  return fields;
}

std::string cpu_name() {
  std::map<std::string, std::string> fields = first_processor();
  if (!fields["model name"].empty()) {
    std::string text = fields["model name"];
    if (!fields["cpu family"].empty()) text += " (family " + fields["cpu family"] + ", model " + fields["model"] + ")";
    return text;
  }
  utsname system{};
  const std::string kind = ::uname(&system) == 0 ? system.machine : "";
  if (fields["CPU part"].empty()) return kind;
  return kind + " (implementer " + fields["CPU implementer"] + ", part " + fields["CPU part"] + ")";  // of Arm
}

/// The processors that this process may run on; empty where the system does not tell.
std::vector<int> allowed_processors() {
  std::vector<int> allowed;
  for (int most = 1024; most <= 1 << 16; most *= 2) {  // the call fails while the set is smaller than the kernel's
    cpu_set_t* const set = CPU_ALLOC(static_cast<std::size_t>(most));
    if (set == nullptr) break;
    const std::size_t bytes = CPU_ALLOC_SIZE(static_cast<std::size_t>(most));
    const bool known = ::sched_getaffinity(0, bytes, set) == 0;
    for (int i = 0; known && i < most; ++i) {
      if (CPU_ISSET_S(static_cast<std::size_t>(i), bytes, set)) allowed.push_back(i);
    }
    CPU_FREE(set);
    if (known) break;
  }
  return allowed;
}

/// How many a list such as "0-3,8" names.
int count_of(const std::string& list) {
  int count = 0;
  std::istringstream in(list);
  for (std::string part; std::getline(in, part, ',');) {
    const std::size_t dash = part.find('-');
    const std::int64_t first = leading_number(part);
    count += static_cast<int>(dash == std::string::npos ? 1 : leading_number(part.substr(dash + 1)) - first + 1);
  }
  return count;
}

/// "32768K", "1M"
std::int64_t bytes_of(const std::string& size) {
  const std::int64_t number = leading_number(size);
  const char unit = size.empty() ? ' ' : size.back();
  return unit == 'K' ? number << 10 : unit == 'M' ? number << 20 : number;
}

std::vector<cache> caches_of(int processor) {
  std::vector<cache> caches;
  const std::string folder = "/sys/devices/system/cpu/cpu" + std::to_string(processor) + "/cache/index";
  for (int i = 0; i < 16; ++i) {
    const std::string one = folder + std::to_string(i) + "/";
    std::string kind = first_line(one + "type");
    if (kind.empty()) break;
    std::transform(kind.begin(), kind.end(), kind.begin(), [](unsigned char c) { return std::tolower(c); });
    caches.push_back({static_cast<int>(leading_number(first_line(one + "level"))), kind,
                      bytes_of(first_line(one + "size")), count_of(first_line(one + "shared_cpu_list"))});
  }
#ifdef _SC_LEVEL1_DCACHE_SIZE
  const auto add = [&](int level, const char* kind, int name) {
    const std::int64_t bytes = ::sysconf(name);
    if (bytes > 0) caches.push_back({level, kind, bytes, 0});
  };
  if (caches.empty()) {  // in a container without /sys
    add(1, "data", _SC_LEVEL1_DCACHE_SIZE);
    add(1, "instruction", _SC_LEVEL1_ICACHE_SIZE);
    add(2, "unified", _SC_LEVEL2_CACHE_SIZE);
    add(3, "unified", _SC_LEVEL3_CACHE_SIZE);
  }
#endif
  std::stable_sort(caches.begin(), caches.end(), [](const cache& a, const cache& b) { return a.level < b.level; });
  return caches;
}

std::string system_name() {
  std::string name;
  std::ifstream in("/etc/os-release");
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("PRETTY_NAME=", 0) != 0) continue;
    name = trimmed(line.substr(12));
    name.erase(std::remove(name.begin(), name.end(), '"'), name.end());
  }
  utsname kernel{};
  if (::uname(&kernel) != 0) return name;
  const std::string release = kernel.release;  // behind the first '-' are names of who built it
  return name + (name.empty() ? "" : ", ") + kernel.sysname + " " + release.substr(0, release.find('-'));
}

// ---- GPUs

/// "580.65.06" in "NVRM version: NVIDIA UNIX x86_64 Kernel Module  580.65.06  Sun …": the first word of digits and
/// dots.
std::string driver_version() {
  std::istringstream in(first_line("/proc/driver/nvidia/version"));
  for (std::string word; in >> word;) {
    if (word.find('.') != std::string::npos && word.find_first_not_of("0123456789.") == std::string::npos) return word;
  }
  return {};
}

/// What the driver has of CUDA, "13.0", as the runtime tells that the library has loaded.
std::string driver_cuda() {
  void* const runtime = ::dlopen("libcudart.so.13", RTLD_LAZY | RTLD_NOLOAD);
  if (runtime == nullptr) return {};
  auto* const ask = reinterpret_cast<int (*)(int*)>(::dlsym(runtime, "cudaDriverGetVersion"));
  int version = 0;
  const bool known = ask != nullptr && ask(&version) == 0 && version > 0;
  ::dlclose(runtime);
  return known ? std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10) : std::string();
}

std::vector<gpu> gpus() {
  std::vector<gpu> all;
  for (const tessera::device& device : tessera::devices()) {
    if (device.kind() != tessera::device_kind::cuda) continue;
    const tessera::device_properties found = tessera::properties(device);
    gpu one{device.name(),          found.name, found.total_memory, found.processors, found.compute_capability, {},
            is_emulated(found.name)};
    if (!one.emulated) {
      const std::string cuda = driver_cuda();
      one.driver = driver_version();
      if (!cuda.empty()) one.driver += (one.driver.empty() ? "CUDA " : ", CUDA ") + cuda;
    }
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace

machine describe_machine() {
  const std::vector<int> processors = allowed_processors();
  machine result;
  result.cpu = cpu_name();
  result.cores =
      processors.empty() ? static_cast<int>(std::thread::hardware_concurrency()) : static_cast<int>(processors.size());
  result.memory = static_cast<std::int64_t>(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGESIZE);
  result.caches = caches_of(processors.empty() ? 0 : processors.front());
  result.simd = tessera::simd().in_use;
  result.system = system_name();
  result.gpus = gpus();
  return result;
}

}  // namespace tessera_cli
