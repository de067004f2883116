// Generated elementwise kernels against the CPU's: every operation and dtype, layouts, alignments, slabs, masks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "backend.hpp"
#include "cpu/elements.hpp"
#include "cpu/hand_made.hpp"
#include "cuda/elementwise.hpp"
#include "cuda/geometry.hpp"
#include "cuda/kernel_cache.hpp"
#include "cuda/launch.hpp"
#include "mirror.hpp"
#include "expr/build.hpp"

namespace tessera::detail {
namespace {

using testing_kernels::format_of;
using testing_kernels::kind_of;
using testing_kernels::number;
using testing_kernels::read;
using testing_kernels::size_of;

constexpr dtype all_dtypes[] = {bool_,  int8,    int16,    int32,   int64,   uint8,     uint16,    uint32,
                                uint64, float16, bfloat16, float32, float64, complex64, complex128};

std::uint8_t kind_bit(dtype type) {
  switch (kind_of(type)) {
    case 'b': return B;
    case 'i':
    case 'u': return I;
    case 'f': return F;
    default: return C;
  }
}

/// The largest errors that NVIDIA documents (docs/gpu.md), in ulp of the dtype computed in; of complex numbers, and of what is made of
/// several functions, what is allowed beside the CPU.
struct bound {
  op code;
  double single, full, complex;
};
constexpr bound documented[] = {
    {op::exp, 2, 1, 12},       {op::exp2, 2, 1, 40},  {op::expm1, 1, 1, 1e9}, {op::log, 1, 1, 8},
    {op::log2, 1, 1, 12},      {op::log10, 2, 1, 12}, {op::log1p, 1, 1, 64},  {op::logaddexp, 6, 6, 0},
    {op::logaddexp2, 6, 6, 0}, {op::sin, 2, 2, 12},   {op::cos, 2, 2, 12},    {op::tan, 4, 2, 24},
    {op::asin, 2, 2, 24},      {op::acos, 2, 2, 24},  {op::atan, 2, 2, 24},   {op::atan2, 3, 2, 0},
    {op::sinh, 3, 2, 12},      {op::cosh, 2, 1, 12},  {op::tanh, 2, 1, 24},   {op::asinh, 3, 3, 24},
    {op::acosh, 4, 3, 24},     {op::atanh, 3, 2, 24}, {op::hypot, 3, 2, 0},   {op::cbrt, 1, 1, 0},
    {op::pow, 4, 2, 200},      {op::abs, 0, 0, 4},    {op::sign, 0, 0, 8},    {op::sqrt, 0, 0, 6},
    {op::angle, 0, 0, 5},
};
/// How far results may be from the CPU's, which are within 2 ulp themselves (docs/accuracy.md); 0: the same bits. 16-bit floats are
/// rounded once from float and may round the other way.
double bound_of(op code, dtype loop) {
  constexpr double of_the_cpu = 2;
  for (const bound& b : documented) {
    if (b.code != code) continue;
    if (kind_of(loop) == 'c') return b.complex;
    if (kind_of(loop) != 'f') return 0;
    const double error = loop == float64 ? b.full : b.single;
    return error == 0 ? 0 : loop == float64 || loop == float32 ? error + of_the_cpu : 1;
  }
  return 0;
}

/// Bytes of random elements within the operation's domain, special values among them.
class drawing {
 public:
  void fill(std::byte* to, dtype type, std::int64_t count, domain where, bool exponent) {
    for (std::int64_t i = 0; i < count; ++i) put(to + i * size_of(type), type, where, exponent);
  }

