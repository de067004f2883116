// backend: the one seam. What a device must be able to do; the front end names no device beyond asking for its backend.
//
// Arguments are checked above: extents are positive, dtypes agree, indices are in bounds unless a contract says otherwise.
// Work is done in the order of the calls of one thread (on a GPU: of the thread's current stream), and may go on when a call
// has returned; only what is read to the host is there. A call may throw out_of_memory and device_error only, unless it says more, and then has written nothing.
#pragma once
#include <cstdint>
#include <optional>
#include <span>

#include "core/module_api.hpp"
#include "expr/program.hpp"
#include "ops/contraction_plan.hpp"
#include "ops/distance_plan.hpp"
#include "ops/index_plan.hpp"
#include "ops/linalg_plan.hpp"
#include "ops/mark_plan.hpp"
#include "ops/random_plan.hpp"
#include "ops/sort_plan.hpp"
#include "ops/text_plan.hpp"
#include "tessera/device.hpp"
#include "tessera/memory.hpp"

namespace tessera::detail {

class backend {
 public:
  virtual ~backend() = default;
  virtual const char* name() const noexcept = 0;
  /// Throws device_error as all calls below do on a device that a fault has made unusable.
  virtual device_properties properties() = 0;

  // ---- memory
  /// 64-byte aligned. Null when there is none left (storage::allocate reports it with sizes).
  virtual void* allocate(std::int64_t nbytes) = 0;
  virtual void free(void* data, std::int64_t nbytes) noexcept = 0;
  virtual void fill_zero(void* data, std::int64_t nbytes) = 0;
  /// Elements of the same dtype from any strides to any strides; the ranges do not overlap.
  virtual void copy(const shape& extents, const strided& from, const strided& to) = 0;
  /// Bytes that lie one after the other to the host. When it returns they are there.
  virtual void read(const void* from, void* to, std::int64_t nbytes) = 0;
  /// copy() from the host to this device: when it returns, `from` may be written again. And to the host: when it returns, the
  /// elements are there.
  virtual void upload(const shape& extents, const strided& from, const strided& to) = 0;
  virtual void download(const shape& extents, const strided& from, const strided& to) = 0;
  /// copy() from another device of the same kind.
  virtual void copy_from(tessera::device other, const shape& extents, const strided& from, const strided& to) = 0;

  // ---- limits and figures of memory, see tessera/memory.hpp
  virtual memory_statistics memory_stats() noexcept = 0;
  virtual void reset_peak_memory() noexcept = 0;
  virtual std::int64_t set_memory_limit(std::int64_t bytes) noexcept = 0;
  virtual std::int64_t set_cache_limit(std::int64_t bytes) noexcept = 0;
  virtual void release_cached_memory() noexcept = 0;
  /// For the message about memory that is not there: ": 1.00 GiB are in use, …", or nothing.
  virtual std::string memory_text() = 0;

  // ---- streams and events, see tessera/stream.hpp; as they are where all work is done when a call returns
  virtual void* take_stream() { return nullptr; }
  virtual void give_back_stream(void*) noexcept {}
  /// The calling thread's from here on, null for its own; returns what was set before.
  virtual void* set_stream(void*) noexcept { return nullptr; }
  virtual void* native(void*) noexcept { return nullptr; }
  /// native() of the calling thread's current one.
  virtual void* native_of_current() { return nullptr; }
  /// Waits for a stream, null: for the thread's current one.
  virtual void synchronize(void*) {}
  virtual void* record(void*) { return nullptr; }
  virtual void give_back_event(void*) noexcept {}
  virtual bool is_done(void*) { return true; }
  virtual void wait(void*) {}
  virtual void wait_on_stream(void* /*stream*/, void* /*event*/) {}

  // ---- memory of somebody else, and the streams of others (tessera/dlpack.hpp); `stream` as DLPack numbers it: 1, 2, a
  // handle; never 0 or -1
  /// What is put on `stream` from here on starts after all our work on the block that holds `data`. Returns what take_back
  /// is to be told; 0 stands for memory that was not handed over to a stream.
  virtual std::intptr_t hand_over(const void* /*data*/, std::intptr_t /*stream*/) { return 0; }
  /// Said by the deleter of an exported tensor before it lets the storage go: what its consumer has put on their stream by
  /// now comes before our next use of the block, and before its end.
  virtual void take_back(const void* /*data*/, std::intptr_t /*handed*/) noexcept {}
  /// [data, data + nbytes) belongs to somebody else and is used as an array from now on; our first use waits for what is on
  /// `stream` by now (none: for nothing). Throws device_error when the device cannot use that memory.
  virtual void adopt(const void* /*data*/, std::int64_t /*nbytes*/, std::optional<std::intptr_t> /*stream*/) {}
  /// Our last use of adopted memory is over when this returns: its owner may free it.
  virtual void forget(const void* /*data*/, std::int64_t /*nbytes*/) noexcept {}
  /// When it returns, what is on `stream` by now is done: for memory that the host reads (pinned, managed).
  virtual void finish(std::intptr_t /*stream*/) {}

