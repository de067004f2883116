// storage: reference-counted bytes on one device, with who frees them and which byte ranges were written while recipes watch.
#pragma once
#include <atomic>
#include <optional>

#include "core/small_object.hpp"
#include "tessera/creation.hpp"

namespace tessera::detail {

/// Bytes that an array touches: of [begin, end) the first `width` of each `period`, all of them if that is 0.
struct byte_comb {
  byte_comb(const std::byte* first, const std::byte* last) : begin(first), end(last), width(last - first) {}
  byte_comb(const std::byte* first, const std::byte* last, std::int64_t every, std::int64_t bytes)
      : begin(first), end(last), period(every), width(bytes) {}
  const std::byte *begin, *end;
  std::int64_t period = 0, width;
  friend bool operator==(const byte_comb&, const byte_comb&) = default;
};
/// False when no byte belongs to both; may say true too often where periods differ.
bool meet(const byte_comb& a, const byte_comb& b) noexcept;

/// What memory is on its device besides ordinary: page-locked host memory, memory that host and GPUs share.
enum class memory_kind : std::uint8_t { ordinary, pinned, managed };

/// Memory of somebody else that arrays are made over.
struct foreign_memory {
  void* data;
  std::int64_t nbytes;
  bool readonly = false;
  tessera::device on = tessera::cpu();
  memory_kind kind = memory_kind::ordinary;
  std::optional<std::intptr_t> stream = {};  // of the owner's work on it, see backend::adopt
};

/// Bytes [data, data + nbytes). Counts are atomic: handles may be copied and dropped on any thread.
///
///     small bytes   [ storage, 64 bytes | data … ]   one block
///     others        [ storage ]   [ data … ]         two, or memory of somebody else
class storage {
 public:
  /// 64-byte aligned fresh bytes of `where`'s backend. Throws out_of_memory naming the bytes.
  static storage_ref allocate(std::int64_t nbytes, tessera::device on, const caller& where);
  /// Memory that stays its owner's until free_with. Throws device_error when the device cannot use it.
  static storage_ref adopt(const foreign_memory& memory);
  /// Hands adopted memory over, when nothing can fail any more: `free(context)` runs once, after the last use.
  void free_with(deleter free, void* context) noexcept {
    free_ = free;
    context_ = context;
  }

  std::byte* data() const noexcept { return data_; }
  std::int64_t nbytes() const noexcept { return nbytes_; }
  tessera::device device() const noexcept { return {device_kind_, device_index_}; }
  bool owns_memory() const noexcept { return kind_ != kind::adopted; }
  bool readonly() const noexcept { return readonly_; }
  memory_kind memory() const noexcept { return memory_; }
  std::int64_t use_count() const noexcept {
    return static_cast<std::int64_t>(counts_.load(std::memory_order_relaxed) & references);
  }

  // The array that was made together with this storage: what base() of a view returns. Views are made of that array or
  // of other views, so it is noted when the first view is made; an array that is never viewed does not pay for it.
  struct root_t : small_object {
    explicit root_t(const array& made_with_storage);
    tessera::dtype type;
    shape extents, strides;
    std::byte* data;
  };
  const root_t* root() const noexcept { return root_.load(std::memory_order_acquire); }
  void set_root(const array& made_with_it);

  // Staleness. A leaf of a recipe watches from its creation on; writes are recorded only while somebody watches, as bytes
  // (not one counter), so that threads writing different rows or columns do not disturb each other's recipes.
  std::uint64_t watch() noexcept { return watch_by(watcher); }  // returns the current time
  void unwatch() noexcept;
  bool is_watched() const noexcept { return counts_.load() >= watcher; }
  void note_write(const byte_comb& written);  // of any thread; free of cost while nobody watches
  /// Whether anything was ever written while somebody watched.
  bool has_log() const noexcept { return log_.load(std::memory_order_acquire) != nullptr; }
  bool written_since(std::uint64_t time, const byte_comb& read) const {
    const write_log* const log = log_.load(std::memory_order_acquire);
    return log && written_since(*log, time, read);
  }

  // A leaf holds a reference and watches: both in one locked addition (2.7 ns).
  std::uint64_t retain_and_watch() noexcept { return watch_by(watcher + 1); }
  void unwatch_and_release() noexcept;

 private:
  friend void retain(storage*) noexcept;
  friend void release(storage*) noexcept;
  enum class kind : std::uint8_t { in_one_block, of_backend, adopted };
  struct write_log;

  storage() = default;
  ~storage() = default;
  void destroy() noexcept;
  std::uint64_t watch_by(std::uint64_t counts) noexcept;
  write_log& log();
  static bool written_since(const write_log& log, std::uint64_t time, const byte_comb& read);

  static constexpr std::uint64_t references = 0xffffffff, watcher = std::uint64_t{1} << 32;

  std::atomic<std::uint64_t> counts_{1};  // references in the lower half, watchers in the upper
  std::byte* data_ = nullptr;
  std::int64_t nbytes_ = 0;
  std::atomic<root_t*> root_{nullptr};
  std::atomic<write_log*> log_{nullptr};  // made by the first write that somebody watches
  deleter free_ = nullptr;
  void* context_ = nullptr;
  int device_index_ = 0;  // not a tessera::device: its padding would make it 72 bytes
  device_kind device_kind_ = device_kind::cpu;
  kind kind_ = kind::adopted;
  bool readonly_ = false;
  memory_kind memory_ = memory_kind::ordinary;
};

}  // namespace tessera::detail
