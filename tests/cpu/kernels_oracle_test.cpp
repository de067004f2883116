// Every operation in every loop dtype: random numbers against the oracles, every tail, misaligned, in place, and the same
// bits from every instruction set.
#include <gtest/gtest.h>

#include <random>

#include "cpu/elements.hpp"
#include "cpu/kernels/table.hpp"
#include "cpu/kernels/vector_functions.hpp"
#include "elementwise_oracles.hpp"

namespace {

using namespace testing_kernels;
using tessera::detail::domain;
using tessera::detail::find_cast;
using tessera::detail::find_kernel;
using tessera::detail::gives;
using tessera::detail::info;
using tessera::detail::kernel;
using tessera::detail::op;
using tessera::detail::op_count;
using tessera::detail::simd_targets;
using tessera::detail::use_simd_target;

constexpr std::size_t count = 203;  // whole vectors of the widest, and a tail

double draw_real(domain from, std::mt19937_64& random) {
  const auto between = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  switch (from) {
    case domain::positive: return between(0.01, 100);
    case domain::unit: return between(-1, 1);
    case domain::above_minus_one: return between(-0.99, 10);
    case domain::above_one: return between(1, 100);
    case domain::small: return between(-5, 5);
    case domain::any: return between(-1, 1) * std::pow(10.0, between(-3, 3));
  }
  return 0;
}

/// `count` elements of an operand.
bytes draw(dtype type, domain from, std::mt19937_64& random) {
  const std::size_t size = size_of(type);
  bytes all(count * size);
  for (std::size_t i = 0; i < count; ++i) {
    std::byte* at = &all[i * size];
    const std::int64_t bits = static_cast<std::int64_t>(random()), few = bits & 15;
    switch (kind_of(type)) {
      case 'b': at[0] = static_cast<std::byte>(bits & 1); break;
      case 'i':
      case 'u': std::memcpy(at, from == domain::small ? &few : &bits, size); break;
      case 'c':
        write_real(size == 8 ? tessera::float32 : tessera::float64, at, draw_real(from, random));
        write_real(size == 8 ? tessera::float32 : tessera::float64, at + size / 2, draw_real(from, random));
        break;
      default: write_real(type, at, draw_real(from, random));
    }
  }
  return all;
}

/// One operation in one dtype with arguments.
struct trial {
  op code;
  dtype loop, operand_types[3], result_type;
  bytes operands[3];

  trial(op operation, dtype in) : code(operation), loop(in), operand_types{in, in, in}, result_type(in) {
    if (code == op::where) operand_types[0] = tessera::bool_;
    if (code == op::ldexp) operand_types[1] = tessera::int64;
    if (info(code).result == gives::bool_) result_type = tessera::bool_;
    if (info(code).result == gives::uint8) result_type = tessera::uint8;
    if (info(code).result == gives::int32) result_type = tessera::int32;
    if (info(code).result == gives::real && kind_of(loop) == 'c') {
      result_type = size_of(loop) == 8 ? tessera::float32 : tessera::float64;
    }
    std::mt19937_64 random(static_cast<unsigned>(code) * 100u + static_cast<unsigned>(loop.code()));
    for (int k = 0; k < info(code).arity; ++k) operands[k] = draw(operand_types[k], info(code).tested_on, random);
  }

