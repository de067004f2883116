// storage: allocation, the last reference, and the log of writes that recipes watch.
#include "core/storage.hpp"

#include <algorithm>

#include "backend.hpp"

namespace tessera::detail {
namespace {

/// More written ranges than this are merged, nearest neighbours first: staleness may then be reported for bytes between two
/// ranges that nobody wrote, but never missed.
constexpr std::size_t most_writes = 256;

/// Every storage has an address of its own, as every NumPy array has: an empty one takes a byte.
std::int64_t bytes_to_allocate(std::int64_t nbytes) { return std::max<std::int64_t>(nbytes, 1); }

}  // namespace

storage_ref storage::allocate(std::int64_t nbytes, tessera::device on, caller where) {
  backend& memory = backend_of(on);
  storage_ref result(new storage);
  storage& s = *result.get();
  s.device_ = on;
  s.data_ = static_cast<std::byte*>(memory.allocate(bytes_to_allocate(nbytes)));
  if (!s.data_) {
    throw out_of_memory("allocate: " + std::to_string(nbytes) + " bytes are not available on " + on.name(), where);
  }
  s.nbytes_ = nbytes;
  return result;
}

storage_ref storage::adopt(void* data, std::int64_t nbytes, deleter free, void* context, bool readonly) {
  storage_ref result(new storage);
  storage& s = *result.get();
  s.data_ = static_cast<std::byte*>(data);
  s.nbytes_ = nbytes;
  s.free_ = free;
  s.context_ = context;
  s.adopted_ = true;
  s.readonly_ = readonly;
  return result;
}

storage::~storage() {
  if (adopted_) {
    if (free_) free_(context_);
  } else if (data_) {
    backend_of(device_).free(data_, bytes_to_allocate(nbytes_));
  }
}

void retain(storage* s) noexcept { s->references_.fetch_add(1, std::memory_order_relaxed); }

void release(storage* s) noexcept {
  // The last owner must see what the others did with the bytes.
  if (s->references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete s;
}

storage* no_storage() noexcept {
  static std::byte nothing[1];
  static const storage_ref& shared =
      *new storage_ref(storage::adopt(nothing, 0, nullptr, nullptr, false));  // outlives statics
  return shared.get();
}

// ---- The log of writes

std::uint64_t storage::watch() noexcept {
  watchers_.fetch_add(1);
  return time_.load();
}

void storage::unwatch() noexcept {
  if (watchers_.fetch_sub(1) > 1 || time_.load() == cleared_.load()) return;
  const std::lock_guard lock(mutex_);
  if (watchers_.load() > 0) return;  // somebody has begun to watch meanwhile and may need the newest entries
  writes_.clear();
  cleared_.store(time_.load());
}

void storage::note_write(const std::byte* begin, const std::byte* end) {
  if (begin == end || watchers_.load() == 0) return;
  const std::lock_guard lock(mutex_);
  const std::uint64_t now = time_.load() + 1;
  std::vector<write> log;
  log.reserve(writes_.size() + 2);
  // What an older write left beside this one keeps its own time.
  for (const write& w : writes_) {
    if (w.begin < begin) log.push_back({w.begin, std::min(w.end, begin), w.time});
  }
  log.push_back({begin, end, now});
  for (const write& w : writes_) {
    if (w.end > end) log.push_back({std::max(w.begin, end), w.end, w.time});
  }
  while (log.size() > most_writes) {
    std::size_t nearest = 0;
    for (std::size_t i = 1; i + 1 < log.size(); ++i) {
      if (log[i + 1].begin - log[i].end < log[nearest + 1].begin - log[nearest].end) nearest = i;
    }
    log[nearest].end = log[nearest + 1].end;
    log[nearest].time = std::max(log[nearest].time, log[nearest + 1].time);
    log.erase(log.begin() + static_cast<std::ptrdiff_t>(nearest) + 1);
  }
  writes_ = std::move(log);
  time_.store(now);
}

bool storage::written_since(std::uint64_t time, const std::byte* begin, const std::byte* end) const {
  if (begin == end || time_.load() == time) return false;
  const std::lock_guard lock(mutex_);
  return std::any_of(writes_.begin(), writes_.end(),
                     [&](const write& w) { return w.time > time && w.begin < end && begin < w.end; });
}

}  // namespace tessera::detail
