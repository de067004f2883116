// indexing: index arrays and masks, alone and mixed with basic indices: reading, assigning, accumulating, and the verbs around them.
#include <map>

#include "conformance/tokens.hpp"

namespace conformance {

using tessera::array;

namespace {

void read(const test_case& c) {
  const placed a = operand_of(c, "a");
  const array got = is_basic(c["index"]) ? a.array.view_at(subscripts_of(c["index"]))
                                         : array(a.array.select_at(indices_of(c, c["index"])));
  c.expect_array(got, c.has("result") ? c["result"] : json());
}

// Runs change(target, value) on the array of the case; when it throws, the array must be as before.
template <class F> void change(const test_case& c, F f) {
  placed a = operand_of(c, "a");
  const elements before = read_back(a.array);
  const placed value = plain(c, "value");
  try {
    f(a.array, value.array);
  } catch (const tessera::error&) {
    a.expect_gaps_untouched();
    expect_values(before, read_back(a.array));
    throw;
  }
  a.expect_gaps_untouched();
  c.expect_array(a.array, c.has("after") ? c["after"] : json());
}

void write(const test_case& c) {
  const auto assign = [&](array& a, const array& value) {
    if (is_basic(c["index"])) {
      a.view_at(subscripts_of(c["index"])) = value;
    } else {
      a.select_at(indices_of(c, c["index"])) = value;
    }
  };
  try {
    change(c, assign);
  } catch (const tessera::shape_error& error) {
    // Several values for one element: in NumPy a ValueError, but of complex arrays a TypeError. Here always a shape_error.
    if (c.expected_error() != "TypeError" || dtype_of(c["a"]["dtype"]).kind() != 'c') throw;
    throw tessera::dtype_error(error.what());
  }
}

void accumulate(const test_case& c) {
  change(c, [&](array& a, const array& value) { tessera::add_at(a, indices_of(c, c["index"]), value); });
}

tessera::take_mode mode_of(const test_case& c) {
  const std::string mode = c.text("mode", "raise");
  return mode == "wrap"   ? tessera::take_mode::wrap
         : mode == "clip" ? tessera::take_mode::clip
                          : tessera::take_mode::raise;
}

void take(const test_case& c) {
  const placed a = operand_of(c, "a"), indices = plain(c, "indices");
  const array got = tessera::take(a.array, indices.array, axis_of(c), mode_of(c));
  c.expect_array(got, c.has("result") ? c["result"] : json());
}

void put(const test_case& c) {
  const placed indices = plain(c, "indices");
  change(c, [&](array& a, const array& value) { tessera::put(a, indices.array, value, mode_of(c)); });
}

void compress(const test_case& c) {
  const placed a = operand_of(c, "a"), condition = plain(c, "condition");
  const array got = tessera::compress(condition.array, a.array, axis_of(c));
  c.expect_array(got, c.has("result") ? c["result"] : json());
}

void take_along_axis(const test_case& c) {
  const placed a = operand_of(c, "a"), indices = plain(c, "indices");
  const array got = tessera::take_along_axis(a.array, indices.array, axis_of(c));
  c.expect_array(got, c.has("result") ? c["result"] : json());
}

void nonzero(const test_case& c) {
  const placed a = operand_of(c, "a");
  const std::vector<array> got = tessera::nonzero(a.array);
  c.expect_equal("arrays", c.has("result") ? std::to_string(c["result"].size()) : "", std::to_string(got.size()));
  for (std::size_t i = 0; i < got.size(); ++i) c.expect_array(got[i], c["result"][i]);
  if (c.has("argwhere")) c.expect_array(tessera::argwhere(a.array), c["argwhere"]);
  if (c.has("flatnonzero")) c.expect_array(tessera::flatnonzero(a.array), c["flatnonzero"]);
}

void choose(const test_case& c) {
  const placed condition = operand_of(c, "a"), x = plain(c, "x"), y = plain(c, "y");
  const array got = tessera::where(condition.array, x.array, y.array);
  c.expect_array(got, c.has("result") ? c["result"] : json());
}

}  // namespace

void replay_indexing(const test_case& c) {
  static const std::map<std::string, replay_function> kinds = {
      {"read", read},    {"write", write},       {"add_at", accumulate}, {"take", take},
      {"put", put},      {"compress", compress}, {"nonzero", nonzero},   {"take_along_axis", take_along_axis},
      {"where3", choose}};
  const auto found = kinds.find(c.text("kind"));
  if (found == kinds.end()) throw mismatch("the runner does not know the kind " + c.text("kind"));
  found->second(c);
}

}  // namespace conformance