  const void* operand(int k) const { return operands[k].empty() ? nullptr : operands[k].data(); }
  bytes run() const {
    bytes out(count * size_of(result_type));
    find_kernel(code, loop)(out.data(), operand(0), operand(1), operand(2), count);
    return out;
  }
  number argument(int k, std::size_t i) const {
    return operands[k].empty() ? number{} : read(operand_types[k], &operands[k][i * size_of(operand_types[k])]);
  }
  std::string name() const { return std::string(info(code).name) + " of " + name_of(loop); }
};

template <class Check> void for_each_loop(Check check) {
  for (int code = 0; code < op_count; ++code) {
    for (int type = 1; type < tessera::dtype_count; ++type) {
      const dtype loop(static_cast<dtype_code>(type));
      if (find_kernel(static_cast<op>(code), loop) != nullptr) check(trial(static_cast<op>(code), loop));
    }
  }
}

/// The lowest bits of an integer, as the dtype holds them.
__int128 wrapped(dtype type, __int128 x) {
  const std::uint64_t low = static_cast<std::uint64_t>(x);
  std::byte element[8];
  std::memcpy(element, &low, 8);
  return read(type, element).integer;
}

/// For results that are bool or int32; any other real number may be too large, and is not asked for.
__int128 whole(long double x) { return std::abs(x) < 1e18L ? static_cast<__int128>(x) : 0; }

number exact(const oracles::oracle& by, const trial& t, std::size_t i) {
  const number x = t.argument(0, i), y = t.argument(1, i), z = t.argument(2, i);
  number result;
  if (kind_of(t.loop) == 'f') {
    result.re = by.of_reals(x.re, y.re, z.re);
    result.integer = whole(result.re);
  } else if (kind_of(t.loop) == 'c') {
    const auto value = by.of_complex({x.re, x.im}, {y.re, y.im}, {z.re, z.im});
    result = {whole(value.real()), value.real(), value.imag()};
  } else {
    result.integer = by.of_integers(x.integer, y.integer, z.integer);
  }
  if (t.code == op::bitwise_invert && kind_of(t.loop) == 'b') result.integer = 1 - x.integer;
  const char kind = kind_of(t.result_type);
  if (kind == 'b') result.integer = result.integer != 0;
  if (kind == 'i' || kind == 'u') result.integer = wrapped(t.result_type, result.integer);
  return result;
}

double allowed(const oracles::oracle& by, const trial& t) {
  const double rounding =
      size_of(t.loop) == 2 && by.ulp > 0 ? 0.51 : 0;  // computed in float: an error of 2**-13 or less
  return kind_of(t.loop) == 'c' ? by.complex_ulp
                                : std::max(rounding, size_of(t.loop) == 2 ? rounding : by.ulp * (1 + 1e-3));
}

TEST(oracles, exist_for_every_operation_and_loop) {
  for (int code = 0; code < op_count; ++code) {
    const auto found = oracles::all().find(static_cast<op>(code));
    ASSERT_NE(found, oracles::all().end()) << info(static_cast<op>(code)).name;
  }
}

TEST(kernels, agree_with_the_oracles) {
  for_each_loop([](const trial& t) {
    if (t.code == op::nextafter || t.code == op::spacing) return;
    const oracles::oracle& by = oracles::all().at(t.code);
    const bytes got = t.run();
    double worst = -1;
    std::size_t where = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const number g = read(t.result_type, &got[i * size_of(t.result_type)]);
      const double error = ulps(t.result_type, g, exact(by, t, i), false);
      if (error > worst) worst = error, where = i;
    }
    EXPECT_LE(worst, allowed(by, t)) << t.name() << ": " << text(t.loop, t.argument(0, where)) << ", "
                                     << text(t.loop, t.argument(1, where)) << " gives "
                                     << text(t.result_type, read(t.result_type, &got[where * size_of(t.result_type)]))
                                     << ", exact " << text(t.result_type, exact(by, t, where));
  });
}

/// Of 16-bit floats all numbers are walked: the neighbour upwards is the next in order.
TEST(kernels, know_the_neighbours_of_every_16_bit_float) {
  for (const dtype type : {tessera::float16, tessera::bfloat16}) {
    const std::uint16_t infinity = type == tessera::float16 ? 0x7c00 : 0x7f80;
    std::vector<std::uint16_t> ordered;  // from -infinity to infinity
    for (int bits = 0x8000 + infinity; bits > 0x8000; --bits) ordered.push_back(static_cast<std::uint16_t>(bits));
    for (int bits = 0; bits <= infinity; ++bits) ordered.push_back(static_cast<std::uint16_t>(bits));
    std::vector<std::uint16_t> upwards(ordered.size(), infinity), got(ordered.size());
    find_kernel(op::nextafter, type)(got.data(), ordered.data(), upwards.data(), nullptr, got.size());
    for (std::size_t i = 0; i + 1 < ordered.size(); ++i) {
      const int next = got[i] == 0x8000 ? 0 : got[i];  // -0.0 follows the negative numbers
      ASSERT_EQ(next, ordered[i + 1]) << name_of(type) << " " << i;
    }
    EXPECT_EQ(got.back(), infinity);
  }
}

