// Writes CUDA for the instructions of a stage. One line of text an instruction:
//
//     const float r5 = run<bodies::add, float>(r3[k], r4);
//
// Registers that do not move along the innermost axis (constants, repeated operands, and what is made of them) are computed
// once for all elements of a thread.
#include "cuda/source.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cuda/device_text.hpp"

namespace tessera::detail::cuda {
namespace {

bool is_integer(dtype loop) { return loop.code() >= dtype_code::bool_ && loop.code() <= dtype_code::uint64; }
bool is_complex(dtype loop) { return loop.code() >= dtype_code::complex64; }

constexpr const char* fold_names[] = {"none", "sum", "prod", "min",    "max",   "fmin",
                                      "fmax", "any", "all",  "argmin", "argmax"};

/// The text with the body of an operation.
enum class family { none, arithmetic, division, extremes, logic, parts, exponential, trigonometric };
family family_of(op code) {
  switch (code) {
    case op::cast: return family::none;
    case op::add:
    case op::subtract:
    case op::multiply:
    case op::divide:
    case op::negative:
    case op::positive:
    case op::abs:
    case op::fabs:
    case op::sign:
    case op::reciprocal:
    case op::square: return family::arithmetic;
    case op::floor_divide:
    case op::remainder:
    case op::fmod:
    case op::gcd:
    case op::lcm: return family::division;
    case op::maximum:
    case op::minimum:
    case op::fmax:
    case op::fmin:
    case op::clip: return family::extremes;
    case op::equal:
    case op::not_equal:
    case op::less:
    case op::less_equal:
    case op::greater:
    case op::greater_equal:
    case op::logical_and:
    case op::logical_or:
    case op::logical_xor:
    case op::logical_not:
    case op::bitwise_and:
    case op::bitwise_or:
    case op::bitwise_xor:
    case op::bitwise_invert:
    case op::bitwise_left_shift:
    case op::bitwise_right_shift:
    case op::bitwise_count:
    case op::where: return family::logic;
    case op::sin:
    case op::cos:
    case op::tan:
    case op::asin:
    case op::acos:
    case op::atan:
    case op::sinh:
    case op::cosh:
    case op::tanh:
    case op::asinh:
    case op::acosh:
    case op::atanh: return family::trigonometric;
    case op::pow:
    case op::sqrt:
    case op::cbrt:
    case op::exp:
    case op::exp2:
    case op::expm1:
    case op::log:
    case op::log2:
    case op::log10:
    case op::log1p:
    case op::logaddexp:
    case op::logaddexp2:
    case op::atan2:
    case op::hypot:
    case op::deg2rad:
    case op::rad2deg: return family::exponential;
    default: return family::parts;
  }
}

}  // namespace

std::string preamble_of(std::span<const instruction> all, bool folds) {
  const auto needs = [&](family which, bool complex_only = false) {
    return std::any_of(all.begin(), all.end(), [&](const instruction& i) {
      return family_of(i.code) == which && (!complex_only || is_complex(i.loop));
    });
  };
  const bool complex_powers = needs(family::exponential, true);
  std::string text = std::string(types_text) + std::string(elementwise_text);
  const auto add = [&text](bool needed, std::string_view part) {
    if (needed) text += part;
  };
  add(folds || complex_powers || needs(family::arithmetic), arithmetic_text);
  add(needs(family::division), division_text);
  add(needs(family::extremes), extremes_text);
  add(needs(family::logic), logic_text);
  add(needs(family::parts), parts_text);
  add(needs(family::exponential) || needs(family::trigonometric), functions_text);
  add(complex_powers, complex_exponential_text);
  add(needs(family::trigonometric, true), complex_trigonometric_text);
  return text;
}

const char* type_name(dtype type) {
  constexpr const char* names[dtype_count] = {"",      "bool",   "i8",        "i16",       "i32",     "i64",
                                              "u8",    "u16",    "u32",       "u64",       "float16", "bfloat16",
                                              "float", "double", "complex64", "complex128"};
  return names[static_cast<int>(type.code())];
}

int weight_of(op code, dtype loop) {
  const int size = loop.code() == dtype_code::float64 || loop == complex128 ? 3 : 1;
  switch (code) {
    case op::add:
    case op::subtract:
    case op::negative:
    case op::positive:
    case op::abs:
    case op::fabs:
    case op::square:
    case op::maximum:
    case op::minimum:
    case op::fmax:
    case op::fmin:
    case op::clip:
    case op::where:
    case op::cast:
    case op::conj:
    case op::real:
    case op::imag:
    case op::rint:
    case op::floor:
    case op::ceil:
    case op::trunc:
    case op::copysign:
    case op::isnan:
    case op::isinf:
    case op::isfinite:
    case op::signbit:
    case op::heaviside:
    case op::deg2rad:
    case op::rad2deg:
    case op::sign:
    case op::spacing:
    case op::nextafter:
    case op::frexp_exponent:
    case op::frexp_mantissa:
    case op::modf_fractional:
    case op::modf_integral: return is_complex(loop) && (code == op::abs || code == op::sign) ? 40 * size : 2;
    case op::multiply: return is_complex(loop) ? 6 : 2;
    case op::divide:
    case op::reciprocal:
    case op::sqrt: return is_complex(loop) ? 60 * size : is_integer(loop) ? 4 : 8 * size;
    case op::floor_divide:
    case op::remainder:
    case op::fmod: return is_integer(loop) ? 16 : 50 * size;
    case op::gcd:
    case op::lcm: return 40;
    case op::pow: return is_integer(loop) ? 30 : is_complex(loop) ? 400 : 80 * size;
    case op::exp:
    case op::exp2:
    case op::log:
    case op::log2:
    case op::log10: return is_complex(loop) ? 150 * size : 10 * size * size;
    default: break;
  }
  if (is_integer(loop)) return 4;
  return is_complex(loop) ? 200 : 50 * size;  // sin alone takes 40 ms for two elements
}

int weight_of(const stage& s) {
  int total = 0;
  for (const instruction& i : s.instructions) total += weight_of(i.code, i.loop);
  return total;
}

int widest(const stage& s) {
  constexpr int most_weight = 128, most_elements = 16;
  int most = most_elements;
  while (most > 1 && most * weight_of(s) > most_weight) most /= 2;
  return most;
}

std::string entry_text(const std::string& name, const std::string& call, const std::string& parameter,
                       const std::string& bind) {
  return fmt::format("extern \"C\" __global__ void __launch_bounds__(256) {}({}) {{\n{}  {}(p);\n}}\n", name, parameter,
                     bind, call);
}

std::string call_text(const stage& s, const instruction& i, const std::function<std::string(reg)>& value) {
  const char* const type = type_name(s.register_types[i.result]);
  std::string text = i.code == op::cast ? fmt::format("run<cast_to<{}>, {}>(", type, type)
                                        : fmt::format("run<bodies::{}, {}>(", info(i.code).name, type);
  for (int k = 0; k < 3 && i.source[k] != no_reg; ++k) text += (k > 0 ? ", " : "") + value(i.source[k]);
  return text + ")";
}

std::string place_text(const geometry& g, bool folded, bool targets_move) {
  std::vector<int> axes;
  for (int axis = 0; axis < g.ndim(); ++axis) {
    if (g.folded[axis] == folded) axes.push_back(axis);
  }
  const std::size_t n = g.operands.size();
  const int last = g.ndim() - 1;
  std::string text =
      folded
          ? fmt::format(
                "  static TESSERA_DEVICE int folded_place(const params& p, byte* const (&from)[{}], u32 unit, byte* "
                "(&at)[{}], i64& position) {{\n",
                n, n)
          : fmt::format("  static TESSERA_DEVICE int kept_place(const params& p, u32 unit, byte* (&at)[{}]) {{\n", n);
  std::string rest = "unit", above_last;
  for (std::size_t i = axes.size(); i-- > 1;) {
    const int axis = axes[i];
    const std::string above = i == 1 ? fmt::format("i{}", axes[0]) : fmt::format("rest{}", axis);
    text += fmt::format("    const u32 {0} = quotient({1}, p.axis[{2}]), i{2} = {1} - {0} * p.axis[{2}].extent;\n",
                        above, rest, axis);
    if (axis == last) above_last = above;
    rest = above;
  }
  if (axes.size() == 1) text += fmt::format("    const u32 i{} = unit;\n", axes[0]);
  for (std::size_t k = 0; k < n; ++k) {
    const operand_view& x = g.operands[k];
    std::string sum = folded ? fmt::format("from[{}]", k) : fmt::format("p.data[{}]", k);
    for (const int axis : axes) {
      const bool moves_as_vector = axis == last && x.along == inner::vector;
      if (axis == last && x.along == inner::repeated) continue;
      if (folded && x.target && !targets_move) continue;
      const int elements = axis == last ? g.vector : 1;
      if (moves_as_vector) sum += fmt::format(" + static_cast<u64>(i{}) * {}u", axis, elements * itemsize_of(x.type));
      else if (elements == 1)
        sum += fmt::format(" + static_cast<{}>(i{}) * p.stride[{}][{}]", g.wide ? "i64" : "i32", axis, k, axis);
      else
        sum += fmt::format(" + static_cast<{}>(i{}) * {} * p.stride[{}][{}]", g.wide ? "i64" : "i32", axis, elements, k,
                           axis);
    }
    text += fmt::format("    at[{}] = {};\n", k, sum);
  }
  const bool vectors = g.vector > 1 && !axes.empty() && axes.back() == last;
  if (folded) {
    text += "    position = p.position + ";
    if (!vectors) text += "unit;\n";
    else if (axes.size() == 1) text += fmt::format("static_cast<i64>(i{}) * {};\n", last, g.vector);
    else text += fmt::format("static_cast<i64>({}) * p.inner + i{} * {};\n", above_last, last, g.vector);
  }
  if (!vectors) return text + "    return 1;\n  }\n";
  return text +
         fmt::format(
             "    const int left = static_cast<int>(p.inner - i{} * {});\n    return left < {} ? left : {};\n  }}\n",
             last, g.vector, g.vector, g.vector);
}

bool needs_indirect(const stage& s, const geometry& g) {
  const std::size_t operands = g.operands.size(), axes = static_cast<std::size_t>(g.ndim());
  return operands * (8 + 8 * axes) + 12 * axes + 16 * s.constants.size() + 256 > most_direct_bytes;
}

void stage_source::append_key(std::string& key) const {
  const auto byte = [&key](auto x) { key += static_cast<char>(x); };
  const auto two = [&](reg x) {
    byte(x & 0xff);
    byte(x >> 8);
  };
  byte(g_.vector);
  byte(g_.wide);
  byte(indirect_);
  byte(g_.ndim());
  for (const bool f : g_.folded) byte(f);
  two(static_cast<reg>(g_.operands.size()));
  for (const operand_view& x : g_.operands) {
    byte(x.type.code());
    byte(x.along);
    byte(x.align);
  }
  two(static_cast<reg>(s_.constants.size()));
  for (const constant& c : s_.constants) byte(c.type.code());
  two(static_cast<reg>(s_.instructions.size()));
  for (const instruction& i : s_.instructions) {
    byte(i.code);
    byte(i.loop.code());
    for (const reg source : i.source) two(source);
  }
  for (const result& r : s_.results) {
    two(r.value);
    byte(r.by);
    two(r.mask);
  }
}

std::string stage_source::name() const {
  std::string text;
  int count = 0;
  for (const instruction& i : s_.instructions) {
    if (count++ < 4) text += std::string("_") + info(i.code).name;
  }
  if (count > 4) text += fmt::format("_{}_more", count - 4);
  if (folds()) {
    const auto by = static_cast<std::size_t>(s_.results[0].by);
    text += std::string("_") + (by < std::size(fold_names) ? fold_names[by] : "deviations");
  }
  if (text.empty()) text = "_copy";
  return "tessera" + text + "_" + s_.register_types[s_.results[0].value].name();
}

std::string stage_source::params(const std::string& more) const {
  const std::size_t n = g_.operands.size();
  std::string text = fmt::format("struct alignas(16) params {{\n  byte* data[{}];\n", n);
  text += fmt::format("  {} stride[{}][{}];\n", offset(), n, g_.ndim());
  text += fmt::format("  divisor axis[{}];\n", g_.ndim());
  for (std::size_t i = 0; i < s_.constants.size(); ++i) {
    text += fmt::format("  alignas(16) {} c{};\n", type_name(s_.constants[i].type), s_.inputs.size() + i);
  }
  return text + more + "};\n";
}

void stage_source::add_params(parameters& to, const slab& part) const {
  for (std::byte* const data : part.data) to.add(data);
  for (const operand_view& x : g_.operands) {
    for (const std::int64_t stride : x.strides) to.add_offset(stride, g_.wide);
  }
  for (int axis = 0; axis < g_.ndim(); ++axis) {
    const bool last = axis + 1 == g_.ndim();
    to.add_divisor(last ? (part.extents[axis] + g_.vector - 1) / g_.vector : part.extents[axis]);
  }
  for (const constant& c : s_.constants) to.add_bytes(c.bytes, static_cast<std::size_t>(itemsize_of(c.type)), 16);
}

std::string stage_source::parameter() const { return indirect_ ? "const params* __restrict__ all" : "const params p"; }
std::string stage_source::bind_parameter() const { return indirect_ ? "  const params& p = *all;\n" : ""; }
std::string stage_source::entry(const std::string& name, const std::string& call) const {
  return entry_text(name, call, parameter(), bind_parameter());
}

std::vector<bool> stage_source::uniform_registers() const {
  std::vector<bool> uniform;
  for (std::size_t i = 0; i < s_.inputs.size(); ++i) uniform.push_back(g_.operands[i].along == inner::repeated);
  for (std::size_t i = 0; i < s_.constants.size(); ++i) uniform.push_back(true);
  for (const instruction& i : s_.instructions) {
    bool all = true;
    for (const reg source : i.source) all = all && (source == no_reg || uniform[source]);
    uniform.push_back(all);
  }
  return uniform;
}

void stage_source::append_loads(std::string& text, const std::vector<bool>& uniform) const {
  const std::string last = std::to_string(g_.ndim() - 1);
  for (std::size_t i = 0; i < s_.inputs.size(); ++i) {
    const operand_view& x = g_.operands[i];
    const char* const type = type_name(x.type);
    const int one = std::min(x.align, itemsize_of(x.type));
    if (uniform[i]) {
      text += fmt::format("  const {} r{} = load_one<{}, {}>(at[{}]);\n", type, i, type, one, i);
    } else if (x.along == inner::vector && folds() && g_.vector > 1) {
      // Units that are not whole: only the last one, or, of rows that go on along other folded axes, one in each row.
      const bool mostly_whole = g_.folded.back() && std::count(g_.folded.begin(), g_.folded.end(), true) > 1;
      text += fmt::format("  {} r{}[V];\n  if constexpr (Full) load<{}>(r{}, at[{}]);\n", type, i, x.align, i, i);
      text += mostly_whole ? fmt::format("  else load_some<{}, {}>(r{}, at[{}], count);\n", x.align, one, i, i)
                           : fmt::format("  else load_part<{}>(r{}, at[{}], count);\n", one, i, i);
    } else if (x.along == inner::vector) {
      text += fmt::format("  {} r{}[V];\n  load<(V > 1 ? {} : {})>(r{}, at[{}]);\n", type, i, x.align, one, i, i);
    } else {
      const char* const condition = folds() && g_.vector > 1 ? "if (Full || k < count) " : "";
      text += fmt::format(
          "  {} r{}[V] = {{}};\n#pragma unroll\n  for (int k = 0; k < V; ++k) {}r{}[k] = load_one<{}, {}>(at[{}] + k * "
          "p.stride[{}][{}]);\n",
          type, i, condition, i, type, one, i, i, last);
    }
  }
  for (std::size_t i = 0; i < s_.constants.size(); ++i) {
    const std::size_t r = s_.inputs.size() + i;
    text += fmt::format("  const {} r{} = p.c{};\n", type_name(s_.constants[i].type), r, r);
  }
}

void stage_source::append_stores(std::string& text, const std::vector<bool>&) const {
  for (std::size_t i = 0; i < s_.results.size(); ++i) {
    const std::size_t operand = s_.inputs.size() + i;
    const operand_view& x = g_.operands[operand];
    const int one = std::min(x.align, itemsize_of(x.type));
    const result& r = s_.results[i];
    if (x.along == inner::vector && r.mask == no_reg) {
      text += fmt::format("  store<(V > 1 ? {} : {})>(at[{}], o{});\n", x.align, one, operand, i);
      continue;
    }
    const std::string step = x.along == inner::vector ? fmt::format("static_cast<int>(sizeof({}))", type_name(x.type))
                                                      : fmt::format("p.stride[{}][{}]", operand, g_.ndim() - 1);
    text += fmt::format("#pragma unroll\n  for (int k = 0; k < V; ++k) {}store_one<{}>(at[{}] + k * {}, o{}[k]);\n",
                        r.mask == no_reg ? "" : fmt::format("if (m{}[k]) ", i), one, operand, step, i);
  }
}

std::string stage_source::points() const {
  const std::vector<bool> uniform = uniform_registers();
  const auto value = [&](reg r) { return fmt::format("r{}{}", r, r < s_.inputs.size() && !uniform[r] ? "[k]" : ""); };
  const auto call = [&](const instruction& i) { return call_text(s_, i, value); };
  std::string outputs;
  for (std::size_t i = 0; folds() && i < s_.results.size(); ++i) {
    outputs += fmt::format(", {} (&o{})[V]", type_name(s_.register_types[s_.results[i].value]), i);
  }
  std::string text = fmt::format(
      "template <int V, bool Full> TESSERA_DEVICE void points(const params& p, byte* const (&at)[{}], int count{}) "
      "{{\n",
      g_.operands.size(), outputs);
  append_loads(text, uniform);
  const std::size_t first = s_.inputs.size() + s_.constants.size();
  for (std::size_t i = 0; i < s_.instructions.size(); ++i) {
    if (!uniform[first + i]) continue;
    const instruction& each = s_.instructions[i];
    text += fmt::format("  const {} r{} = {};\n", type_name(s_.register_types[each.result]), each.result, call(each));
  }
  for (std::size_t i = 0; !folds() && i < s_.results.size(); ++i) {
    text += fmt::format("  {} o{}[V];\n", type_name(s_.register_types[s_.results[i].value]), i);
    if (s_.results[i].mask != no_reg) text += fmt::format("  bool m{}[V];\n", i);
  }
  text += "#pragma unroll\n  for (int k = 0; k < V; ++k) {\n";
  for (std::size_t i = 0; i < s_.instructions.size(); ++i) {
    if (uniform[first + i]) continue;
    const instruction& each = s_.instructions[i];
    text += fmt::format("    const {} r{} = {};\n", type_name(s_.register_types[each.result]), each.result, call(each));
  }
  for (std::size_t i = 0; i < s_.results.size(); ++i) {
    text += fmt::format("    o{}[k] = {};\n", i, value(s_.results[i].value));
    if (!folds() && s_.results[i].mask != no_reg)
      text += fmt::format("    m{}[k] = {};\n", i, value(s_.results[i].mask));
  }
  text += "  }\n";
  if (!folds()) append_stores(text, uniform);
  return text + "}\n";
}

}  // namespace tessera::detail::cuda
