// storage: reference-counted bytes on one device, with who frees them and which byte ranges were written while recipes watch.
#pragma once
#include <atomic>
#include <mutex>
#include <vector>

#include "tessera/creation.hpp"

namespace tessera::detail {

/// Bytes [data, data + nbytes). Counts are atomic: handles may be copied and dropped on any thread.
class storage {
 public:
  /// 64-byte aligned fresh bytes of `where`'s backend. Throws out_of_memory naming the bytes.
  static storage_ref allocate(std::int64_t nbytes, tessera::device on, caller where);
  /// Foreign host memory; `free(context)` runs once when the last reference goes (may be null). If it throws, never.
  static storage_ref adopt(void* data, std::int64_t nbytes, deleter free, void* context, bool readonly);
  /// Hands adopted memory over later, when nothing can fail any more.
  void free_with(deleter free, void* context) noexcept {
    free_ = free;
    context_ = context;
  }

  std::byte* data() const noexcept { return data_; }
  std::int64_t nbytes() const noexcept { return nbytes_; }
  tessera::device device() const noexcept { return device_; }
  bool owns_memory() const noexcept { return !adopted_; }
  bool readonly() const noexcept { return readonly_; }
  std::int64_t use_count() const noexcept { return references_.load(std::memory_order_relaxed); }

  // The array that was made together with this storage: what base() of a view returns.
  struct root_t {
    tessera::dtype type;
    shape extents, strides;
    std::byte* data = nullptr;
  };
  const root_t& root() const noexcept { return root_; }
  void set_root(root_t root) noexcept { root_ = std::move(root); }

  // Staleness. A leaf of a recipe watches from its creation on; writes are recorded only while somebody watches, as byte
  // ranges (not one counter), so that threads writing different rows do not disturb each other's recipes.
  std::uint64_t watch() noexcept;  // returns the current time
  void unwatch() noexcept;
  void note_write(const std::byte* begin, const std::byte* end);  // of any thread; free of cost while nobody watches
  bool written_since(std::uint64_t time, const std::byte* begin, const std::byte* end) const;

 private:
  friend void retain(storage*) noexcept;
  friend void release(storage*) noexcept;
  storage() = default;
  ~storage();
  struct write {
    const std::byte *begin, *end;
    std::uint64_t time;
  };

  std::byte* data_ = nullptr;
  std::int64_t nbytes_ = 0;
  tessera::device device_;
  deleter free_ = nullptr;
  void* context_ = nullptr;
  bool adopted_ = false, readonly_ = false;
  std::atomic<std::int64_t> references_{1};
  root_t root_;

  std::atomic<std::int64_t> watchers_{0};
  std::atomic<std::uint64_t> time_{0}, cleared_{0};  // of the last write; when writes_ was last empty
  mutable std::mutex mutex_;                         // guards writes_
  std::vector<write> writes_;  // since the first of the present watchers: disjoint, sorted, each with its last write
};

/// Stands in for the storage of arrays that never had one: default constructed and moved-from.
storage* no_storage() noexcept;

}  // namespace tessera::detail
