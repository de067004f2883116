// Kernels against stored NumPy results for special values, on every instruction set of this machine.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "cpu/elements.hpp"
#include "cpu/kernels/table.hpp"

namespace {

using namespace testing_kernels;
using nlohmann::json;
using tessera::detail::find_cast;
using tessera::detail::find_kernel;
using tessera::detail::kernel;
using tessera::detail::op;
using tessera::detail::op_count;
using tessera::detail::op_info;
using tessera::detail::simd_target;
using tessera::detail::simd_targets;
using tessera::detail::use_simd_target;

std::vector<dtype> all_dtypes() {
  std::vector<dtype> all;
  for (int code = 1; code < tessera::dtype_count; ++code) all.emplace_back(static_cast<dtype_code>(code));
  return all;
}

op op_named(const std::string& name) {
  int code = 0;
  while (tessera::detail::op_table[code].name != name) ++code;
  return static_cast<op>(code);
}

/// A test on each instruction set; the best one is in use again afterwards.
class kernels : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { use_simd_target(GetParam()); }
  void TearDown() override { use_simd_target(simd_targets().front()); }
};

TEST(kernel_table, has_exactly_the_loops_of_op_table) {
  for (int code = 0; code < op_count; ++code) {
    const op_info& row = tessera::detail::op_table[code];
    for (const dtype loop : all_dtypes()) {
      const char kind = kind_of(loop);
      const int bit = kind == 'b'   ? tessera::detail::B
                      : kind == 'f' ? tessera::detail::F
                      : kind == 'c' ? tessera::detail::C
                                    : tessera::detail::I;
      const bool expected = (row.loops & bit) != 0 && static_cast<op>(code) != op::cast;
      EXPECT_EQ(find_kernel(static_cast<op>(code), loop) != nullptr, expected) << row.name << " of " << name_of(loop);
    }
    EXPECT_EQ(find_kernel(static_cast<op>(code), dtype()), nullptr) << row.name;
  }
}

TEST(kernel_table, casts_between_all_dtypes) {
  for (const dtype from : all_dtypes()) {
    for (const dtype to : all_dtypes())
      EXPECT_NE(find_cast(from, to), nullptr) << name_of(from) << " to " << name_of(to);
    EXPECT_EQ(find_cast(from, dtype()), nullptr);
    EXPECT_EQ(find_cast(dtype(), from), nullptr);
  }
}

TEST_P(kernels, are_compiled_for_the_instruction_set_chosen) { EXPECT_EQ(simd_target(), GetParam()); }

/// The stored cases and their data.
class stored_results {
 public:
  stored_results() {
    const std::string folder = TESSERA_TEST_DATA;
    cases_ = json::parse(std::ifstream(folder + "/elementwise.json"));
    std::ifstream file(folder + "/elementwise.npy", std::ios::binary);
    const std::vector<char> all{std::istreambuf_iterator<char>(file), {}};
    const std::size_t header = 10 + static_cast<unsigned char>(all.at(8)) + 256 * static_cast<unsigned char>(all.at(9));
    data_.resize(all.size() - header);
    std::memcpy(data_.data(), all.data() + header, data_.size());
  }
  const json& cases() const { return cases_; }

  struct reference {
    dtype type;
    std::size_t count;
    const std::byte* data;
  };
  reference at(const json& r) const {
    return {dtype_named(r.at(0)), r.at(1).get<std::size_t>(), data_.data() + r.at(2).get<std::size_t>()};
  }

 private:
  json cases_;
  bytes data_;
};

/// Operands combined each with each: operand i, one element a combination, the last operand running fastest.
std::vector<bytes> combinations(const std::vector<stored_results::reference>& operands, std::size_t count) {
  std::vector<bytes> result;
  std::size_t repeat = count;
  for (const auto& x : operands) {
    const std::size_t size = size_of(x.type);
    repeat /= x.count;
    bytes& all = result.emplace_back(count * size);
    for (std::size_t i = 0; i < count; ++i) std::memcpy(&all[i * size], x.data + i / repeat % x.count * size, size);
  }
  return result;
}