 private:
  double real(domain where) {
    std::uniform_real_distribution<double> unit(-1, 1);
    switch (where) {
      case domain::positive: return std::exp(5 * unit(random_));
      case domain::unit: return unit(random_);
      case domain::above_minus_one: return std::exp(3 * unit(random_)) - 1;
      case domain::above_one: return 1 + std::exp(4 * unit(random_));
      case domain::small: return 8 * unit(random_);
      default: return unit(random_) * std::pow(10.0, 4 * unit(random_));
    }
  }
  double special() {
    constexpr double values[] = {0.0, -0.0,   INFINITY, -INFINITY, NAN,   1,     -1,  0.5,
                                 2,   1e-310, -1e-42,   6e-8,      65504, 1e300, 3e38};
    return values[random_() % std::size(values)];
  }
  double pick(domain where) { return random_() % 6 == 0 ? special() : real(where); }
  void put(std::byte* to, dtype type, domain where, bool exponent) {
    const auto raw = [&](auto x) { std::memcpy(to, &x, sizeof x); };
    switch (kind_of(type)) {
      case 'b': return raw(static_cast<std::uint8_t>(random_() % 3));  // any byte
      case 'f': return testing_kernels::write_real(type, to, pick(where));
      case 'c':
        if (type == complex64) {
          raw(static_cast<float>(pick(where)));
          to += 4;
          return raw(static_cast<float>(pick(where)));
        }
        raw(pick(where));
        to += 8;
        return raw(pick(where));
      default: break;
    }
    std::uint64_t bits = random_();
    if (exponent) bits %= 12;
    else if (where == domain::small || random_() % 3 == 0)
      bits = bits % 5 == 0 && kind_of(type) == 'i' ? ~(bits % 70) : bits % 70;
    else if (random_() % 16 == 0) bits = std::uint64_t{1} << (8 * size_of(type) - 1);
    std::memcpy(to, &bits, static_cast<std::size_t>(size_of(type)));
  }
  std::mt19937_64 random_{42};
};

/// A stage of one instruction on contiguous operands of `count` elements.
struct single_operation {
  stage s;
  std::vector<std::vector<std::byte>> operands;
  std::vector<std::byte> target;
  dtype result_type;

