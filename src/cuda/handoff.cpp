// Memory that crosses to and from other libraries, and order between their streams and ours (tessera/dlpack.hpp).
//
// Out: the consumer's stream waits for what our streams owe on the block. When the consumer lets go, its own work may still
// be on the way, and its stream may be gone already: the handle cannot be asked. But the legacy default stream waits for all
// streams that were not made non-blocking, so our next use, and the end of the block, wait for an event on that one: no host
// waits. Non-blocking streams (PyTorch's side streams) are ordered with nothing; letting go of what was handed to one waits
// for the device, which is slow and always right. The thread's own stream is neither: its tickets say what is on it.
//
// In: the thread's stream waits for the producer's, and stands for it from then on. Imports that overlap become one block,
// so that order holds on every byte of them; what lies in a block of our own is part of that. The owner may do what it likes
// with memory that it has back, on streams that we do not know: only the host can wait for our last use.
#include <algorithm>
#include <cstdio>
#include <optional>

#include "cuda/faults.hpp"
#include "cuda/runtime.hpp"
#include "tessera/error.hpp"

namespace tessera::detail::cuda {
namespace {

constexpr std::intptr_t legacy_orders = 1, nothing_orders = 2;  // else take_back is told a stream_state

std::string hex(const void* address) {
  char text[32];
  std::snprintf(text, sizeof text, "0x%llx",
                static_cast<unsigned long long>(reinterpret_cast<std::uintptr_t>(address)));
  return text;
}

/// Throws device_error unless kernels of the device may be given the address.
void check_reachable(const std::byte* at, int device) {
  cudaPointerAttributes found{};
  check(cudaPointerGetAttributes(&found, at), "cudaPointerGetAttributes");
  if (found.type == cudaMemoryTypeManaged) return;
  if (found.type == cudaMemoryTypeDevice && found.device == device) return;
  if (found.type == cudaMemoryTypeHost && found.devicePointer == at) return;  // pinned
  const std::string what = found.type == cudaMemoryTypeDevice ? "on cuda:" + std::to_string(found.device)
                           : found.type == cudaMemoryTypeHost ? "pinned host memory at another address there"
                                                              : "not known to CUDA: host memory, or freed";
  throw device_error("from_dlpack: the tensor is said to be on cuda:" + std::to_string(device) +
                         ", but its memory at " + hex(at) + " is " + what,
                     caller());
}

}  // namespace

template <class F> void context::for_all_work_on(const block& b, F&& f) {
  if (b.written.stream != nullptr) f(b.written);
  for (const use_mark& r : b.read) f(r);
  if (b.returned.stream != nullptr) f(b.returned);
}

std::intptr_t context::hand_over(const void* data, cudaStream_t consumer) {
  unsigned flags = cudaStreamDefault;
  if (consumer != cudaStreamLegacy && consumer != cudaStreamPerThread)
    check(cudaStreamGetFlags(consumer, &flags), "cudaStreamGetFlags");
  stream_state& mine = current_stream();
  several_streams_ = true;
  const std::lock_guard lock(mutex_);
  const auto found = block_with(data);
  if (found == blocks_.end()) return 0;
  for_all_work_on(found->second, [&](const use_mark& work) {
    if (work.stream->handle == consumer) return;
    order_after(consumer, work.stream->handle, mine.reached);
  });
  if (consumer == mine.handle) return reinterpret_cast<std::intptr_t>(&mine);
  return (flags & cudaStreamNonBlocking) != 0 ? nothing_orders : legacy_orders;
}

void context::take_back(const void* data, std::intptr_t handed) noexcept {
  try {
    const activation here(index_);
    if (handed == nothing_orders) return check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
    const std::lock_guard lock(mutex_);
    const auto found = block_with(data);
    if (found == blocks_.end()) return;
    block& b = found->second;
    if (handed <= legacy_orders) {
      b.returned = {&legacy_, ++legacy_.ticket};
      return;
    }
    auto& by = *reinterpret_cast<stream_state*>(handed);
    wait_for(by, b);
    b.written = {&by, ++by.ticket};
    b.read.clear();
  } catch (...) {  // a device after a fault, or events that fail: the slow way
    if (cudaDeviceSynchronize() != cudaSuccess) cudaGetLastError();
  }
}

void context::adopt(const void* data, std::int64_t nbytes, std::optional<cudaStream_t> producer) {
  const auto* const begin = static_cast<const std::byte*>(data);
  const auto* const end = begin + nbytes;
  check_reachable(begin, index_);
  check_reachable(end - 1, index_);
  stream_state& mine = current_stream();
  several_streams_ = true;
  const std::lock_guard lock(mutex_);
  auto first = block_with(begin);
  if (first == blocks_.end()) first = blocks_.lower_bound(begin);
  auto last = first;  // of those that overlap, the one after the last
  const std::byte *joined_begin = begin, *joined_end = end;
  int imports = 1;
  for (; last != blocks_.end() && last->first < end; ++last) {
    const std::byte* const last_end = last->first + last->second.nbytes;
    if (last->second.imports == 0 && (begin < last->first || last_end < end)) {
      throw device_error("from_dlpack: the tensor's " + std::to_string(nbytes) + " bytes at " + hex(begin) +
                             " reach beyond the " + std::to_string(last->second.nbytes) + " at " + hex(last->first) +
                             " of an array on cuda:" + std::to_string(index_),
                         caller());
    }
    joined_begin = std::min(joined_begin, last->first);
    joined_end = std::max(joined_end, last_end);
    imports = last->second.imports == 0 ? 0 : imports + last->second.imports;
  }
  if (producer && *producer != mine.handle) order_after(mine.handle, *producer, mine.reached);
  for (auto at = first; at != last; ++at) wait_for(mine, at->second);

  use_mark arrived;
  if (producer || first != last) arrived = {&mine, ++mine.ticket};
  if (first == last) {
    blocks_.emplace(begin, block{nbytes, &mine, arrived, {}, {}, imports});
    return;
  }
  auto node = blocks_.extract(first++);
  blocks_.erase(first, last);
  node.key() = joined_begin;
  node.mapped() = {joined_end - joined_begin, node.mapped().home, arrived, {}, {}, imports};
  blocks_.insert(std::move(node));
}

void context::forget(const void* data) noexcept {
  try {
    std::optional<activation> here;
    try {
      here.emplace(index_);
      stream_state* over = nullptr;
      {
        const std::lock_guard lock(mutex_);
        const auto found = block_with(data);
        if (found == blocks_.end() || found->second.imports == 0) return;
        block& b = found->second;
        for_all_work_on(b, [&](const use_mark& work) {
          wait_for(*b.home, work);
          over = b.home;
        });
      }
      if (over != nullptr && cudaStreamQuery(over->handle) != cudaSuccess) {
        cudaGetLastError();
        check(cudaStreamSynchronize(over->handle), "cudaStreamSynchronize");
      }
    } catch (...) {  // a device after a fault, or events that fail: the slow way
      if (cudaDeviceSynchronize() != cudaSuccess) cudaGetLastError();
    }
    const std::lock_guard lock(mutex_);
    const auto found = block_with(data);
    if (found != blocks_.end() && found->second.imports > 0 && --found->second.imports == 0) blocks_.erase(found);
  } catch (...) {  // the mutex cannot be had: nothing can be forgotten
  }
}

}  // namespace tessera::detail::cuda