  // ---- fused programs
  /// Inputs and targets do not overlap, except elementwise at the same address with the same strides.
  virtual void run(const stage& s) = 0;
  /// The same bits as the stage of this one instruction or fold would give.
  virtual void run(const flat_operation& x) = 0;
  virtual void run(const flat_fold& x) = 0;
  /// A row group: stages in order, with the same extent along their row axes. Row i of a stage reads only row i of what
  /// earlier stages of the group write, so that any partition of the rows may run in any order, each through all stages.
  /// Temporaries are laid out without gaps, as if all their rows were there; nobody reads them afterwards.
  virtual void run_rows(std::span<const stage> group) = 0;
  /// A program: stages and row groups in order. A backend may join stages as long as all that is stored is the same.
  virtual void run_all(std::span<const stage> all) {
    for (std::size_t first = 0; first < all.size();) {
      const std::span<const stage> group = group_at(all, first);
      if (group.size() == 1) run(group[0]);
      else run_rows(group);
      first += group.size();
    }
  }

  // ---- contraction
  /// Whether contract() is faster than the fused product and fold, which the front end runs otherwise. Reads no elements;
  /// plan.to may be null here and in contraction_text.
  virtual bool contracts(const contraction_plan& plan) = 0;
  virtual void contract(const contraction_plan& plan) = 0;
  /// What contract() would call, for explain().
  virtual std::string contraction_text(const contraction_plan& plan) = 0;

  // ---- distances
  virtual void distances(const distance_plan& plan) = 0;
  virtual void nearest(const nearest_plan& plan) = 0;

  // ---- lanes
  virtual void scan(const scan_plan& plan) = 0;
  virtual void sort(const sort_plan& plan) = 0;
  virtual void search(const search_plan& plan) = 0;
  virtual void reduce_segments(const segment_plan& plan) = 0;
  virtual void histogram(const histogram_plan& plan) = 0;

  // ---- texts
  virtual void compare_texts(const text_plan& plan) = 0;

  // ---- factorisations of matrices
  /// What keeps factorise() from taking a plan: `absent`, `too_large` or `none`. Reads kind and extents only.
  virtual linalg_fault cannot_factorise(const linalg_plan&) const { return linalg_fault::absent; }
  /// Each matrix of the batch on its own; returns the first that failed. The others' results are there, those of a
  /// matrix that failed are NaN.
  virtual linalg_outcome factorise(const linalg_plan&) { return {linalg_fault::absent, 0}; }

  // ---- random numbers
  /// The bits of docs/random.md, in whatever order.
  virtual void random(const random_plan& plan) = 0;

  // ---- indices
  /// Makes int64 positions non-negative in place (contiguous, `count` of them); returns the first out of [-extent, extent)
  /// as its place in the array, or -1 when all are in bounds.
  virtual std::int64_t check_indices(std::int64_t* positions, std::int64_t count, std::int64_t extent) = 0;
  virtual void gather(const index_plan& plan) = 0;
  /// Duplicate positions: the last wins, in C order of the plan.
  virtual void scatter(const index_plan& plan) = 0;
  /// element = code(element, value), duplicates each in turn; code is a binary operation that keeps the dtype. Computed in
  /// the values' dtype: where it is not the source's, each element is cast to it and back each time.
  virtual void accumulate(const index_plan& plan, op code) = 0;

  // ---- masks
  /// Runs a stage whose only result, a bool, is said to be folded over all axes by argmax, which keeps them in C order; but
  /// it is the points' bits that are stored, in that order. Fills words and `before`; returns how many bits are set.
  virtual std::int64_t mark(const stage& s, const mark_bits& to) = 0;
  /// From the source's picked points to `values`, which is contiguous.
  virtual void compress(const compress_plan& plan) = 0;
  /// From `values` to the source's picked points. The source does not overlap itself or the values.
  virtual void expand(const compress_plan& plan) = 0;
  /// The coordinates of the picked points over `extents`: `out` holds one int64 array per axis, at least one.
  virtual void positions(const mark_bits& bits, const shape& extents, std::int64_t* const* out) = 0;
};

/// The backend of a device; throws device_error when it is not there.
backend& backend_of(tessera::device on, const caller& where = caller());

/// The CPU's, always there. Implemented in src/cpu/backend.cpp.
TESSERA_MODULE_API backend& cpu_backend();

/// Elements from any strides on one device to any strides on another, or the same. The ranges do not overlap.
void copy_between(const shape& extents, const strided& from, tessera::device from_device, const strided& to,
                  tessera::device to_device);

}  // namespace tessera::detail
