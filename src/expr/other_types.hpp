// Operations of elements that are no numbers: computed at once, into arrays that recipes then read.
//
// So a recipe has texts, times and records only as leaves: whole, or as what `where` and the like have made of them.
#pragma once
#include <vector>

#include "expr/build.hpp"

namespace tessera::detail {

/// One operand, on the device of the others.
struct other_operand {
  array value;
  bool weak = false;           // a C++ number, without axes
  bool text = false;           // a C++ text, without axes: a date beside dates
  std::string_view utf8 = {};  // … as it was given
};

/// code(x…) with at least one operand that is no number. Throws dtype_error naming the operation and all dtypes.
expr other_elementwise(op code, const std::vector<expr>& x, caller where);
expr other_reduction(fold by, const expr& x, const axes& over, bool keepdims, const char* name, caller where);

// Parts of it, where one of the dtypes is a time, else a record, else a text. No value where the operation does not exist.
std::optional<expr> time_elementwise(op code, const std::vector<other_operand>& x, caller where);
std::optional<expr> record_elementwise(op code, const std::vector<other_operand>& x, caller where);
std::optional<expr> text_elementwise(op code, const std::vector<other_operand>& x, caller where);
std::optional<expr> time_reduction(fold by, const array& x, const axes& over, bool keepdims, const char* name,
                                   caller where);

/// A C++ text beside times: a date in the unit that it is exact in, a count beside timedeltas; without axes, on `on`.
array time_of_text(std::string_view utf8, dtype beside, tessera::device on, const char* name, caller where);

/// where(condition, x, y) of elements that are moved only, both of one dtype, on one device.
array choose_other(const expr& condition, const array& x, const array& y, caller where);

/// The text behind a recipe that is one, as an array without axes on `on`.
array text_array(std::string_view text, tessera::device on, caller where);
/// Number of code points. Throws value_error "NAME: byte 3 of the text is not UTF-8".
std::int64_t count_code_points(std::string_view utf8, const char* name, caller where);
/// Writes the code points of valid UTF-8 as an element of `type` (texts): cut off where it ends, zeros behind them. Throws value_error for
/// a code point beyond ASCII in bytes.
void write_text(std::byte* to, dtype type, std::string_view utf8, const char* name, caller where);

}  // namespace tessera::detail