  single_operation(op code, dtype loop, std::int64_t count, drawing& values, dtype from = {}) {
    const op_info& row = info(code);
    result_type = code == op::cast ? loop : result_dtype(code, loop);
    s.extents = shape(count);
    s.folded.push_back(false);
    instruction i{code, loop};
    for (int k = 0; k < row.arity; ++k) {
      const dtype type = code == op::cast                              ? from
                         : code == op::where && k == 0                 ? bool_
                         : k == 1 && row.notes == note::integer_second ? int64
                                                                       : loop;
      operands.emplace_back(static_cast<std::size_t>(count * size_of(type) + 64));
      std::byte* const data = aligned(operands.back().data());
      const bool exponent = k == 1 && (code == op::pow || row.notes == note::integer_second);
      values.fill(data, type, count, row.tested_on, exponent && (kind_of(type) == 'i' || kind_of(type) == 'u'));
      s.inputs.push_back({data, type, shape(size_of(type))});
      s.register_types.push_back(type);
      i.source[k] = static_cast<reg>(k);
    }
    i.result = static_cast<reg>(row.arity);
    s.instructions.push_back(i);
    s.register_types.push_back(result_type);
    target.resize(static_cast<std::size_t>(count * size_of(result_type) + 64));
    s.results.push_back(
        {i.result, fold::none, {aligned(target.data()), result_type, shape(size_of(result_type))}, no_reg});
  }
  static std::byte* aligned(std::byte* data) { return data + (16 - reinterpret_cast<std::uintptr_t>(data) % 16) % 16; }
};

void run_there(const stage& s) {
  cuda::run_mirrored({&s, 1}, [](cuda::context& on, std::span<const stage> all) {
    for (const stage& each : all) cuda::run_elementwise(on, each);
  });
}

/// Bits, or any NaN for any NaN; within a bound, ulp.
bool agrees(dtype type, const std::byte* got, const std::byte* want, double bound) {
  if (std::memcmp(got, want, static_cast<std::size_t>(size_of(type))) == 0) return true;
  if (kind_of(type) != 'f' && kind_of(type) != 'c') return false;
  return testing_kernels::ulps(type, read(type, got), read(type, want)) <= bound;
}

/// Signs that C99's annex G leaves open: of zeros and infinities that come of infinite or NaN complex arguments.
number without_open_signs(number x) {
  if (x.re == 0 || std::isinf(x.re)) x.re = std::abs(x.re);
  if (x.im == 0 || std::isinf(x.im)) x.im = std::abs(x.im);
  return x;
}

/// z**w is e**(w log z): what the product loses in double, of which both backends compute it, comes back as an error of the size
/// and the angle, and near the largest number as an infinity. What arguments that are not finite give, a
/// zero, an infinity or NaN, differs already between libraries.
bool agrees_as_power(dtype type, const number& z, const number& w, const number& got, const number& want,
                     double bound) {
  const auto finite = [](const number& x) { return std::isfinite(x.re) && std::isfinite(x.im); };
  const auto is_limit = [&](const number& x) { return !finite(x) || (x.re == 0 && x.im == 0); };
  if (!finite(z) || !finite(w)) return is_limit(got) && is_limit(want);
  const long double log_size = std::log(std::hypot(z.re, z.im)), angle = std::atan2(z.im, z.re);
  const long double exponent = w.re * log_size - w.im * angle;
  const long double product = std::hypot(w.re, w.im) * std::hypot(log_size, angle), lost = std::ldexp(product, -52);
  if (!finite(got) || !finite(want)) {
    const long double most = type == complex64 ? 88.7L : 709.7L;
    return exponent * (1 + 8 * lost) + 8 * lost > most - 1 || lost > 1;
  }
  const long double unit = type == complex64 ? 0x1p-29L : 1;
  return testing_kernels::ulps(type, without_open_signs(got), without_open_signs(want)) <=
         static_cast<double>(bound + 8 * product * unit);
}

/// What this element's result may differ by for its arguments.
bool agrees(const single_operation& x, op code, std::int64_t i, const std::byte* got, const std::byte* want) {
  const dtype type = x.result_type, loop = x.s.instructions[0].loop;
  const double bound = bound_of(code, loop);
  if (agrees(type, got, want, bound)) return true;
  if (bound == 0) return false;
  std::vector<number> from;
  for (const strided& input : x.s.inputs) from.push_back(read(input.type, input.data + i * size_of(input.type)));
  if (code == op::logaddexp || code == op::logaddexp2) {  // bounded by the larger operand's unit
    const long double size = std::max(std::abs(from[0].re), std::abs(from[1].re));
    return std::abs(read(type, got).re - read(type, want).re) <= bound * testing_kernels::unit(type, size);
  }
  if (kind_of(loop) != 'c') return false;
  const auto finite = [](const number& z) { return std::isfinite(z.re) && std::isfinite(z.im); };
  if (code == op::pow) return agrees_as_power(type, from[0], from[1], read(type, got), read(type, want), bound);
  if (finite(from[0])) return false;
  return testing_kernels::ulps(type, without_open_signs(read(type, got)), without_open_signs(read(type, want))) <=
         bound;
}

void expect_same_operation(op code, dtype loop, dtype from = {}) {
  static drawing values;
  constexpr std::int64_t count = 997;
  single_operation x(code, loop, count, values, from);
  cpu_backend().run(x.s);
  const std::vector<std::byte> want(x.s.results[0].target.data,
                                    x.s.results[0].target.data + count * size_of(x.result_type));
  std::fill(x.target.begin(), x.target.end(), std::byte{0xcd});
  run_there(x.s);
  int shown = 0;
  for (std::int64_t i = 0; i < count && shown < 3; ++i) {
    const std::byte* got = x.s.results[0].target.data + i * size_of(x.result_type);
    if (agrees(x, code, i, got, want.data() + i * size_of(x.result_type))) continue;
    ++shown;
    std::string text;
    for (const strided& input : x.s.inputs) {
      text += ' ';
      text += testing_kernels::text(input.type, read(input.type, input.data + i * size_of(input.type)));
    }
    ADD_FAILURE() << info(code).name << " of " << loop.name() << ":" << text << " gives "
                  << testing_kernels::text(x.result_type, read(x.result_type, got)) << " not "
                  << testing_kernels::text(x.result_type,
                                           read(x.result_type, want.data() + i * size_of(x.result_type)));
  }
}

class every_operation : public testing::TestWithParam<int> {};

TEST_P(every_operation, gives_the_cpus_results_in_every_loop) {
  const op code = static_cast<op>(GetParam());
  for (const dtype loop : all_dtypes) {
    if ((info(code).loops & kind_bit(loop)) == 0) continue;
    if (info(code).notes == note::strict_bool && loop == bool_) continue;
    if (code == op::cast) {
      for (const dtype from : all_dtypes) {
        if (!(from == loop)) expect_same_operation(code, loop, from);
      }
    } else {
      expect_same_operation(code, loop);
    }
  }
}
INSTANTIATE_TEST_SUITE_P(cuda, every_operation, testing::Range(0, op_count),
                         [](const auto& at) { return std::string(detail::info(static_cast<op>(at.param)).name); });

// ---- layouts -------------------------------------------------------------------------------------------------------

/// t = a * c + b with operands of two dtypes in the layouts given.
template <class A, class T>
void expect_same_layout(const shape& extents, layout first, layout second, layout third, dtype a_type, dtype type) {
  operand_of<A> a(extents, first, a_type);
  operand_of<T> b(extents, second, type);
  std::mt19937 random(7);
  a.fill([&](auto) { return static_cast<A>(random() % 200); });
  b.fill([&](auto) { return static_cast<T>(random() % 1000); });
  operand_of<T> want(extents, third, type), got(extents, third, type);
  want.fill([](auto) { return T(0); });
  got.fill([](auto) { return T(0); });
  stage s;
  s.extents = extents;
  s.folded = axis_flags(static_cast<std::size_t>(extents.size()));
  s.inputs = {a.view(), b.view()};
  constant c{type, {}};
  const T value = T(3);
  std::memcpy(c.bytes, &value, sizeof value);
  s.constants.push_back(c);
  s.instructions = {{op::cast, type, 3, {0, no_reg, no_reg}},
                    {op::multiply, type, 4, {3, 2, no_reg}},
                    {op::add, type, 5, {4, 1, no_reg}}};
  s.register_types = {a_type, type, type, type, type, type};
  s.results.push_back({5, fold::none, want.view(), no_reg});
  cpu_backend().run(s);
  s.results[0].target = got.view();
  run_there(s);
  for (std::int64_t i = 0; i < want.size(); ++i) ASSERT_EQ(got.get(i), want.get(i)) << "point " << i;
}

TEST(cuda_layouts, of_every_kind_meet) {
  for (const shape& extents : {shape{1}, shape{5}, shape{64, 33}, shape{3, 4, 24}, shape{2, 3, 5, 7}}) {
    for (const layout a : all_layouts) {
      for (const layout b : all_layouts) {
        SCOPED_TRACE(testing::Message() << extents.size() << " axes, layouts " << static_cast<int>(a) << " "
                                        << static_cast<int>(b));
        const layout to = a == layout::repeated ? layout::contiguous : a;
        expect_same_layout<float, float>(extents, b, a, to, float32, float32);
        if (extents.size() == 2) {
          expect_same_layout<std::uint8_t, double>(extents, a, b, layout::contiguous, uint8, float64);
          expect_same_layout<std::int64_t, std::int16_t>(extents, a, b, layout::transposed, int64, int16);
          expect_same_layout<std::uint8_t, std::uint8_t>(extents, b, layout::contiguous, to, uint8, uint8);
        }
      }
    }
  }
}

TEST(cuda_layouts, in_slabs_are_the_same) {
  const std::int64_t before = cuda::set_slab_units(37);
  for (const shape& extents : {shape{1000}, shape{50, 7}, shape{9, 5, 11}, shape{2, 100, 3}}) {
    for (const layout each : {layout::contiguous, layout::reversed, layout::transposed, layout::strided}) {
      expect_same_layout<float, float>(extents, layout::contiguous, each, layout::contiguous, float32, float32);
      expect_same_layout<float, float>(extents, each, layout::repeated, each, float32, float32);
    }
  }
  cuda::set_slab_units(before);
}

TEST(cuda_layouts, masked_stores_leave_the_rest) {
  for (const layout each : {layout::contiguous, layout::strided, layout::misaligned}) {
    const shape extents{7, 37};
    operand_of<float> x(extents, each, float32), want(extents, each, float32), got(extents, each, float32);
    operand_of<std::uint8_t> mask(extents, layout::contiguous, bool_);
    x.fill([](auto i) { return static_cast<float>(i); });
    want.fill([](auto) { return -1.0f; });
    got.fill([](auto) { return -1.0f; });
    mask.fill([](auto i) { return static_cast<std::uint8_t>(i % 3); });
    stage s;
    s.extents = extents;
    s.folded = axis_flags(2);
    s.inputs = {x.view(), mask.view()};
    s.register_types = {float32, bool_};
    s.results.push_back({0, fold::none, want.view(), 1});
    cpu_backend().run(s);
    s.results[0].target = got.view();
    run_there(s);
    for (std::int64_t i = 0; i < want.size(); ++i) ASSERT_EQ(got.get(i), want.get(i)) << i;
  }
}

TEST(cuda_layouts, several_results_are_one_launch) {
  const shape extents{100, 9};
  operand_of<float> x(extents, layout::contiguous, float32), sum(extents, layout::transposed, float32);
  operand_of<std::uint8_t> less(extents, layout::contiguous, bool_);
  x.fill([](auto i) { return static_cast<float>(i % 17) - 8; });
  stage s;
  s.extents = extents;
  s.folded = axis_flags(2);
  s.inputs = {x.view()};
  s.constants.push_back({float32, {}});
  s.instructions = {{op::add, float32, 2, {0, 0, no_reg}}, {op::less, float32, 3, {0, 1, no_reg}}};
  s.register_types = {float32, float32, float32, bool_};
  s.results.push_back({2, fold::none, sum.view(), no_reg});
  s.results.push_back({3, fold::none, less.view(), no_reg});
  const std::int64_t before = cuda::launch_count();
  run_there(s);
  EXPECT_EQ(cuda::launch_count(), before + 1);
  for (std::int64_t i = 0; i < x.size(); ++i) {
    ASSERT_EQ(sum.get(i), 2 * x.get(i));
    ASSERT_EQ(less.get(i), x.get(i) < 0 ? 1 : 0);
  }
}

// Parameters that do not fit a launch go through memory.
TEST(cuda_layouts, of_hundreds_of_operands_are_one_launch) {
  constexpr int count = 300;
  const shape extents{5, 13};
  std::vector<operand_of<std::int32_t>> all;
  stage s;
  s.extents = extents;
  s.folded = axis_flags(2);
  for (int i = 0; i < count; ++i) {
    all.emplace_back(extents, i % 2 == 0 ? layout::contiguous : layout::transposed, int32);
    all.back().fill([i](auto point) { return static_cast<std::int32_t>(point * (i + 1)); });
  }
  for (const auto& x : all) {
    s.inputs.push_back(x.view());
    s.register_types.push_back(int32);
  }
  for (int i = 1; i < count; ++i) {
    const reg so_far = static_cast<reg>(i == 1 ? 0 : count + i - 2);
    s.instructions.push_back({op::add, int32, static_cast<reg>(count + i - 1), {so_far, static_cast<reg>(i), no_reg}});
    s.register_types.push_back(int32);
  }
  operand_of<std::int32_t> target(extents, layout::contiguous, int32);
  s.results.push_back({s.instructions.back().result, fold::none, target.view(), no_reg});
  const std::int64_t before = cuda::launch_count();
  run_there(s);
  EXPECT_EQ(cuda::launch_count(), before + 1);
  for (std::int64_t i = 0; i < target.size(); ++i) ASSERT_EQ(target.get(i), i * count * (count + 1) / 2);
}

// ---- text and cache --------------------------------------------------------------------------------------------------

stage sum_of_two(std::vector<float>& a, std::vector<float>& b, std::vector<float>& to, std::int64_t n) {
  const auto at = [](std::vector<float>& x) {
    return single_operation::aligned(reinterpret_cast<std::byte*>(x.data()));
  };
  stage s;
  s.extents = shape(n);
  s.folded.push_back(false);
  s.inputs = {{at(a), float32, shape(4)}, {at(b), float32, shape(4)}};
  s.instructions.push_back({op::add, float32, 2, {0, 1, no_reg}});
  s.register_types = {float32, float32, float32};
  s.results.push_back({2, fold::none, {at(to), float32, shape(4)}, no_reg});
  return s;
}

TEST(cuda_kernels, do_not_depend_on_sizes) {
  std::vector<float> a(9000, 1), b(9000, 2), to(9000);
  run_there(sum_of_two(a, b, to, 5000));
  const auto before = cuda::kernel_cache_statistics();
  for (const std::int64_t n : {4999, 64, 8000}) run_there(sum_of_two(a, b, to, n));
  const auto after = cuda::kernel_cache_statistics();
  EXPECT_EQ(after.compiled + after.read, before.compiled + before.read);
  EXPECT_EQ(cuda::elementwise_text_of(sum_of_two(a, b, to, 64)).source,
            cuda::elementwise_text_of(sum_of_two(a, b, to, 8000)).source);
}

std::size_t count_of(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

TEST(cuda_kernels, of_contiguous_floats_access_16_bytes_at_a_time) {
  std::vector<float> a(64, 1), b(64, 2), to(64);
  const stage s = sum_of_two(a, b, to, 50);
  run_there(s);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(reinterpret_cast<float*>(s.results[0].target.data)[i], 3);
  const std::string ptx = cuda::elementwise_ptx_of(cuda::context_of(0), s);
  if (ptx.empty()) GTEST_SKIP() << "compiled to machine code";
  EXPECT_EQ(count_of(ptx, "ld.global.v4"), 2u);
  EXPECT_EQ(count_of(ptx, "st.global.v4"), 1u);
}

}  // namespace
}  // namespace tessera::detail
