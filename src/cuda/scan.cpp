// Which kernel of device/scan.cuh scans which lanes. The choice depends on shape and strides only.
#include "cuda/scan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "cuda/device_text.hpp"
#include "cuda/elementwise.hpp"
#include "cuda/lanes.hpp"
#include "cuda/scratch.hpp"
#include "cuda/source.hpp"
#include "tessera/error.hpp"

namespace tessera::detail::cuda {
namespace {

constexpr int block_threads = 256;

class scan_kernel {
 public:
  scan_kernel(const scan_plan& plan, const stage& s) : s_(s), g_(geometry_of(s)), sum_(plan.by == fold::sum) {
    const int last = g_.ndim() - 1, itemsize = itemsize_of(plan.in.type);
    const std::int64_t lanes = units_of(g_, g_.extents, false), count = g_.extents[last];
    const bool side_by_side =
        last > 0 && std::llabs(g_.operands[1].strides[last - 1]) < std::llabs(g_.operands[1].strides[last]);
    serial_ = count <= 32 || (side_by_side && lanes >= 8192);
    choose_vectors(g_, serial_ ? 1 : std::min(4, 16 / itemsize));
    g_.wide = needs_wide_offsets(g_);
    if (units_of(g_, g_.extents, true) > most_slab_units()) {
      throw device_error(fmt::format("{}: lanes of {} elements are more than a scan on cuda takes: {}",
                                     sum_ ? "cumsum" : "cumprod", count, most_slab_units() * g_.vector));
    }
    if (serial_) return;
    const std::int64_t units = units_of(g_, g_.extents, true);
    group_ = units <= 512 && lanes >= 64 ? 32 : block_threads;
    if (group_ != block_threads) return;
    constexpr std::int64_t enough_blocks = 512, least_tiles = 4, most_pieces = 4096;
    pieces_ = std::min({divide_up(units, block_threads * least_tiles), divide_up(enough_blocks, lanes), most_pieces});
    piece_ = divide_up(divide_up(units, pieces_), block_threads) * block_threads;
    pieces_ = divide_up(units, piece_);
  }

  void run(context& on) const {
    std::string key = "s";
    for (const int x : {serial_ ? 1 : 0, group_ == 32 ? 32 : 0, sum_ ? 1 : 0, pieces_ > 1 ? 1 : 0})
      key += static_cast<char>(x);
    stage_source(s_, g_, false).append_key(key);
    const kernel& k = find_kernel(key, on.capability(), [this] { return text(); });
    for_each_slab(g_, false, [&](const slab& part) {
      const std::int64_t lanes = units_of(g_, part.extents, false);
      const scratch partial(on, pieces_ > 1 ? lanes * pieces_ * 16 : 0, "scan");
      parameters values;
      stage_source(s_, g_, false).add_params(values, part);
      for (const std::int64_t x : {lanes, units_of(g_, part.extents, true), piece_, pieces_}) {
        values.add(static_cast<std::uint32_t>(x));
      }
      values.add(static_cast<std::uint32_t>(part.extents[part.extents.size() - 1]));
      values.add(std::int64_t{0});
      values.add(static_cast<void*>(partial.data()));
      const std::int64_t beside = serial_ ? block_threads : block_threads / group_;
      if (pieces_ > 1) launch(on, k, {lanes, pieces_}, values, false);
      launch(on, k, {divide_up(lanes, beside), pieces_}, values, false, pieces_ > 1);
    });
  }

 private:
  kernel_text text() const {
    const stage_source source(s_, g_, false);
    const char* const type = type_name(s_.inputs[0].type);
    const std::string name = fmt::format("tessera_cum{}_{}", sum_ ? "sum" : "prod", s_.inputs[0].type.name());
    std::string body =
        preamble_of({}, true) + std::string(fold_text) + std::string(scan_text) + "using namespace tessera;\n";
    body += source.params("  u32 kept, folded, piece, pieces, inner;\n  i64 position;\n  void* partial;\n");
    body += fmt::format("struct program {{\n  static constexpr int operands = 2, vector = {};\n  using element = {};\n",
                        g_.vector, type);
    body += fmt::format("  using body = bodies::{};\n  using identity = {};\n", sum_ ? "add" : "multiply",
                        sum_ ? "zero" : "one");
    body += place_text(g_, false) + place_text(g_, true, true) + memory() + "};\n";
    const std::string pieces = name + "_pieces";
    if (pieces_ > 1) body += source.entry(pieces, "sum_pieces<program>");
    body += source.entry(
        name, serial_ ? "scan_lanes<program>" : fmt::format("scan_groups<program, {}, {}>", group_, pieces_ > 1));
    if (pieces_ > 1) return {pieces, body, name};
    return {name, body};
  }

  /// load and store of one unit.
  std::string memory() const {
    const char* const type = type_name(s_.inputs[0].type);
    const int last = g_.ndim() - 1, itemsize = itemsize_of(s_.inputs[0].type);
    const operand_view &in = g_.operands[0], &out = g_.operands[1];
    std::string text =
        "  static TESSERA_DEVICE int load(const params& p, byte* const (&base)[2], u32 unit, element (&x)[vector]) {\n"
        "    byte* at[2];\n    i64 position;\n    const int count = folded_place(p, base, unit, at, position);\n";
    if (in.along == inner::vector) {
      text += fmt::format("    load_some<{}, {}>(x, at[0], count);\n", in.align, std::min(in.align, itemsize));
    } else {
      text += fmt::format(
          "#pragma unroll\n    for (int k = 0; k < vector; ++k) {{\n      if (k < count) x[k] = load_one<{}, {}>(at[0] "
          "+ k * p.stride[0][{}]);\n    }}\n",
          type, std::min(in.align, itemsize), last);
    }
    text +=
        "    return count;\n  }\n"
        "  static TESSERA_DEVICE void store(const params& p, byte* const (&base)[2], u32 unit, int count, const "
        "accumulated<element> (&x)[vector]) {\n"
        "    byte* at[2];\n    i64 position;\n    folded_place(p, base, unit, at, position);\n    element "
        "out[vector];\n"
        "#pragma unroll\n    for (int k = 0; k < vector; ++k) out[k] = convert<element>(x[k]);\n";
    const int one = std::min(out.align, itemsize);
    if (out.along == inner::vector)
      text += fmt::format("    if (count == vector) return tessera::store<{}>(at[1], out);\n", out.align);
    const std::string step =
        out.along == inner::vector ? std::to_string(itemsize) : fmt::format("p.stride[1][{}]", last);
    text += fmt::format(
        "#pragma unroll\n    for (int k = 0; k < vector; ++k) {{\n      if (k < count) store_one<{}>(at[1] + k * {}, "
        "out[k]);\n    }}\n  }}\n",
        one, step);
    return text;
  }

  const stage& s_;
  geometry g_;
  bool sum_, serial_ = true;
  int group_ = 32;
  std::int64_t pieces_ = 1, piece_ = (std::int64_t{1} << 31) - 1;
};

}  // namespace

void run_scan(context& on, const scan_plan& plan) {
  if (plan.count <= 0) return;
  stage s = stage_of_lanes(plan);
  if (plan.count == 1) {
    for (bool& folded : s.folded) folded = false;
    return run_elementwise(on, s);
  }
  scan_kernel(plan, s).run(on);
}

}  // namespace tessera::detail::cuda
