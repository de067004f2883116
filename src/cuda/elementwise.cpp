// A thread takes `vector` neighbours along the innermost axis: one unit. Units are counted in C order, and 32-bit products
// turn a unit's number into its place along each axis.
#include "cuda/elementwise.hpp"

#include <fmt/format.h>

#include "cuda/device_text.hpp"
#include "cuda/source.hpp"

namespace tessera::detail::cuda {
namespace {

constexpr std::int64_t block_threads = 256;

class elementwise_kernel {
 public:
  explicit elementwise_kernel(const stage& s) : s_(s), g_(geometry_of(s)) {
    choose_vectors(g_, widest(s));
    g_.wide = needs_wide_offsets(g_);
    indirect_ = needs_indirect(s, g_);
  }

  const kernel& find(context& on) const {
    std::string key = "e";
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
      launch(on, k, {(units + block_threads - 1) / block_threads}, values, indirect_);
    });
  }

  kernel_text text() const {
    const stage_source source(s_, g_, indirect_);
    const std::string name = source.name();
    std::string body = preamble_of(s_.instructions, false) + "using namespace tessera;\n";
    body += source.params("  u32 units, full, tail;\n") + source.points();
    body += fmt::format("extern \"C\" __global__ void __launch_bounds__(256) {}({}) {{\n", name, source.parameter());
    body += source.bind_parameter();
    body += "  const u32 unit = blockIdx.x * 256u + threadIdx.x;\n  if (unit >= p.units) return;\n";
    body += addresses();
    if (g_.vector == 1) {
      body += "  points<1, true>(p, at, 1);\n";
    } else {
      body += fmt::format(
          "  if (p.tail == 0 || i{} + 1 != p.axis[{}].extent) {{\n    points<{}, true>(p, at, {});\n    return;\n  "
          "}}\n",
          g_.ndim() - 1, g_.ndim() - 1, g_.vector, g_.vector);
      body += "#pragma unroll 1\n  for (u32 k = 0; k < p.tail; ++k) {\n    points<1, true>(p, at, 1);\n" + steps() +
              "  }\n";
    }
    return {name, body + "}\n"};
  }

 private:
  /// Elements a thread takes at most: 16 bytes of the largest operand, fewer of what computes for long.
  static int widest(const stage& s) {
    constexpr int most_weight = 128, most_elements = 16;
    int most = most_elements;
    while (most > 1 && most * weight_of(s) > most_weight) most /= 2;
    return most;
  }

  /// Number of the unit along each axis, and each operand's address there.
  std::string addresses() const {
    const int last = g_.ndim() - 1;
    std::string text;
    std::string rest = "unit";
    for (int axis = last; axis > 0; --axis) {
      const std::string above = axis == 1 ? "i0" : fmt::format("rest{}", axis);
      text += fmt::format("  const u32 {} = quotient({}, p.axis[{}]), i{} = {} - {} * p.axis[{}].extent;\n", above,
                          rest, axis, axis, rest, above, axis);
      rest = above;
    }
    if (last == 0) text += "  const u32 i0 = unit;\n";
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
};

}  // namespace

void run_elementwise(context& on, const stage& s) { elementwise_kernel(s).run(on); }

kernel_text elementwise_text_of(const stage& s) { return elementwise_kernel(s).text(); }

std::string elementwise_ptx_of(context& on, const stage& s) { return elementwise_kernel(s).find(on).image; }

}  // namespace tessera::detail::cuda