TEST_P(kernels, give_what_numpy_gives_for_special_values) {
  const stored_results stored;
  for (const json& c : stored.cases()) {
    const op code = op_named(c.at("op"));
    const dtype loop = dtype_named(c.at("loop"));
    const auto want = stored.at(c.at("result"));
    std::vector<stored_results::reference> operands;
    for (const json& operand : c.at("operands")) operands.push_back(stored.at(operand));
    const std::vector<bytes> x = combinations(operands, want.count);

    const kernel run = code == op::cast ? find_cast(operands[0].type, loop) : find_kernel(code, loop);
    ASSERT_NE(run, nullptr) << c.dump();
    const std::size_t size = size_of(want.type);
    bytes got(want.count * size);
    run(got.data(), x[0].data(), x.size() > 1 ? x[1].data() : nullptr, x.size() > 2 ? x[2].data() : nullptr,
        want.count);

    int differences = 0;
    for (std::size_t i = 0; i < want.count && differences < 3; ++i) {
      const number g = read(want.type, &got[i * size]), w = read(want.type, want.data + i * size);
      if (ulps(want.type, g, w) <= c.at("ulp").get<double>()) continue;
      std::string arguments;
      for (std::size_t k = 0; k < x.size(); ++k)
        arguments +=
            (k ? ", " : "") + text(operands[k].type, read(operands[k].type, &x[k][i * size_of(operands[k].type)]));
      ADD_FAILURE() << c.at("op") << " of " << name_of(operands.back().type) << " in " << c.at("loop") << ": ("
                    << arguments << ") gives " << text(want.type, g) << ", NumPy " << text(want.type, w);
      ++differences;
    }
  }
}

/// All that find_cast promises where C promises nothing.
TEST_P(kernels, cast_floats_beyond_the_integers_as_documented) {
  const double values[] = {NAN, INFINITY, -INFINITY, 300.7, -1.5, -200, 4e9, 1e10, -1e10, 1e19, 1e30, -1e30};
  const std::size_t n = std::size(values);
  const auto cast = [&](dtype to) {
    bytes out(n * size_of(to));
    find_cast(tessera::float64, to)(out.data(), values, nullptr, nullptr, n);
    std::vector<long long> all;
    for (std::size_t i = 0; i < n; ++i) all.push_back(static_cast<long long>(read(to, &out[i * size_of(to)]).integer));
    return all;
  };
  using integers = std::vector<long long>;
  const long long least = std::numeric_limits<long long>::min();  // as uint64 read here: 2**63
  const long long low = std::numeric_limits<int>::min(), middle = 2147483648;
  EXPECT_EQ(cast(tessera::int8), (integers{0, 0, 0, 44, -1, 56, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(cast(tessera::uint8), (integers{0, 0, 0, 44, 255, 56, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(cast(tessera::int16), (integers{0, 0, 0, 300, -1, -200, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(cast(tessera::uint16), (integers{0, 0, 0, 300, 65535, 65336, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(cast(tessera::int32), (integers{low, low, low, 300, -1, -200, low, low, low, low, low, low}));
  EXPECT_EQ(cast(tessera::uint32),
            (integers{middle, 0, middle, 300, 4294967295, 4294967096, 4000000000, 0, middle, 0, 0, middle}));
  EXPECT_EQ(cast(tessera::int64),
            (integers{least, least, least, 300, -1, -200, 4000000000, 10000000000, -10000000000, least, least, least}));
  EXPECT_EQ(cast(tessera::uint64), (integers{least, 0, least, 300, -1, -200, 4000000000, 10000000000, -10000000000,
                                             static_cast<long long>(10000000000000000000u), 0, least}));
}

TEST_P(kernels, round_large_integers_to_bfloat16_once) {
  const std::int64_t above_tie = (std::int64_t{1} << 62) + (std::int64_t{1} << 54) + 1;  // in double or float: a tie
  const std::int64_t values[] = {above_tie, above_tie - 1, -above_tie, above_tie + 123456789};
  std::uint16_t got[4];
  find_cast(tessera::int64, tessera::bfloat16)(got, values, nullptr, nullptr, 4);
  EXPECT_EQ(got[0], 0x5e81);
  EXPECT_EQ(got[1], 0x5e80);
  EXPECT_EQ(got[2], 0xde81);
  EXPECT_EQ(got[3], 0x5e81);
}

TEST_P(kernels, take_any_byte_for_true) {
  const unsigned char bools[] = {0, 1, 2, 255}, ones[] = {1, 1, 1, 1};
  unsigned char got[4];
  find_kernel(op::logical_and, tessera::bool_)(got, bools, ones, nullptr, 4);
  EXPECT_EQ(std::vector<int>(got, got + 4), (std::vector<int>{0, 1, 1, 1}));
  find_cast(tessera::bool_, tessera::uint8)(got, bools, nullptr, nullptr, 4);
  EXPECT_EQ(std::vector<int>(got, got + 4), (std::vector<int>{0, 1, 1, 1}));
}

/// The front end refuses negative powers; the kernel must still be defined.
TEST_P(kernels, cut_off_negative_integer_powers) {
  const std::int32_t x[] = {0, 1, -1, -1, 2, -3}, n[] = {-1, -5, -2, -3, -1, -2};
  std::int32_t got[6];
  find_kernel(op::pow, tessera::int32)(got, x, n, nullptr, 6);
  EXPECT_EQ(std::vector<int>(got, got + 6), (std::vector<int>{0, 1, 1, -1, 0, 0}));
}

INSTANTIATE_TEST_SUITE_P(targets, kernels, testing::ValuesIn(simd_targets()),
                         [](const auto& info) { return info.param; });

}  // namespace