/// For all tails: the first n results are those of the whole, whatever the alignment, and nothing beyond them is written.
TEST(kernels, treat_every_tail_and_alignment_the_same) {
  for (const std::string& target : simd_targets()) {
    use_simd_target(target);
    for_each_loop([](const trial& t) {
      const bytes whole = t.run();
      const std::size_t size = size_of(t.result_type);
      bytes moved[3];
      for (int k = 0; k < 3; ++k) {
        moved[k].resize(1);
        moved[k].insert(moved[k].end(), t.operands[k].begin(), t.operands[k].end());
      }
      for (const std::size_t n : {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 129}) {
        bytes out(1 + (n + 8) * size, std::byte{0xa5});
        find_kernel(t.code, t.loop)(&out[1], &moved[0][1], moved[1].data() + 1, moved[2].data() + 1, n);
        ASSERT_EQ(std::memcmp(&out[1], whole.data(), n * size), 0) << t.name() << ", " << n << " elements";
        for (std::size_t i = 1 + n * size; i < out.size(); ++i)
          ASSERT_EQ(out[i], std::byte{0xa5}) << t.name() << " " << n;
      }
    });
  }
  use_simd_target(simd_targets().front());
}

TEST(kernels, work_in_place) {
  for_each_loop([](const trial& t) {
    for (int k = 0; k < info(t.code).arity; ++k) {
      if (size_of(t.operand_types[k]) != size_of(t.result_type)) continue;
      bytes x[3] = {t.operands[0], t.operands[1], t.operands[2]};
      find_kernel(t.code, t.loop)(x[k].data(), x[0].data(), x[1].data(), x[2].data(), count);
      EXPECT_EQ(x[k], t.run()) << t.name() << " into operand " << k;
    }
  });
}

/// Vector functions have fast paths for vectors of usual numbers: they must give the bits of the slow ones.
TEST(kernels, give_the_same_bits_beside_unusual_numbers) {
  const double unusual[] = {0, -0.0, 1e-310, 3e-39, 1e-5, -2, 200, -1e5, 1e30, -1e300, INFINITY, -INFINITY, NAN};
  for_each_loop([&](const trial& t) {
    if (kind_of(t.loop) != 'f' || !tessera::detail::has_vector_function(t.code)) return;
    const std::size_t size = size_of(t.loop);
    trial mixed = t;
    for (int k = 0; k < info(t.code).arity; ++k)
      for (std::size_t i = 1; i < count; i += 2)
        write_real(t.loop, &mixed.operands[k][i * size],
                   unusual[(i / 2 + 3 * static_cast<unsigned>(k)) % std::size(unusual)]);
    const bytes alone = t.run(), beside = mixed.run();
    for (std::size_t i = 0; i < count; i += 2)
      ASSERT_EQ(std::memcmp(&alone[i * size], &beside[i * size], size), 0) << t.name() << ", element " << i;
  });
}

/// Plain x86-64 has no vector functions: there the C library's are used, which round otherwise.
bool may_differ(const trial& t, const std::string& target) {
  const char kind = kind_of(t.loop);
  if (kind != 'f' || target == "AVX2" || target.starts_with("AVX3")) return false;
#define TESSERA_ROW(name, arity) \
  if (t.code == op::name) return true;
  TESSERA_VECTOR_FUNCTIONS(TESSERA_ROW)
#undef TESSERA_ROW
  return false;
}

TEST(kernels, give_the_same_bits_on_every_instruction_set) {
  std::vector<bytes> first;
  for (const std::string& target : simd_targets()) {
    use_simd_target(target);
    std::size_t at = 0;
    for_each_loop([&](const trial& t) {
      if (at == first.size()) first.push_back(t.run());
      if (!may_differ(t, target)) {
        EXPECT_EQ(t.run(), first[at]) << t.name() << " on " << target;
      }
      ++at;
    });
  }
  use_simd_target(simd_targets().front());
}

}  // namespace
