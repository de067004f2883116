// storage: allocation, the last reference, and the log of writes that recipes watch.
#include "core/storage.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <new>
#include <numeric>
#include <vector>

#include "backend.hpp"
#include "core/access.hpp"

namespace tessera::detail {
namespace {

// Header and data in one block: one allocation instead of two. The header takes a line of its own, so that the data is
// aligned as it would be alone.
constexpr std::int64_t header = 64;
constexpr std::int64_t most_bytes_in_one_block = 32 * 1024;

/// More written ranges than this are merged, nearest neighbours first: staleness may then be reported for bytes between two
/// ranges that nobody wrote, but never missed.
constexpr std::size_t most_writes = 256;
/// Combs beyond these are noted as if they had no gaps.
constexpr std::size_t most_combs = 64;

/// Every storage has an address of its own, as every NumPy array has: an empty one takes a byte.
std::size_t block_bytes(std::int64_t nbytes) {
  return static_cast<std::size_t>(header + std::max<std::int64_t>(nbytes, 1));
}

[[noreturn]] void throw_out_of_memory(std::int64_t nbytes, tessera::device on, const caller& where) {
  throw out_of_memory("allocate: " + std::to_string(nbytes) + " bytes are not available on " + on.name(), where);
}

}  // namespace

struct storage::write_log : small_object {
  struct write {
    const std::byte *begin, *end;
    std::uint64_t time;
  };
  std::atomic<std::uint64_t> time{0}, cleared{0};  // of the last write; when `writes` was last empty
  mutable std::mutex mutex;                        // guards writes
  // Since the first of the present watchers: ranges without gaps, disjoint and sorted; combs. Each with its last write.
  std::vector<write> writes;
  std::vector<std::pair<byte_comb, std::uint64_t>> combs;
};

// In one period of both the teeth begin at 0 and at `phase`.
bool meet(const byte_comb& a, const byte_comb& b) noexcept {
  if (a.begin == a.end || b.begin == b.end || a.end <= b.begin || b.end <= a.begin) return false;
  const std::int64_t period = std::gcd(a.period, b.period);
  if (period == 0) return true;
  const std::int64_t phase = ((b.begin - a.begin) % period + period) % period;
  return phase < a.width || period - phase < b.width;
}

storage_ref storage::allocate(std::int64_t nbytes, tessera::device on, const caller& where) {
  static_assert(sizeof(storage) <= header);
  const bool one_block = nbytes <= most_bytes_in_one_block && on.kind() == device_kind::cpu;
  const std::size_t bytes = one_block ? block_bytes(nbytes) : header;
  void* block = small_allocate(bytes);
  if (!block) [[unlikely]] {
    backend_of(cpu()).release_cached_memory();
    block = small_allocate(bytes);
    if (!block) throw_out_of_memory(nbytes, on, where);
  }
  storage_ref result(new (block) storage);
  storage& s = *result.get();
  s.device_kind_ = on.kind();
  s.device_index_ = on.index();
  if (one_block) {
    s.kind_ = kind::in_one_block;
    s.data_ = static_cast<std::byte*>(block) + header;
  } else {
    s.kind_ = kind::of_backend;
    s.data_ = static_cast<std::byte*>(backend_of(on).allocate(std::max<std::int64_t>(nbytes, 1)));
    if (!s.data_) throw_out_of_memory(nbytes, on, where);
  }
  s.nbytes_ = nbytes;
  return result;
}

storage_ref storage::adopt(const foreign_memory& memory) {
  void* const block = small_allocate(header);
  if (!block) throw std::bad_alloc();
  storage_ref result(new (block) storage);
  storage& s = *result.get();
  s.data_ = static_cast<std::byte*>(memory.data);
  s.nbytes_ = memory.nbytes;
  s.readonly_ = memory.readonly;
  s.memory_ = memory.kind;
  if (memory.on.kind() == device_kind::cpu) return result;
  // Empty arrays are on a device, too, but have nothing there.
  if (memory.nbytes > 0) backend_of(memory.on).adopt(memory.data, memory.nbytes, memory.stream);
  s.device_kind_ = memory.on.kind();
  s.device_index_ = memory.on.index();
  return result;
}

void storage::destroy() noexcept {
  if (const root_t* const root = root_.load(std::memory_order_relaxed)) delete root;
  if (const write_log* const log = log_.load(std::memory_order_relaxed)) delete log;
  if (kind_ == kind::in_one_block) {
    const std::size_t bytes = block_bytes(nbytes_);
    this->~storage();
    return small_free(this, bytes);
  }
  if (kind_ == kind::adopted) {
    if (device_kind_ != device_kind::cpu && nbytes_ > 0) backend_of(device()).forget(data_, nbytes_);
    if (free_) free_(context_);
  } else if (data_) {
    backend_of(device()).free(data_, std::max<std::int64_t>(nbytes_, 1));
  }
  this->~storage();
  small_free(this, header);
}

void retain(storage* s) noexcept { s->counts_.fetch_add(1, std::memory_order_relaxed); }

// The last owner must see what the others did with the bytes. A single owner needs no locked operation to know that it is
// the last: nobody else could make a second reference.
void release(storage* s) noexcept {
  if (s->counts_.load(std::memory_order_acquire) == 1 ||
      (s->counts_.fetch_sub(1, std::memory_order_acq_rel) & storage::references) == 1) {
    s->destroy();
  }
}

storage::root_t::root_t(const array& a)
    : type(a.dtype()), extents(a.shape()), strides(a.strides()), data(access::data(a)) {}

void storage::set_root(const array& made_with_it) {
  if (root()) return;
  auto mine = std::make_unique<root_t>(made_with_it);
  root_t* nobody = nullptr;
  // Of several threads that make a first view at once all write the same.
  if (root_.compare_exchange_strong(nobody, mine.get(), std::memory_order_acq_rel)) mine.release();
}

// ---- The log of writes

std::uint64_t storage::watch_by(std::uint64_t counts) noexcept {
  counts_.fetch_add(counts);
  const write_log* const log = log_.load();
  return log ? log->time.load() : 0;
}

void storage::unwatch() noexcept {
  const std::uint64_t before = counts_.fetch_sub(watcher);
  write_log* const log = log_.load();
  if (!log || before >= 2 * watcher || log->time.load() == log->cleared.load()) return;
  const std::lock_guard lock(log->mutex);
  if (counts_.load() >= watcher) return;  // somebody has begun to watch meanwhile and may need the newest entries
  log->writes.clear();
  log->combs.clear();
  log->cleared.store(log->time.load());
}

void storage::unwatch_and_release() noexcept {
  const write_log* const log = log_.load(std::memory_order_acquire);
  if (log && log->time.load() != log->cleared.load()) {
    unwatch();
    return release(this);
  }
  // A write noted from here on stays in the log after the last watcher: later ones do not look at it.
  if (counts_.load(std::memory_order_acquire) == watcher + 1 ||
      (counts_.fetch_sub(watcher + 1, std::memory_order_acq_rel) & references) == 1) {
    destroy();
  }
}

storage::write_log& storage::log() {
  if (write_log* const present = log_.load()) return *present;
  auto mine = std::make_unique<write_log>();
  write_log* present = nullptr;
  return log_.compare_exchange_strong(present, mine.get()) ? *mine.release() : *present;
}

void storage::note_write(const byte_comb& written) {
  const auto [begin, end, period, width] = written;
  if (begin == end || !is_watched()) return;
  write_log& log = this->log();
  const std::lock_guard lock(log.mutex);
  const std::uint64_t now = log.time.load() + 1;
  if (period != 0) {
    auto known = std::find_if(log.combs.begin(), log.combs.end(), [&](const auto& c) { return c.first == written; });
    if (known != log.combs.end()) {
      known->second = now;
      return log.time.store(now);
    }
    if (log.combs.size() < most_combs) {
      log.combs.emplace_back(written, now);
      return log.time.store(now);
    }
  }
  std::vector<write_log::write> writes;
  writes.reserve(log.writes.size() + 2);
  // What an older write left beside this one keeps its own time.
  for (const write_log::write& w : log.writes) {
    if (w.begin < begin) writes.push_back({w.begin, std::min(w.end, begin), w.time});
  }
  writes.push_back({begin, end, now});
  for (const write_log::write& w : log.writes) {
    if (w.end > end) writes.push_back({std::max(w.begin, end), w.end, w.time});
  }
  while (writes.size() > most_writes) {
    std::size_t nearest = 0;
    for (std::size_t i = 1; i + 1 < writes.size(); ++i) {
      if (writes[i + 1].begin - writes[i].end < writes[nearest + 1].begin - writes[nearest].end) nearest = i;
    }
    writes[nearest].end = writes[nearest + 1].end;
    writes[nearest].time = std::max(writes[nearest].time, writes[nearest + 1].time);
    writes.erase(writes.begin() + static_cast<std::ptrdiff_t>(nearest) + 1);
  }
  log.writes = std::move(writes);
  log.time.store(now);
}

bool storage::written_since(const write_log& log, std::uint64_t time, const byte_comb& read) {
  if (read.begin == read.end || log.time.load() == time) return false;
  const std::lock_guard lock(log.mutex);
  return std::any_of(log.writes.begin(), log.writes.end(),
                     [&](const write_log::write& w) {
                       return w.time > time && meet({w.begin, w.end}, read);
                     }) ||
         std::any_of(log.combs.begin(), log.combs.end(),
                     [&](const auto& c) { return c.second > time && meet(c.first, read); });
}

}  // namespace tessera::detail
