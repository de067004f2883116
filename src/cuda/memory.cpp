// Device memory: a pool whose blocks come and go in stream order, or plain cudaMalloc where a device has no such pools.
#include <algorithm>
#include <optional>

#include "core/bytes_text.hpp"
#include "cuda/runtime.hpp"
#include "cuda/scratch.hpp"
#include "tessera/error.hpp"

namespace tessera::detail::cuda {
namespace {

/// What the runtime's pools round to.
std::int64_t rounded(std::int64_t nbytes) { return (std::max<std::int64_t>(nbytes, 1) + 511) / 512 * 512; }

}  // namespace

void* context::try_allocate(std::int64_t nbytes, cudaStream_t on) {
  void* data = nullptr;
  const auto size = static_cast<std::size_t>(nbytes);
  const cudaError_t status =
      pool_ != nullptr ? cudaMallocFromPoolAsync(&data, size, pool_, on) : cudaMalloc(&data, size);
  if (status == cudaErrorMemoryAllocation) {
    cudaGetLastError();
    return nullptr;
  }
  check(status, pool_ != nullptr ? "cudaMallocFromPoolAsync" : "cudaMalloc");
  return data;
}

bool context::count_in(std::int64_t bytes) noexcept {
  const std::lock_guard lock(mutex_);
  if (bytes > limit_ - in_use_) return false;
  in_use_ += bytes;
  return true;
}

void context::count_out(std::int64_t bytes) noexcept {
  const std::lock_guard lock(mutex_);
  in_use_ -= bytes;
}

void* context::allocate(std::int64_t nbytes) {
  if (nbytes > INT64_MAX - 511) return nullptr;
  const activation here(index_);
  stream_state& mine = current_stream();
  const std::int64_t bytes = rounded(nbytes);
  if (!count_in(bytes)) return nullptr;  // before it is there: of several threads not all may pass the limit
  void* data = nullptr;
  try {
    const std::int64_t before = reserved();
    if (pool_ != nullptr && before > memory_limit() - bytes) release_cached();
    data = try_allocate(bytes, mine.handle);
    if (data == nullptr) {
      release_cached();
      data = try_allocate(bytes, mine.handle);
    }
    const bool kept = pool_ != nullptr && reserved() <= before;
    const std::lock_guard lock(mutex_);
    if (data != nullptr) {
      blocks_[static_cast<std::byte*>(data)] = {bytes, &mine, {&mine, mine.ticket}, {}, {}};
      peak_ = std::max(peak_, in_use_);
      ++allocations_;
      hits_ += kept;
      return data;
    }
  } catch (const std::bad_alloc&) {  // the host has no memory to remember the block
    if (data != nullptr) give_back(data, mine.handle);
  } catch (...) {
    count_out(bytes);
    throw;
  }
  count_out(bytes);
  return nullptr;
}

/// A device after a fault, a process that ends: nothing is left to free.
void context::give_back(void* data, cudaStream_t on) noexcept {
  if ((pool_ != nullptr ? cudaFreeAsync(data, on) : cudaFree(data)) != cudaSuccess) cudaGetLastError();
}

void context::free(void* data, std::int64_t) noexcept {
  try {
    std::optional<activation> here;
    try {
      here.emplace(index_);
    } catch (const error&) {  // blocks and streams know their device
    }
    const std::lock_guard lock(mutex_);
    const auto found = blocks_.find(static_cast<std::byte*>(data));
    if (found == blocks_.end()) return;
    const block b = std::move(found->second);
    blocks_.erase(found);
    in_use_ -= b.nbytes;
    if (pool_ != nullptr) {  // else cudaFree waits for the device
      try {
        wait_for(*b.home, b);
      } catch (...) {  // events fail: the slow way
        if (cudaDeviceSynchronize() != cudaSuccess) cudaGetLastError();
      }
    }
    give_back(data, b.home->handle);
    if (cache_limit_ == INT64_MAX) return;
  } catch (...) {
    return;
  }
  trim(cache_limit_);
}

std::int64_t context::reserved() noexcept {
  if (pool_ == nullptr) {
    const std::lock_guard lock(mutex_);
    return in_use_;
  }
  std::uint64_t bytes = 0;
  if (cudaMemPoolGetAttribute(pool_, cudaMemPoolAttrReservedMemCurrent, &bytes) == cudaSuccess)
    return static_cast<std::int64_t>(bytes);
  cudaGetLastError();
  return 0;
}

void context::trim(std::int64_t keep) noexcept {
  if (pool_ == nullptr) return;
  const std::int64_t all = reserved();
  std::int64_t wanted = keep;
  {
    const std::lock_guard lock(mutex_);
    if (all - in_use_ <= keep) return;
    wanted += in_use_;
  }
  try {
    const activation here(index_);
    // Freed in stream order: the pool can give back only what its streams have reached.
    if (cudaDeviceSynchronize() != cudaSuccess) cudaGetLastError();
    if (cudaMemPoolTrimTo(pool_, static_cast<std::size_t>(wanted)) != cudaSuccess) cudaGetLastError();
  } catch (...) {  // the device cannot be used: nothing is given back
  }
}

memory_statistics context::memory_stats() noexcept {
  const std::int64_t all = reserved();
  const std::lock_guard lock(mutex_);
  return {in_use_, peak_, std::max<std::int64_t>(all - in_use_, 0), limit_, cache_limit_, allocations_, hits_};
}

std::int64_t context::memory_limit() noexcept {
  const std::lock_guard lock(mutex_);
  return limit_;
}

void context::reset_peak() noexcept {
  const std::lock_guard lock(mutex_);
  peak_ = in_use_;
}

std::int64_t context::set_memory_limit(std::int64_t bytes) noexcept {
  const std::lock_guard lock(mutex_);
  return std::exchange(limit_, bytes);
}

std::int64_t context::set_cache_limit(std::int64_t bytes) noexcept {
  std::int64_t before = 0;
  {
    const std::lock_guard lock(mutex_);
    before = std::exchange(cache_limit_, bytes);
  }
  trim(bytes);
  return before;
}

void context::release_cached() noexcept {
  std::vector<staging> unused;
  {
    const std::lock_guard lock(mutex_);
    unused.swap(idle_staging_);
  }
  for (const staging& s : unused) {
    if (cudaEventSynchronize(s.done) != cudaSuccess) cudaGetLastError();
    if (cudaEventDestroy(s.done) != cudaSuccess) cudaGetLastError();
    if (cudaFreeHost(s.data) != cudaSuccess) cudaGetLastError();
  }
  trim(0);
}

std::pair<std::int64_t, std::int64_t> context::free_and_total() noexcept {
  std::size_t free = 0, total = 0;
  try {
    const activation here(index_);
    if (cudaMemGetInfo(&free, &total) == cudaSuccess)
      return {static_cast<std::int64_t>(free), static_cast<std::int64_t>(total)};
  } catch (...) {}
  cudaGetLastError();
  return {0, 0};
}

scratch::scratch(context& on, std::int64_t nbytes, const char* name)
    : on_(on), nbytes_(nbytes), data_(nbytes > 0 ? on.allocate(nbytes) : nullptr) {
  if (data_ != nullptr || nbytes == 0) return;
  on.check_usable();
  throw out_of_memory(std::string(name) + ": " + bytes_text(nbytes) +
                          " for intermediate results are not available on cuda:" + std::to_string(on.index()),
                      caller());
}

}  // namespace tessera::detail::cuda
