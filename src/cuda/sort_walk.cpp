// Lanes as a geometry; short ones sorted in blocks.
#include "cuda/sort_walk.hpp"

#include <fmt/format.h>

#include <bit>

#include "cuda/device_text.hpp"
#include "cuda/lanes.hpp"

namespace tessera::detail::cuda {
namespace {

constexpr std::int64_t short_entries = 2048;  // of a block, as in device/sort_short.cuh

}  // namespace

sort_walk::sort_walk(const sort_plan& of) : plan(of), s(stage_of_lanes(of)), g(geometry_of(s)) {
  choose_vectors(g, 1);
  make_strided(g);
  g.wide = needs_wide_offsets(g);
  indirect = needs_indirect(s, g);
}

std::string sort_walk::program(const std::string& params, const std::string& members) const {
  std::string body = "using namespace tessera;\n" + source().params(params);
  body += fmt::format(
      "struct program {{\n  static constexpr int operands = 2, in_align = {}, out_align = {};\n"
      "  static constexpr bool descending = {};\n  using element = {};\n",
      g.operands[0].align, g.operands[1].align, plan.descending, type_name(plan.in.type));
  return body + members + place_text(g, false) + place_text(g, true, true) + "};\n";
}

bool sorts_in_blocks(const sort_plan& plan) { return plan.count <= short_entries; }

kernel_text short_text_of(const sort_walk& walk) {
  const std::string name = std::string("tessera_sort_short_") + walk.plan.in.type.name();
  return {name, std::string(types_text) + std::string(sort_text) + std::string(sort_short_text) +
                    walk.program("  u32 units, count, kept, log;\n  i64 position;\n", "") +
                    walk.source().entry(
                        name, fmt::format("sort_short<program, {}>", walk.plan.what == sort_plan::kind::indices))};
}

void sort_short_lanes(context& on, const sort_walk& walk, const slab& part) {
  const sort_plan& plan = walk.plan;
  std::string key = "oS";
  key += static_cast<char>(plan.what);
  key += static_cast<char>(plan.descending);
  walk.source().append_key(key);
  const kernel& k = find_kernel(key, on.capability(), [&] { return short_text_of(walk); });
  const std::int64_t lanes = walk.lanes(part);
  const int log = std::bit_width(static_cast<std::uint64_t>(plan.count - 1));
  parameters values;
  walk.source().add_params(values, part);
  for (const std::int64_t x : {lanes, plan.count, plan.keep, std::int64_t{log}})
    values.add(static_cast<std::uint32_t>(x));
  values.add(std::int64_t{0});
  launch(on, k, {divide_up(lanes, short_entries >> log)}, values, walk.indirect);
}

}  // namespace tessera::detail::cuda
