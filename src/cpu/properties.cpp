// What the host is, as the system tells.
#include "cpu/properties.hpp"

#include <unistd.h>

#include <fstream>
#include <thread>

namespace tessera::detail::cpu {

device_properties properties() {
  device_properties result;
  result.name = "cpu";
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (line.rfind("model name", 0) != 0 || colon == std::string::npos) continue;
    result.name = line.substr(colon + 2);
    break;
  }
  const auto pages = [](int which) { return static_cast<std::int64_t>(::sysconf(which)); };
  result.total_memory = pages(_SC_PHYS_PAGES) * pages(_SC_PAGESIZE);
  result.free_memory = pages(_SC_AVPHYS_PAGES) * pages(_SC_PAGESIZE);
  result.processors = static_cast<int>(std::thread::hardware_concurrency());
  return result;
}

}  // namespace tessera::detail::cpu
