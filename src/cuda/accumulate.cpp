// Which kernel of device/accumulate.cuh joins values to the elements that index arrays pick.
#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "cuda/device_text.hpp"
#include "cuda/index.hpp"
#include "cuda/index_walk.hpp"
#include "cuda/numbered_keys.hpp"

namespace tessera::detail::cuda {
namespace {

bool is_aligned(const index_plan& plan) {
  auto all = reinterpret_cast<std::uintptr_t>(plan.source.data);
  for (const std::int64_t stride : plan.source.strides) all |= static_cast<std::uintptr_t>(stride);
  for (const index_operand& i : plan.indices) all |= static_cast<std::uintptr_t>(i.stride);
  return all % static_cast<std::uintptr_t>(itemsize_of(plan.source.type)) == 0;
}

/// Whether the order does not matter, and the processor has an instruction for it.
bool has_atomics(const index_plan& plan, op code) {
  const dtype type = plan.source.type;
  const bool fits = type == int32 || type == uint32 || type == int64 || type == uint64;
  const bool has_instruction = code == op::add || code == op::subtract || code == op::maximum || code == op::minimum;
  return fits && has_instruction && plan.values.type == type && is_aligned(plan);
}

class accumulate_kernel {
 public:
  accumulate_kernel(const index_plan& plan, op code)
      : plan_(plan),
        code_(code),
        how_(plan.overlapping          ? use::in_turn
             : has_atomics(plan, code) ? use::atomics
                                       : use::runs),
        walk_(plan, how_ == use::runs, index_walk::elements::as_they_are),
        shift_(std::countr_zero(static_cast<unsigned>(walk_.source_align()))),
        key_bits_(
            std::max(1, static_cast<int>(std::bit_width(static_cast<std::uint64_t>(plan.high - plan.low) >> shift_)))),
        key_bytes_(key_bits_ > 32 ? 8 : 4) {}

  void run(context& on) const {
    if (how_ == use::runs) return sort_and_run(on);
    const kernel& k = find(on);
    for_each_slab(walk_.space(), false, [&](const slab& part) {
      walk_.run(on, k, part, {.units = walk_.picked(part.extents), .in_turn = how_ == use::in_turn});
    });
  }

  kernel_text text() const {
    const char* const operation = info(code_).name;
    const std::string after = fmt::format("_{}_{}", operation, plan_.source.type.name());
    const dtype loop = plan_.values.type;
    const instruction join{code_, loop};
    const bool atomics = how_ == use::atomics;
    const std::string members =
        fmt::format("  using source_type = {};\n  using value_type = {};\n", type_name(plan_.source.type),
                    type_name(loop)) +
        (atomics ? fmt::format("  static constexpr atomic by = atomic::{};\n", operation)
                 : fmt::format("  using body = bodies::{};\n  using result_type = {};\n", operation,
                               type_name(info(code_).result == gives::bool_ ? bool_ : loop)));
    const std::string body = preamble_of({&join, atomics ? 0u : 1u}, false) + std::string(index_text) +
                             std::string(accumulate_text) + walk_.program(members);
    const auto alone = [&](const std::string& name, const std::string& call) -> kernel_text {
      return {name + after, body + walk_.entry(name + after, call)};
    };
    if (how_ == use::in_turn) return alone("tessera_accumulate_in_turn", "accumulate_in_turn<program>");
    if (atomics) return alone("tessera_accumulate", "accumulate_atomically<program>");
    const std::string keys = "tessera_accumulate_keys" + after, runs = "tessera_accumulate" + after;
    const char* const key = key_bytes_ == 8 ? "u64" : "u32";
    return {keys,
            body + walk_.entry(keys, fmt::format("make_keys<program, {}>", key)) +
                walk_.entry(runs, fmt::format("accumulate_runs<program, {}>", key)),
            runs};
  }

 private:
  enum class use : std::uint8_t { runs, in_turn, atomics };

  void sort_and_run(context& on) const {
    const kernel& k = find(on);
    const std::int64_t most = most_slab_units();
    for_each_slab(walk_.space(), false, std::min(most, numbered_keys::most), [&](const slab& picked) {
      const std::int64_t points = walk_.picked(picked.extents);
      numbered_keys order(on, points, key_bytes_, "accumulate");
      walk_.run(on, k, picked, {.units = points, .table = order.keys(), .bits = shift_, .numbers = order.numbers()});
      order.sort(on, key_bits_);
      walk_.for_each_part(picked, most, [&](const slab& part) {
        const std::int64_t kept = walk_.inside(part.extents);
        const index_share share{
            .units = points * kept, .kept = kept, .table = order.keys(), .numbers = order.numbers(), .points = points};
        walk_.run(on, k, part, share, true);
      });
    });
  }

  const kernel& find(context& on) const {
    std::string key = "a";
    key += static_cast<char>(how_);
    key += static_cast<char>(code_);
    key += static_cast<char>(key_bytes_);
    walk_.append_key(key);
    return find_kernel(key, on.capability(), [this] { return text(); });
  }

  const index_plan& plan_;
  const op code_;
  const use how_;
  const index_walk walk_;
  const int shift_, key_bits_, key_bytes_;
};

}  // namespace

void accumulate(context& on, const index_plan& plan, op code) {
  use_operands(on, plan, true);
  accumulate_kernel(plan, code).run(on);
}

kernel_text accumulate_text_of(const index_plan& plan, op code) { return accumulate_kernel(plan, code).text(); }

}  // namespace tessera::detail::cuda
