// The checks on an answer.
#include "conformance/section.hpp"

#include <cmath>
#include <cstring>

namespace conformance {

using tessera::array;

std::string test_case::text(const char* key, const char* fallback) const {
  const auto found = fields_.find(key);
  return found == fields_.end() || found->is_null() ? fallback : found->get<std::string>();
}

void test_case::expect_success(const std::string& what) const {
  if (!expected_error().empty()) throw mismatch("expected " + expected_error() + ", got " + what);
}

void test_case::expect_array(const array& got, const json& reference, const tolerance& allowed) const {
  expect_success(kind_of(got.dtype(), got.shape()));
  expect_values(data_.read(reference), read_back(got), allowed);
}

void test_case::expect_equal(const std::string& what, const std::string& expected, const std::string& got) const {
  expect_success(what + " " + got);
  if (expected != got) throw mismatch(what + ": expected " + expected + ", got " + got);
}

void test_case::expect_equal(const std::string& what, bool expected, bool got) const {
  expect_equal(what, std::string(expected ? "true" : "false"), std::string(got ? "true" : "false"));
}

void test_case::expect_layout(const array& got, const placed& base) const {
  expect_equal("shape", to_string(shape_of(fields_.at("result"))), to_string(got.shape()));
  const json& strides = fields_.at("strides");
  for (int axis = 0; axis < got.ndim(); ++axis) {
    const json& expected = strides.at(static_cast<std::size_t>(axis));
    if (!expected.is_null() && expected.get<std::int64_t>() != got.strides()[axis]) {
      throw mismatch("strides: expected " + strides.dump() + ", got " + to_string(got.strides()));
    }
  }
  expect_equal("c_contiguous", fields_.at("c_contiguous").get<bool>(), got.flags().c_contiguous);
  expect_equal("f_contiguous", fields_.at("f_contiguous").get<bool>(), got.flags().f_contiguous);
  if (has("offset") && !fields_.at("offset").is_null()) {
    const auto offset = static_cast<const std::byte*>(got.data()) - static_cast<const std::byte*>(base.array.data());
    expect_equal("offset", fields_.at("offset").dump(), std::to_string(offset));
  }
  const char* key = has("view") ? "view" : "shares_memory";
  if (has(key) && !fields_.at(key).is_null()) {
    const bool expected = fields_.at(key).get<bool>();
    if (got.size() > 0) expect_equal("data inside the base", expected, base.contains(got.data()));
    expect_equal("shares_memory", expected, shares_memory(got, base.array));
  }
}

placed operand_of(const test_case& c, const char* key) { return placed(c.read(c[key]), c.text("layout", "C")); }
placed plain(const test_case& c, const char* key) { return placed(c.read(c[key]), "C"); }
tessera::axes axis_of(const test_case& c) { return c.has("axis") ? axes_of(c["axis"]) : tessera::axes(); }

namespace {

bool is_nan(double real, double imaginary) { return std::isnan(real) || std::isnan(imaginary); }

bool near(double expected, double got, const tolerance& allowed) {
  if (expected == got) return true;  // also infinities
  const double scale = allowed.scale > 0 ? allowed.scale : std::abs(expected);
  return std::abs(expected - got) <= allowed.absolute + allowed.relative * scale;
}

// Part by part: a complex NaN is one whose NaN parts are the same.
bool same(const elements& a, const elements& b, std::int64_t i, const tolerance& allowed) {
  const int itemsize = a.type.itemsize();
  if (std::memcmp(a.data.data() + i * itemsize, b.data.data() + i * itemsize, static_cast<std::size_t>(itemsize)) == 0)
    return true;
  if (a.type.kind() != 'f' && a.type.kind() != 'c') return false;
  double expected[2], got[2];
  parts_of(a, i, expected[0], expected[1]);
  parts_of(b, i, got[0], got[1]);
  const bool exact = allowed.relative == 0 && allowed.absolute == 0;
  for (int part = 0; part < 2; ++part) {
    if (std::isnan(expected[part]) && std::isnan(got[part])) continue;
    if (exact) {
      if (!(expected[part] == got[part] && std::signbit(expected[part]) == std::signbit(got[part]))) return false;
    } else if (is_nan(expected[part], got[part]) || !near(expected[part], got[part], allowed)) {
      return false;
    }
  }
  return true;
}

}  // namespace

void expect_values(const elements& expected, const elements& got, const tolerance& allowed) {
  if (expected.type != got.type || !(expected.extents == got.extents)) {
    throw mismatch("expected " + kind_of(expected.type, expected.extents) + ", got " + kind_of(got.type, got.extents));
  }
  const std::int64_t count = count_of(expected.extents);
  std::int64_t first = -1, different = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    if (same(expected, got, i, allowed)) continue;
    if (different++ == 0) first = i;
  }
  if (different == 0) return;
  tessera::shape position = expected.extents;
  for (std::int64_t axis = position.size() - 1, rest = first; axis >= 0; --axis) {
    const std::int64_t extent = expected.extents[static_cast<int>(axis)];
    position[static_cast<int>(axis)] = rest % extent;
    rest /= extent;
  }
  throw mismatch(kind_of(expected.type, expected.extents) + ": " + std::to_string(different) + " of " +
                 std::to_string(count) + " elements differ, the first at " + to_string(position) + ": expected " +
                 text_of(expected, first) + ", got " + text_of(got, first));
}

}  // namespace conformance
