// Which kernel of device/index.cuh picks which elements. They are moved as so many bytes: there is a kernel for each size,
// alignment, number of axes and of index arrays.
#include "cuda/index.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "cuda/copies.hpp"
#include "cuda/device_text.hpp"
#include "cuda/index_walk.hpp"
#include "cuda/scratch.hpp"

namespace tessera::detail::cuda {
namespace {

constexpr std::int64_t most_numbers = std::int64_t{1}
                                      << 20;  // device/index.cuh: number_bits; the table stays in the cache

class index_kernel {
 public:
  enum class use : std::uint8_t { gather, scatter, scatter_in_turn };

  index_kernel(const index_plan& plan, use how)
      : how_(how),
        walk_(plan, how == use::scatter, index_walk::elements::as_bytes),
        marks_(how == use::scatter && !plan.distinct && walk_.picked() > 1) {}

  /// A thread a point; in turn: one thread for all of them.
  void run(context& on) const {
    if (how_ == use::scatter) return scatter(on);
    const kernel& k = find(on);
    for_each_slab(walk_.space(), false, [&](const slab& part) {
      walk_.run(on, k, part, {.units = walk_.picked(part.extents), .in_turn = how_ == use::scatter_in_turn});
    });
  }

  kernel_text text() const {
    const std::string size = fmt::format("_{}_bytes", walk_.itemsize());
    const std::string body =
        std::string(types_text) + std::string(index_text) +
        walk_.program(fmt::format("  using element = typename chunk_of<{}>::type;\n", walk_.itemsize()));
    const auto alone = [&](const std::string& name, const std::string& call) -> kernel_text {
      return {name + size, body + walk_.entry(name + size, call)};
    };
    if (how_ == use::gather) return alone("tessera_gather", "gather<program>");
    if (how_ == use::scatter_in_turn) return alone("tessera_scatter_in_turn", "scatter_in_turn<program>");
    if (!marks_) return alone("tessera_scatter", "scatter<program, true>");
    const std::string mark = "tessera_mark_writers" + size, write = "tessera_scatter" + size;
    return {mark, body + walk_.entry(mark, "mark_writers<program>") + walk_.entry(write, "scatter<program, false>"),
            write};
  }

 private:
  void scatter(context& on) const {
    const kernel& k = find(on);
    const std::int64_t most = most_slab_units();
    const std::int64_t most_picked =
        marks_ ? std::min(most_numbers, most) : std::max<std::int64_t>(1, most / std::min(most, walk_.inside()));
    for_each_slab(walk_.space(), false, most_picked, [&](const slab& picked) {
      const std::int64_t numbers = walk_.picked(picked.extents);
      const int bits = std::bit_width(static_cast<std::uint64_t>(2 * numbers));
      const std::int64_t bytes = marks_ ? std::int64_t{8} << bits : 0;
      const scratch table(on, bytes, "scatter");
      if (marks_) {
        check(cudaMemsetAsync(table.data(), 0, static_cast<std::size_t>(bytes), on.stream()), "cudaMemsetAsync");
        walk_.run(on, k, picked, {.units = numbers, .table = table.data(), .bits = bits});
      }
      walk_.for_each_part(picked, most, [&](const slab& part) {
        const std::int64_t kept = walk_.inside(part.extents);
        const index_share share{.units = numbers * kept,
                                .kept = kept,
                                .table = table.data(),
                                .bits = bits,
                                .moved = part.data[0] - picked.data[0]};
        walk_.run(on, k, part, share, marks_);
      });
    });
  }

  const kernel& find(context& on) const {
    std::string key = "i";
    key += static_cast<char>(how_);
    key += static_cast<char>(marks_);
    walk_.append_key(key);
    return find_kernel(key, on.capability(), [this] { return text(); });
  }

  const use how_;
  const index_walk walk_;
  const bool marks_;
};

}  // namespace

std::int64_t check_indices(context& on, std::int64_t* positions, std::int64_t count, std::int64_t extent) {
  const kernel& k = find_kernel("ic", on.capability(), []() -> kernel_text {
    return {"tessera_check_indices",
            std::string(types_text) + std::string(index_text) +
                "struct alignas(16) params { tessera::i64* positions; tessera::u64 count; tessera::i64 extent; "
                "tessera::u64* first_bad; };\n"
                "extern \"C\" __global__ void __launch_bounds__(256) tessera_check_indices(const __grid_constant__ "
                "params p) {\n  tessera::check_position(p.positions, p.count, p.extent, p.first_bad);\n}\n"};
  });
  const scratch first_bad(on, 8, "index");
  on.use(positions, true);
  check(cudaMemsetAsync(first_bad.data(), 0xff, 8, on.stream()), "cudaMemsetAsync");
  parameters values;
  values.add(positions);
  values.add(count);
  values.add(extent);
  values.add(first_bad.data());
  launch(on, k, {(count + 255) / 256}, values, false);
  std::int64_t bad = -1;  // all bits set, as the device has it where there is none
  read(on, first_bad.data(), &bad, sizeof bad);
  return bad;
}

void gather(context& on, const index_plan& plan) {
  use_operands(on, plan, false);
  index_kernel(plan, index_kernel::use::gather).run(on);
}

void scatter(context& on, const index_plan& plan) {
  use_operands(on, plan, true);
  index_kernel(plan, plan.overlapping ? index_kernel::use::scatter_in_turn : index_kernel::use::scatter).run(on);
}

kernel_text gather_text_of(const index_plan& plan) { return index_kernel(plan, index_kernel::use::gather).text(); }
kernel_text scatter_text_of(const index_plan& plan) { return index_kernel(plan, index_kernel::use::scatter).text(); }

}  // namespace tessera::detail::cuda
