// The CPU behind the seam: every call goes to the file of its verb.
#include "backend.hpp"

#include <cstring>
#include <limits>
#include <new>
#include <utility>

#include "core/bytes_text.hpp"
#include "cpu/compress.hpp"
#include "cpu/contraction.hpp"
#include "cpu/copy.hpp"
#include "cpu/distances.hpp"
#include "cpu/index.hpp"
#include "cpu/lapack.hpp"
#include "cpu/memory.hpp"
#include "cpu/nearest.hpp"
#include "cpu/properties.hpp"
#include "cpu/random.hpp"
#include "cpu/flat.hpp"
#include "cpu/run.hpp"
#include "cpu/scan.hpp"
#include "cpu/sort.hpp"
#include "cpu/texts.hpp"

namespace tessera::detail {
namespace {

// Scratch memory that is not there is reported as what it is. Verbs without this around them take none, or do without:
// search goes without its grid.
template <class F> decltype(auto) guarded(const char* name, F&& f) {
  try {
    return std::forward<F>(f)();
  } catch (const std::bad_alloc&) {
    throw out_of_memory(std::string(name) + ": no memory for intermediate results");
  }
}

class cpu_implementation final : public backend {
 public:
  const char* name() const noexcept override { return "cpu"; }

  device_properties properties() override { return cpu::properties(); }

  void* allocate(std::int64_t nbytes) override { return cpu::allocate(nbytes); }
  void free(void* data, std::int64_t nbytes) noexcept override { cpu::free(data, nbytes); }
  void fill_zero(void* data, std::int64_t nbytes) override { cpu::fill_zero(data, nbytes); }
  void copy(const shape& extents, const strided& from, const strided& to) override {
    cpu::copy_elements(from.type.itemsize(), extents, from.data, from.strides, to.data, to.strides);
  }
  void read(const void* from, void* to, std::int64_t nbytes) override {
    std::memcpy(to, from, static_cast<std::size_t>(nbytes));
  }
  void upload(const shape& extents, const strided& from, const strided& to) override { copy(extents, from, to); }
  void download(const shape& extents, const strided& from, const strided& to) override { copy(extents, from, to); }
  void copy_from(tessera::device, const shape& extents, const strided& from, const strided& to) override {
    copy(extents, from, to);
  }

  memory_statistics memory_stats() noexcept override { return cpu::memory_stats(); }
  void reset_peak_memory() noexcept override { cpu::reset_peak_memory(); }
  std::int64_t set_memory_limit(std::int64_t bytes) noexcept override { return cpu::set_memory_limit(bytes); }
  std::int64_t set_cache_limit(std::int64_t bytes) noexcept override { return cpu::set_cache_limit(bytes); }
  void release_cached_memory() noexcept override { cpu::release_cached(); }
  std::string memory_text() override {
    const memory_statistics memory = cpu::memory_stats();
    if (memory.memory_limit == std::numeric_limits<std::int64_t>::max()) return "";
    return ": " + bytes_text(memory.bytes_in_use) + " are in use, the limit is " + bytes_text(memory.memory_limit);
  }

  void run(const stage& s) override {
    guarded("evaluation", [&] { cpu::run(s); });
  }
  void run(const flat_operation& x) override { cpu::run_flat(x); }
  void run(const flat_fold& x) override {
    guarded("evaluation", [&] { cpu::run_flat(x); });
  }
  void run_rows(std::span<const stage> group) override {
    guarded("evaluation", [&] { cpu::run_rows(group); });
  }

  bool contracts(const contraction_plan& plan) override { return cpu::contracts(plan); }
  void contract(const contraction_plan& plan) override {
    guarded("contraction", [&] { cpu::contract(plan); });
  }
  std::string contraction_text(const contraction_plan& plan) override { return cpu::contraction_text(plan); }
  void distances(const distance_plan& plan) override {
    guarded("distances", [&] { cpu::distances(plan); });
  }
  void nearest(const nearest_plan& plan) override {
    guarded("nearest", [&] { cpu::nearest(plan); });
  }

  void scan(const scan_plan& plan) override { cpu::scan(plan); }
  void sort(const sort_plan& plan) override {
    guarded("sort", [&] { cpu::sort(plan); });
  }
  void search(const search_plan& plan) override { cpu::search(plan); }
  void reduce_segments(const segment_plan& plan) override {
    guarded("reduce_segments", [&] { cpu::reduce_segments(plan); });
  }
  void histogram(const histogram_plan& plan) override {
    guarded("histogram", [&] { cpu::histogram(plan); });
  }
  void compare_texts(const text_plan& plan) override { cpu::compare_texts(plan); }
  linalg_fault cannot_factorise(const linalg_plan& plan) const override { return cpu::cannot_factorise(plan); }
  linalg_outcome factorise(const linalg_plan& plan) override {
    return guarded("linalg", [&] { return cpu::factorise(plan); });
  }
  void random(const random_plan& plan) override {
    guarded("random", [&] { cpu::random(plan); });
  }

  std::int64_t check_indices(std::int64_t* positions, std::int64_t count, std::int64_t extent) override {
    return cpu::check_indices(positions, count, extent);
  }
  void gather(const index_plan& plan) override {
    guarded("gather", [&] { cpu::gather(plan); });
  }
  void scatter(const index_plan& plan) override {
    guarded("scatter", [&] { cpu::scatter(plan); });
  }
  void accumulate(const index_plan& plan, op code) override {
    guarded("accumulate", [&] { cpu::accumulate(plan, code); });
  }

  std::int64_t mark(const stage& s, const mark_bits& to) override {
    return guarded("mark", [&] { return cpu::mark(s, to); });
  }
  void compress(const compress_plan& plan) override {
    guarded("compress", [&] { cpu::compress(plan); });
  }
  void expand(const compress_plan& plan) override {
    guarded("expand", [&] { cpu::expand(plan); });
  }
  void positions(const mark_bits& bits, const shape& extents, std::int64_t* const* out) override {
    guarded("positions", [&] { cpu::positions(bits, extents, out); });
  }
};

}  // namespace

// Never destroyed: arrays with static lifetime free their bytes while the process exits.
backend& cpu_backend() {
  static cpu_implementation& instance = *new cpu_implementation;
  return instance;
}

}  // namespace tessera::detail
