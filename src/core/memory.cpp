// memory: arguments are checked here, the device's backend does the rest.
#include "tessera/memory.hpp"

#include "backend.hpp"
#include "tessera/error.hpp"

namespace tessera {
namespace {

void check_limit(std::int64_t bytes, const char* name, caller where) {
  if (bytes < 0)
    throw value_error(std::string(name) + ": " + std::to_string(bytes) + " bytes are less than none", where);
}

}  // namespace

memory_statistics memory_stats(const device& on) { return detail::backend_of(on).memory_stats(); }

void reset_peak_memory(const device& on) { detail::backend_of(on).reset_peak_memory(); }

std::int64_t set_memory_limit(std::int64_t bytes, const device& on, caller where) {
  check_limit(bytes, "set_memory_limit", where);
  return detail::backend_of(on).set_memory_limit(bytes);
}

std::int64_t set_cache_limit(std::int64_t bytes, const device& on, caller where) {
  check_limit(bytes, "set_cache_limit", where);
  return detail::backend_of(on).set_cache_limit(bytes);
}

void release_cached_memory(const device& on) { detail::backend_of(on).release_cached_memory(); }

}  // namespace tessera
