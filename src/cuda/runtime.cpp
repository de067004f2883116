// Devices of the CUDA runtime: which there are, the one in use, streams and staging memory.
#include "cuda/runtime.hpp"

#include <algorithm>
#include <array>
#include <memory>

#include "cuda/faults.hpp"
#include "tessera/error.hpp"

namespace tessera::detail::cuda {
namespace {

/// The streams of one thread: its own, which go back when it ends, and those that were set in their place.
struct thread_streams {
  struct entry {
    context* on = nullptr;
    stream_state *own = nullptr, *set = nullptr;
  };
  std::vector<entry> entries;  // by device

  entry& of(context& on) {
    const auto index = static_cast<std::size_t>(on.index());
    if (entries.size() <= index) entries.resize(index + 1);
    entries[index].on = &on;
    return entries[index];
  }
  ~thread_streams() {
    for (const entry& e : entries) {
      if (e.own != nullptr) e.on->give_back_stream(*e.own);
    }
  }
};
thread_local thread_streams streams_of_thread;

int attribute(cudaDeviceAttr which, int device) {
  int value = 0;
  check(cudaDeviceGetAttribute(&value, which, device), "cudaDeviceGetAttribute");
  return value;
}

}  // namespace

// ---- devices

int device_count(std::string& reason) {
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status == cudaSuccess && count > 0) return count;
  cudaGetLastError();
  reason = status == cudaSuccess ? std::string("no CUDA device")
                                 : std::string(cudaGetErrorString(status)) + " (" + cudaGetErrorName(status) + ")";
  return 0;
}

context& context_of(int device) {
  static std::mutex mutex;
  // Never destroyed: arrays with static lifetime free their bytes while the process exits.
  static auto& contexts = *new std::vector<std::unique_ptr<context>>;
  const std::lock_guard lock(mutex);
  const auto index = static_cast<std::size_t>(device);
  if (device < 0 || index >= contexts.size() || contexts[index] == nullptr) {
    std::string reason;
    const int count = device_count(reason);
    if (device < 0 || device >= count) {
      throw device_error("device: cuda:" + std::to_string(device) +
                             " is not there: " + (count == 0 ? reason : "this machine has " + std::to_string(count)),
                         caller());
    }
    contexts.resize(static_cast<std::size_t>(count));
    contexts[index] = std::make_unique<context>(device);
  }
  return *contexts[index];
}

context::context(int index) : index_(index) {
  const activation here(index);
  capability_ =
      10 * attribute(cudaDevAttrComputeCapabilityMajor, index) + attribute(cudaDevAttrComputeCapabilityMinor, index);
  if (attribute(cudaDevAttrMemoryPoolsSupported, index) == 0) return;
  cudaMemPoolProps how{};
  how.allocType = cudaMemAllocationTypePinned;
  how.location.type = cudaMemLocationTypeDevice;
  how.location.id = index;
  check(cudaMemPoolCreate(&pool_, &how), "cudaMemPoolCreate");
  std::uint64_t keep_all = UINT64_MAX;  // to begin with the pool gives back at every synchronisation
  const cudaError_t status = cudaMemPoolSetAttribute(pool_, cudaMemPoolAttrReleaseThreshold, &keep_all);
  if (status != cudaSuccess) cudaMemPoolDestroy(pool_);
  check(status, "cudaMemPoolSetAttribute");
}

void context::check_usable() const {
  const std::string* const fault = fault_of(index_);
  if (fault == nullptr) [[likely]]
    return;
  throw device_error("cuda:" + std::to_string(index_) + ": this process cannot use the device any more: " + *fault,
                     caller());
}

activation::activation(int device) {
  int now = 0;
  check(cudaGetDevice(&now), "cudaGetDevice");
  if (now == device) return;
  check(cudaSetDevice(device), "cudaSetDevice");
  before_ = now;
}

activation::~activation() {
  if (before_ >= 0 && cudaSetDevice(before_) != cudaSuccess) cudaGetLastError();
}

// ---- streams

