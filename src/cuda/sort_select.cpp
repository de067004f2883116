// The rounds of device/sort_select.cuh. How lanes are cut into pieces depends on shapes only.
#include <fmt/format.h>

#include <algorithm>

#include "cuda/copies.hpp"
#include "cuda/device_text.hpp"
#include "cuda/scratch.hpp"
#include "cuda/sort_walk.hpp"

namespace tessera::detail::cuda {
namespace {

constexpr int digit_bits = 11;
constexpr std::int64_t digits = 1 << digit_bits, state_bytes = 16, block_threads = 256;

class selection {
 public:
  selection(const sort_walk& walk, const slab& part)
      : walk_(walk),
        part_(part),
        places_(walk.plan.nth.empty() ? std::vector<std::int64_t>{walk.plan.keep - 1} : walk.plan.nth),
        lanes_(walk.lanes(part)) {
    constexpr std::int64_t least_piece = 8192, enough_blocks = 1024;
    const std::int64_t most = std::min(divide_up(count(), least_piece), divide_up(enough_blocks, lanes_));
    piece_ = divide_up(divide_up(count(), most), block_threads) * block_threads;
    pieces_ = divide_up(count(), piece_);
  }

  void run(context& on, std::uint32_t* numbers) const {
    const std::int64_t places = lanes_ * all(places_);
    const scratch state(on, places * state_bytes, "sort"), counts(on, places * digits * 4, "sort"),
        classes(on, lanes_ * pieces_ * (2 * all(places_) + 1) * 4, "sort");
    fill_zero(on, counts.data(), places * digits * 4);
    const kernel &rounds = find(on, false), &ends = find(on, true);
    const int bits = 8 * itemsize_of(walk_.plan.in.type), last = (bits - 1) / digit_bits;
    const auto run = [&](const kernel& k, grid blocks, int round, bool second) {
      parameters values;
      walk_.source().add_params(values, part_);
      for (const std::int64_t x :
           {count(), piece_, pieces_, std::int64_t{(last - round) * digit_bits}, std::int64_t{round}})
        values.add(static_cast<std::uint32_t>(x));
      for (const std::int64_t x : places_) values.add(static_cast<std::uint32_t>(x));
      values.add(std::int64_t{0});
      for (void* const x : {static_cast<void*>(state.data()), static_cast<void*>(counts.data()),
                            static_cast<void*>(classes.data()), static_cast<void*>(numbers)})
        values.add(x);
      launch(on, k, blocks, values, walk_.indirect, second);
    };
    for (int round = 0; round <= last; ++round) {
      run(rounds, {lanes_, pieces_}, round, false);
      run(rounds, {places}, round, true);
    }
    run(ends, {lanes_, pieces_}, last, false);
    run(ends, {lanes_, pieces_}, last, true);
  }

 private:
  static std::int64_t all(const std::vector<std::int64_t>& x) { return static_cast<std::int64_t>(x.size()); }
  std::int64_t count() const { return walk_.plan.count; }

  const kernel& find(context& on, bool ends) const {
    std::string key = "oP";
    const sort_plan& plan = walk_.plan;
    for (const int x :
         {ends ? 1 : 0, static_cast<int>(plan.nth.size()), static_cast<int>(plan.what), plan.descending ? 1 : 0})
      key += static_cast<char>(x);
    walk_.source().append_key(key);
    return find_kernel(key, on.capability(), [&] { return select_text_of(walk_, ends); });
  }

  const sort_walk& walk_;
  const slab& part_;
  const std::vector<std::int64_t> places_;
  const std::int64_t lanes_;
  std::int64_t piece_ = 0, pieces_ = 1;
};

}  // namespace

kernel_text select_text_of(const sort_walk& walk, bool ends) {
  const sort_plan& plan = walk.plan;
  const std::size_t places = std::max<std::size_t>(1, plan.nth.size());
  const std::string of = std::string("_") + plan.in.type.name();
  const std::string one = (ends ? "tessera_count_classes" : "tessera_count_digits") + of,
                    two = (ends ? "tessera_place_classes" : "tessera_choose_digit") + of;
  const std::string params = fmt::format(
      "  u32 length, piece, pieces, shift, round, place[{}];\n  i64 position;\n  place_state* state;\n"
      "  u32 *counts, *classes, *numbers;\n",
      places);
  const std::string members =
      fmt::format("  static constexpr int places = {};\n  static constexpr bool first = {}, indices = {};\n", places,
                  plan.nth.empty(), plan.what == sort_plan::kind::indices);
  return {one,
          std::string(types_text) + std::string(sort_text) + std::string(sort_select_text) +
              walk.program(params, members) +
              walk.source().entry(one, ends ? "count_classes<program>" : "count_digits<program>") +
              walk.source().entry(two, ends ? "place_classes<program>" : "choose_digit<program>"),
          two};
}

bool selects(const sort_plan& plan) {
  constexpr std::size_t most_places = 3;
  if (plan.in.type == complex128) return false;  // keys of two words
  return plan.nth.empty() ? 4 * plan.keep <= plan.count : plan.nth.size() <= most_places;
}

std::int64_t most_selected_lanes(const sort_plan& plan) {
  constexpr std::int64_t most_counts = std::int64_t{1} << 24;  // 64 MiB
  return most_counts / (digits * std::max<std::int64_t>(1, static_cast<std::int64_t>(plan.nth.size())));
}

void select_places(context& on, const sort_walk& walk, const slab& part, std::uint32_t* numbers) {
  selection(walk, part).run(on, numbers);
}

}  // namespace tessera::detail::cuda
