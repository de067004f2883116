// What every section is made of: one case at hand, the checks on its answer, and the function that replays it.
#pragma once
#include "conformance/data.hpp"

namespace conformance {

/// How far a value may lie from the expected one; all 0: equal bit for bit, except that any NaN equals any NaN.
struct tolerance {
  double relative = 0, absolute = 0;
  double scale = 0;  // what `relative` refers to; 0: each expected value
};

/// One case of a section. The expectations below throw mismatch; for a case that must fail every answer is one.
class test_case {
 public:
  test_case(const json& fields, const blob& data, const std::string& folder)
      : fields_(fields), data_(data), folder_(folder) {}

  bool has(const char* key) const { return fields_.contains(key); }
  const json& operator[](const char* key) const { return fields_.at(key); }
  std::string text(const char* key) const { return fields_.at(key).get<std::string>(); }
  /// `fallback` where the key is missing or null.
  std::string text(const char* key, const char* fallback) const;
  /// The file that the case names.
  std::string file() const { return folder_ + "/files/" + text("file"); }
  elements read(const json& reference) const { return data_.read(reference); }

  /// "ValueError" when the call must fail, else empty.
  std::string expected_error() const { return text("error", ""); }
  /// Throws mismatch when the case must fail: the call has returned `what`.
  void expect_success(const std::string& what) const;
  /// Shape, dtype and values of a stored array.
  void expect_array(const tessera::array& got, const json& reference, const tolerance& allowed = {}) const;
  void expect_equal(const std::string& what, const std::string& expected, const std::string& got) const;
  void expect_equal(const std::string& what, bool expected, bool got) const;
  /// shape ("result"), "strides" (null: any), flags, "offset" and view-ness of a result against its base.
  void expect_layout(const tessera::array& got, const placed& base) const;

 private:
  const json& fields_;
  const blob& data_;
  const std::string& folder_;
};

/// The operand of this key in the case's layout, or in C order.
placed operand_of(const test_case& c, const char* key);
placed plain(const test_case& c, const char* key);
/// The case's axis; every one where it names none.
tessera::axes axis_of(const test_case& c);

/// Throws mismatch naming the first element that differs.
void expect_values(const elements& expected, const elements& got, const tolerance& allowed = {});

/// Replays one case: computes its answer through the public interface and checks it.
using replay_function = void (*)(const test_case&);
void replay_broadcasting(const test_case& c);
void replay_promotion(const test_case& c);
void replay_slicing(const test_case& c);
void replay_cdist(const test_case& c);
void replay_einsum(const test_case& c);
void replay_indexing(const test_case& c);
void replay_reductions(const test_case& c);
void replay_reshaping(const test_case& c);
void replay_printing(const test_case& c);
void replay_sorting(const test_case& c);
void replay_structured(const test_case& c);
void replay_tutorial(const test_case& c);

}  // namespace conformance
