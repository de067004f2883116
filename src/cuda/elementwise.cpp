// A thread takes `vector` neighbours along the innermost axis: one unit. Units are counted in C order, and 32-bit products
// turn a unit's number into its place along each axis.
//
// With operands that are transposed against each other a warp takes a rectangle of units, so that all its accesses are to whole
// sectors of 32 bytes, without shared memory. Of float32, in units of four elements along j:
//
//           j ->   a(i, j)            b(j, i)
//     i   [....][....]   32 bytes     .  .  .  .    each of a thread's four reads goes to
//     |   [....][....]   a row        .  .  .  .    16 neighbours along i: 64 bytes
//     v    16 rows
#include "cuda/elementwise.hpp"

#include <fmt/format.h>

#include "cuda/device_text.hpp"
#include "cuda/source.hpp"

namespace tessera::detail::cuda {
namespace {

constexpr std::int64_t block_threads = 256, tile = 16;

class elementwise_kernel {
 public:
  explicit elementwise_kernel(const stage& s) : s_(s), g_(geometry_of(s)) {
    const bool tiled = make_tiles(g_);
    choose_vectors(g_, widest(s), tiled);
    if (tiled) beside_ = threads_beside();
    g_.wide = needs_wide_offsets(g_);
    indirect_ = needs_indirect(s, g_);
  }

  const kernel& find(context& on) const {
    std::string key = "e";
    key += static_cast<char>(beside_);
    stage_source(s_, g_, indirect_).append_key(key);
    return find_kernel(key, on.capability(), [this] { return text(); });
  }

  void run(context& on) const {
    const stage_source source(s_, g_, indirect_);
    const kernel& k = find(on);
    for_each_slab(g_, false, [&](const slab& part) {
      parameters values;
      source.add_params(values, part);
      const std::int64_t inner = part.extents[part.extents.size() - 1];
      const std::int64_t units = units_of(g_, part.extents, false);
      values.add(static_cast<std::uint32_t>(units));
      values.add(static_cast<std::uint32_t>(inner / g_.vector));
      values.add(static_cast<std::uint32_t>(inner % g_.vector));
      std::int64_t blocks = (units + block_threads - 1) / block_threads;
      if (beside_ > 0) {
        const int last = g_.ndim() - 1;
        const std::int64_t wide = tiles_of((inner + g_.vector - 1) / g_.vector),
                           high = tiles_of(part.extents[last - 1]);
        values.add_divisor(wide);
        values.add_divisor(high);
        blocks = units_of(g_, part.extents, false) / ((inner + g_.vector - 1) / g_.vector) / part.extents[last - 1] *
                 wide * high;
      }
      launch(on, k, {blocks}, values, indirect_);
    });
  }

  kernel_text text() const {
    const stage_source source(s_, g_, indirect_);
    const std::string name = source.name();
    const std::string outside = "  if (unit >= p.units) return;\n";
    // A unit that is not the last along the innermost axis has all its elements; of one axis it is inside the space, too.
    const bool one_axis = g_.ndim() == 1 && g_.vector > 1, tiled = beside_ > 0;
    std::string body = preamble_of(s_.instructions, false) + "using namespace tessera;\n";
    body += source.params(tiled ? "  u32 units, full, tail;\n  divisor wide, high;\n" : "  u32 units, full, tail;\n");
    body += source.points();
    body += fmt::format("extern \"C\" __global__ void __launch_bounds__(256) {}({}) {{\n", name, source.parameter());
    body += source.bind_parameter();
    if (tiled) body += tile_places();
    else body += "  const u32 unit = blockIdx.x * 256u + threadIdx.x;\n" + (one_axis ? "" : outside) + places();
    body += addresses();
    if (g_.vector == 1) {
      body += "  points<1, true>(p, at, 1);\n";
    } else {
      body +=
          fmt::format("  if (i{} < p.full) return points<{}, true>(p, at, {});\n", g_.ndim() - 1, g_.vector, g_.vector);
      body += (one_axis ? outside : "") +
              "#pragma unroll 1\n  for (u32 k = 0; k < p.tail; ++k) {\n    points<1, true>(p, at, 1);\n" + steps() +
              "  }\n";
    }
    return {name, body + "}\n"};
  }