stream_state& context::take_stream() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_streams_.empty()) {
      stream_state& s = *idle_streams_.back();
      idle_streams_.pop_back();
      return s;
    }
    idle_streams_.reserve(static_cast<std::size_t>(streams_made_) + 1);  // giving back never fails
  }
  const activation here(index_);
  auto made = std::make_unique<stream_state>();
  check(cudaStreamCreateWithFlags(&made->handle, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
  const cudaError_t status = cudaEventCreateWithFlags(&made->reached, cudaEventDisableTiming);
  if (status != cudaSuccess) cudaStreamDestroy(made->handle);
  check(status, "cudaEventCreateWithFlags");
  if (++streams_made_ > 1) several_streams_ = true;
  return *made.release();
}

void context::give_back_stream(stream_state& s) noexcept {
  const std::lock_guard lock(mutex_);
  idle_streams_.push_back(&s);
}

stream_state& context::current_stream() {
  thread_streams::entry& mine = streams_of_thread.of(*this);
  if (mine.set != nullptr) return *mine.set;
  if (mine.own == nullptr) mine.own = &take_stream();
  return *mine.own;
}

stream_state* context::set_current_stream(stream_state* to) noexcept {
  return std::exchange(streams_of_thread.of(*this).set, to);
}

cudaStream_t context::stream() {
  int now = 0;
  check(cudaGetDevice(&now), "cudaGetDevice");
  if (now != index_) check(cudaSetDevice(index_), "cudaSetDevice");
  return current_stream().handle;
}

void context::wait_for(stream_state& s) {
  check_usable();
  const activation here(index_);
  check(cudaStreamSynchronize(s.handle), "cudaStreamSynchronize");
  forget_launches();
}

void context::synchronize() { wait_for(current_stream()); }

// ---- order across streams

void order_after(cudaStream_t waiting, cudaStream_t first, cudaEvent_t event) {
  check(cudaEventRecord(event, first), "cudaEventRecord");
  check(cudaStreamWaitEvent(waiting, event, 0), "cudaStreamWaitEvent");
}

void context::wait_for(stream_state& waiting, const block& all_work_on) {
  wait_for(waiting, all_work_on.written);
  for (const use_mark& r : all_work_on.read) wait_for(waiting, r);
  wait_for(waiting, all_work_on.returned);
}

void context::wait_for(stream_state& waiting, const use_mark& work) {
  if (work.stream == nullptr || work.stream == &waiting) return;
  std::uint64_t& seen = waiting.seen[work.stream];
  if (seen >= work.ticket) return;
  // This waits for all that is on the other stream by now; but what another thread is about to put there has tickets already,
  // so no more is noted than what was asked for.
  order_after(waiting.handle, work.stream->handle, waiting.reached);
  seen = work.ticket;
}

std::map<const std::byte*, context::block>::iterator context::block_with(const void* address) {
  const auto* const at = static_cast<const std::byte*>(address);
  auto found = blocks_.upper_bound(at);
  if (found == blocks_.begin()) return blocks_.end();
  --found;
  return at < found->first + found->second.nbytes ? found : blocks_.end();
}

void context::use(const void* data, bool writes) {
  if (!several_streams_.load(std::memory_order_acquire)) return;
  stream_state& mine = current_stream();
  const std::lock_guard lock(mutex_);
  const auto found = block_with(data);
  if (found == blocks_.end()) return;
  block& b = found->second;
  const use_mark now{&mine, ++mine.ticket};
  wait_for(mine, b.written);
  wait_for(mine, b.returned);
  if (!writes) {
    const auto same = std::find_if(b.read.begin(), b.read.end(), [&](const use_mark& r) { return r.stream == &mine; });
    if (same != b.read.end()) *same = now;
    else b.read.push_back(now);
    return;
  }
  for (const use_mark& r : b.read) wait_for(mine, r);
  b.read.clear();
  b.written = now;
}

// ---- staging

context::staging context::take_staging() noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_staging_.empty()) {
      const staging s = idle_staging_.back();
      idle_staging_.pop_back();
      return s;
    }
  }
  staging made;
  void* data = nullptr;
  if (cudaHostAlloc(&data, staging_bytes, cudaHostAllocDefault) != cudaSuccess) {
    cudaGetLastError();
    return {};
  }
  if (cudaEventCreateWithFlags(&made.done, cudaEventDisableTiming) != cudaSuccess) {
    cudaGetLastError();
    cudaFreeHost(data);
    return {};
  }
  made.data = static_cast<std::byte*>(data);
  return made;
}

void context::give_back_staging(staging s) noexcept {
  if (s.data == nullptr) return;
  try {
    const std::lock_guard lock(mutex_);
    idle_staging_.push_back(s);
  } catch (...) {
    cudaEventDestroy(s.done);
    cudaFreeHost(s.data);
  }
}

}  // namespace tessera::detail::cuda
