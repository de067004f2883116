// One device as this module uses it: its memory, its streams, and what becomes of failures.
//
// Order across streams. A block of memory remembers by which stream, and at which of that stream's tickets, it was last
// written and read. Work on another stream first waits for those tickets: an event is recorded on the stream that owes them
// and waited for. Nothing is recorded before a second stream of the device was used, be it another library's (handoff.cpp): a
// program with one pays a flag.
#pragma once
#include <cuda_runtime_api.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tessera/memory.hpp"

namespace tessera::detail::cuda {

/// Throws out_of_memory, or device_error naming `call` (a runtime function, or a kernel) and the device. A fault that leaves
/// the device unusable marks it: whatever is asked of it later says so.
void check(cudaError_t status, const char* call);

/// What is put on `waiting` from here on starts after all that is on `first` by now. Records `event` anew.
void order_after(cudaStream_t waiting, cudaStream_t first, cudaEvent_t event);

/// The kernel is on its way, so that a fault found later can name it. The name is not copied: it must stay.
void note_launch(const std::string& kernel) noexcept;

/// A stream of the runtime with the tickets of what was put on it. Never destroyed, used again instead: blocks may name it.
struct stream_state {
  cudaStream_t handle = nullptr;
  cudaEvent_t reached = nullptr;  // recorded anew, on another stream, whenever this one waits for it
  std::uint64_t ticket = 1;       // of the work that comes next
  std::map<const stream_state*, std::uint64_t> seen = {};  // of other streams: what this one has waited for
};

/// One a device. All members may be called on any thread.
class context {
 public:
  explicit context(int index);  // throws device_error
  context(const context&) = delete;
  context& operator=(const context&) = delete;

  int index() const noexcept { return index_; }
  /// 75, 80, 90 …
  int capability() const noexcept { return capability_; }
  /// Throws device_error if a fault has made the device unusable.
  void check_usable() const;

  // ---- streams
  /// The calling thread's current one; makes this device the runtime's current one. Throws device_error.
  cudaStream_t stream();
  stream_state& current_stream();
  /// What current_stream() gives on this thread from now on; null: the thread's own. Returns what was set before.
  stream_state* set_current_stream(stream_state* to) noexcept;
  stream_state& take_stream();  // one that nobody uses
  void give_back_stream(stream_state& s) noexcept;
  /// Waits for the current stream; throws device_error for faults of what was on it.
  void synchronize();
  void wait_for(stream_state& s);
  /// To be said before work on the current stream: it reads or writes the block that holds this address.
  void use(const void* data, bool writes);

  // ---- memory
  /// In the order of the current stream, 256-byte aligned. Null when there is none, kept memory given back. Throws
  /// device_error where it is not memory that is missing.
  void* allocate(std::int64_t nbytes);
  void free(void* data, std::int64_t nbytes) noexcept;
  memory_statistics memory_stats() noexcept;
  void reset_peak() noexcept;
  std::int64_t memory_limit() noexcept;
  std::int64_t set_memory_limit(std::int64_t bytes) noexcept;
  std::int64_t set_cache_limit(std::int64_t bytes) noexcept;
  void release_cached() noexcept;
  /// Bytes of the device: free, and all. Zeros when they cannot be had.
  std::pair<std::int64_t, std::int64_t> free_and_total() noexcept;

  // ---- memory that crosses to and from others, see backend.hpp
  std::intptr_t hand_over(const void* data, cudaStream_t consumer);
  void take_back(const void* data, std::intptr_t handed) noexcept;
  void adopt(const void* data, std::int64_t nbytes, std::optional<cudaStream_t> producer);
  void forget(const void* data) noexcept;

  /// Host memory that the device reads and writes by itself; a fixed size. Null when there is none.
  static constexpr std::int64_t staging_bytes = std::int64_t{4} << 20;
  struct staging {
    std::byte* data = nullptr;
    cudaEvent_t done = nullptr;  // recorded after the copy that uses it
  };
  staging take_staging() noexcept;
  void give_back_staging(staging s) noexcept;

 private:
  struct use_mark {
    stream_state* stream = nullptr;
    std::uint64_t ticket = 0;
  };
  struct block {
    std::int64_t nbytes;  // as counted
    stream_state* home;   // where it was allocated or adopted
    use_mark written;
    std::vector<use_mark> read;  // at most one a stream
    use_mark returned;  // by a consumer: what others may still do with it comes before this of the legacy stream
    int imports = 0;    // how often it was adopted; 0: memory of our own
  };

  void* try_allocate(std::int64_t nbytes, cudaStream_t on);
  void give_back(void* data, cudaStream_t on) noexcept;
  bool count_in(std::int64_t bytes) noexcept;  // false beyond the limit
  void count_out(std::int64_t bytes) noexcept;
  std::int64_t reserved() noexcept;
  void trim(std::int64_t keep) noexcept;
  static void wait_for(stream_state& waiting, const use_mark& work);
  static void wait_for(stream_state& waiting, const block& all_work_on);
  template <class F> static void for_all_work_on(const block& b, F&& f);
  std::map<const std::byte*, block>::iterator block_with(const void* address);

  const int index_;
  int capability_ = 0;
  cudaMemPool_t pool_ = nullptr;  // null: the device has no stream-ordered allocation
  std::atomic<int> streams_made_{0};
  std::atomic<bool> several_streams_{false};

  std::mutex mutex_;                                 // guards what follows
  std::map<const std::byte*, block> blocks_;         // none overlap
  stream_state legacy_{.handle = cudaStreamLegacy};  // of others; nothing is put on it
  std::vector<stream_state*> idle_streams_;
  std::vector<staging> idle_staging_;
  std::int64_t in_use_ = 0, peak_ = 0, limit_ = INT64_MAX, cache_limit_ = INT64_MAX, allocations_ = 0, hits_ = 0;
};

/// Throws device_error when there is no such device.
context& context_of(int device);

/// How many devices there are; where there are none, `reason` says why.
int device_count(std::string& reason);

/// This device is the runtime's current one on this thread until it goes; then the one before is again.
class activation {
 public:
  explicit activation(int device);
  ~activation();
  activation(const activation&) = delete;
  activation& operator=(const activation&) = delete;

 private:
  int before_ = -1;
};

}  // namespace tessera::detail::cuda
