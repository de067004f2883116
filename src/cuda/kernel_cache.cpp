// Looked up in memory, then on disk, then compiled.
#include "cuda/kernel_cache.hpp"

#include <condition_variable>
#include <ctime>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "cuda/disk_cache.hpp"
#include "cuda/nvrtc.hpp"
#include "cuda/runtime.hpp"

namespace tessera::detail::cuda {
namespace {

struct cache {
  std::shared_mutex lock;
  std::unordered_map<std::string, std::unique_ptr<kernel>> kernels;
  std::unordered_set<std::string> in_the_making;
  std::condition_variable_any one_less;            // of these
  std::vector<std::unique_ptr<kernel>> forgotten;  // somebody may still hold a reference
  cache_statistics counts;
};
// Never destroyed: unloading a library at exit may come after the driver is gone.
cache& the_cache() {
  static cache& kept = *new cache;
  return kept;
}

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

std::unique_ptr<kernel> load(const std::string& image, const kernel_text& text, bool ptx) {
  cudaLibrary_t library = nullptr;
  auto made = std::make_unique<kernel>();
  made->name = text.name;
  if (ptx) made->image = image;
  check(cudaLibraryLoadData(&library, image.data(), nullptr, nullptr, 0, nullptr, nullptr, 0), "cudaLibraryLoadData");
  cudaError_t status = cudaLibraryGetKernel(&made->entry, library, text.name.c_str());
  if (status == cudaSuccess && !text.second.empty()) {
    status = cudaLibraryGetKernel(&made->second, library, text.second.c_str());
  }
  if (status != cudaSuccess) cudaLibraryUnload(library);
  check(status, "cudaLibraryGetKernel");
  return made;
}

/// Code that does not load (a file from a driver's past, say) is compiled anew.
std::unique_ptr<kernel> make(const kernel_text& text, int capability) {
  cache& all = the_cache();
  const code_target target = target_for(capability);
  const std::string key = digest(compiler_key(target) + "\n" + text.source);
  if (const auto image = read_cached(key)) {
    try {
      auto made = load(*image, text, target.ptx);
      const std::unique_lock guard(all.lock);
      ++all.counts.read;
      return made;
    } catch (const std::exception&) {}
  }
  const double begin = thread_seconds();
  const std::string image = compile(text.source, text.name, target);
  const double seconds = thread_seconds() - begin;
  auto made = load(image, text, target.ptx);
  write_cached(key, image);
  const std::unique_lock guard(all.lock);
  ++all.counts.compiled;
  all.counts.compile_seconds += seconds;
  return made;
}

}  // namespace

const kernel& find_kernel(const std::string& key, int capability, const std::function<kernel_text()>& write) {
  cache& all = the_cache();
  const std::string full = key + " " + std::to_string(capability);
  {
    const std::shared_lock guard(all.lock);
    const auto found = all.kernels.find(full);
    if (found != all.kernels.end()) return *found->second;
  }
  // One thread makes it, without the lock; others that want the same one wait. Where that fails the next one tries.
  std::unique_lock guard(all.lock);
  for (;;) {
    const auto found = all.kernels.find(full);
    if (found != all.kernels.end()) return *found->second;
    if (all.in_the_making.insert(full).second) break;
    all.one_less.wait(guard);
  }
  guard.unlock();
  std::unique_ptr<kernel> made;
  const auto finish = [&] {
    guard.lock();
    all.in_the_making.erase(full);
    all.one_less.notify_all();
  };
  try {
    made = make(write(), capability);
  } catch (...) {
    finish();
    throw;
  }
  finish();
  return *all.kernels.try_emplace(full, std::move(made)).first->second;
}

cache_statistics kernel_cache_statistics() {
  const std::shared_lock guard(the_cache().lock);
  return the_cache().counts;
}

void forget_kernels() {
  const std::unique_lock guard(the_cache().lock);
  for (auto& entry : the_cache().kernels) the_cache().forgotten.push_back(std::move(entry.second));
  the_cache().kernels.clear();
}

}  // namespace tessera::detail::cuda