 private:
  /// Units of a warp along the innermost axis in tiles: 32 bytes of the largest operand that lies along it.
  int threads_beside() const {
    int bytes = 1;
    for (const operand_view& x : g_.operands) {
      if (x.along == inner::vector) bytes = std::max(bytes, g_.vector * itemsize_of(x.type));
    }
    return std::clamp(32 / bytes, 2, 8);
  }
  static std::int64_t tiles_of(std::int64_t extent) { return (extent + tile - 1) / tile; }

  /// Number of the unit along each axis.
  std::string places() const {
    const int last = g_.ndim() - 1;
    return (last == 0 ? "  const u32 i0 = unit;\n" : "") + quotients("unit", last);
  }
  /// The number `of` a point taken apart along the axes up to this one.
  static std::string quotients(const std::string& of, int last) {
    std::string text, rest = of;
    for (int axis = last; axis > 0; --axis) {
      const std::string above = axis == 1 ? "i0" : fmt::format("rest{}", axis);
      text += fmt::format("  const u32 {} = quotient({}, p.axis[{}]), i{} = {} - {} * p.axis[{}].extent;\n", above,
                          rest, axis, axis, rest, above, axis);
      rest = above;
    }
    return text;
  }
  /// The same of a thread in a tile of 16 x 16 units, whose warps are `beside_` units wide.
  std::string tile_places() const {
    const int last = g_.ndim() - 1, high = 32 / beside_, across = tile / beside_;
    std::string text = fmt::format(
        "  const u32 lane = threadIdx.x % 32, warp = threadIdx.x / 32;\n"
        "  const u32 row = quotient(blockIdx.x, p.wide), above = quotient(row, p.high);\n"
        "  const u32 i{} = (blockIdx.x - row * p.wide.extent) * {}u + warp % {}u * {}u + lane % {}u;\n"
        "  const u32 i{} = (row - above * p.high.extent) * {}u + warp / {}u * {}u + lane / {}u;\n"
        "  if (i{} >= p.axis[{}].extent || i{} >= p.axis[{}].extent) return;\n",
        last, tile, across, beside_, beside_, last - 1, tile, across, high, beside_, last, last, last - 1, last - 1);
    if (last == 2) text += "  const u32 i0 = above;\n";
    return text + (last > 2 ? quotients("above", last - 2) : "");
  }

  /// Each operand's address there.
  std::string addresses() const {
    const int last = g_.ndim() - 1;
    std::string text;
    text += fmt::format("  byte* at[{}];\n", g_.operands.size());
    const char* const offset = g_.wide ? "i64" : "i32";
    for (std::size_t k = 0; k < g_.operands.size(); ++k) {
      const operand_view& x = g_.operands[k];
      const bool vector = x.along == inner::vector;
      std::string place;
      for (int axis = 0; axis < last; ++axis) {
        place += fmt::format(" + static_cast<{}>(i{}) * p.stride[{}][{}]", offset, axis, k, axis);
      }
      // One axis: the hardware multiplies 32 by 32 to 64 bits in one instruction.
      if (vector) place += fmt::format(" + static_cast<u64>(i{}) * {}u", last, g_.vector * itemsize_of(x.type));
      else if (x.along == inner::strided)
        place += fmt::format(" + static_cast<{}>(i{}) * {} * p.stride[{}][{}]", offset, last, g_.vector, k, last);
      text += fmt::format("  at[{}] = p.data[{}]{};\n", k, k, place);
    }
    return text;
  }

  /// To the next element, one at a time.
  std::string steps() const {
    std::string text;
    for (std::size_t k = 0; k < g_.operands.size(); ++k) {
      const operand_view& x = g_.operands[k];
      if (x.along == inner::vector) text += fmt::format("    at[{}] += {};\n", k, itemsize_of(x.type));
      if (x.along == inner::strided) text += fmt::format("    at[{}] += p.stride[{}][{}];\n", k, k, g_.ndim() - 1);
    }
    return text;
  }

  const stage& s_;
  geometry g_;
  bool indirect_ = false;
  int beside_ = 0;  // 0: no tiles
};

}  // namespace

void run_elementwise(context& on, const stage& s) { elementwise_kernel(s).run(on); }

kernel_text elementwise_text_of(const stage& s) { return elementwise_kernel(s).text(); }

std::string elementwise_ptx_of(context& on, const stage& s) { return elementwise_kernel(s).find(on).image; }

}  // namespace tessera::detail::cuda
