// Functions of texts, element by element (as numpy.strings): arrays of str_ (U) or bytes_ (S) and C++ texts, all of one kind
// (a C++ text is of either) and broadcast. Characters are code points, of bytes_ bytes, of which only ASCII has letters and digits.
//
// Unless a function says more it works on the host and throws device_error for arrays elsewhere, dtype_error for what is no text
// or for texts of both kinds, shape_error for shapes that do not broadcast.
#pragma once
#include "array.hpp"

namespace tessera::strings {

/// The default of `end`: up to the end.
inline constexpr std::int64_t to_end = std::numeric_limits<std::int64_t>::max();

// ---- comparison: by code points, the shorter text first, on any device
TESSERA_API expr equal(const operand& x, const operand& y);
TESSERA_API expr not_equal(const operand& x, const operand& y);
TESSERA_API expr less(const operand& x, const operand& y);
TESSERA_API expr less_equal(const operand& x, const operand& y);
TESSERA_API expr greater(const operand& x, const operand& y);
TESSERA_API expr greater_equal(const operand& x, const operand& y);

// ---- what a text is
/// Characters up to the zeros at the end, int64. On any device.
TESSERA_API array str_len(const operand& x);
/// Whether there are characters and each one is; islower, isupper and istitle: and all that have a case have this one.
TESSERA_API array isalpha(const operand& x);
TESSERA_API array isdigit(const operand& x);
TESSERA_API array isalnum(const operand& x);
TESSERA_API array isspace(const operand& x);
TESSERA_API array isdecimal(const operand& x);  // of str_ only
TESSERA_API array isnumeric(const operand& x);  // of str_ only
TESSERA_API array islower(const operand& x);
TESSERA_API array isupper(const operand& x);
TESSERA_API array istitle(const operand& x);

// ---- searching in x[start:end], positions counted from the beginning of x, negative ones from its end
/// Where `sub` stands first or last, -1 where it does not; index and rindex throw value_error then.
TESSERA_API array find(const operand& x, const operand& sub, const operand& start = 0, const operand& end = to_end);
TESSERA_API array rfind(const operand& x, const operand& sub, const operand& start = 0, const operand& end = to_end);
TESSERA_API array index(const operand& x, const operand& sub, const operand& start = 0, const operand& end = to_end);
TESSERA_API array rindex(const operand& x, const operand& sub, const operand& start = 0, const operand& end = to_end);
/// How often, without overlaps.
TESSERA_API array count(const operand& x, const operand& sub, const operand& start = 0, const operand& end = to_end);
/// On any device for a C++ text as prefix.
TESSERA_API array startswith(const operand& x, const operand& prefix);
TESSERA_API array startswith(const operand& x, const operand& prefix, const operand& start,
                             const operand& end = to_end);
TESSERA_API array endswith(const operand& x, const operand& suffix, const operand& start = 0,
                           const operand& end = to_end);

// ---- other letters, in x's dtype: what becomes longer than it is cut off
TESSERA_API array upper(const operand& x);
TESSERA_API array lower(const operand& x);
TESSERA_API array swapcase(const operand& x);
TESSERA_API array capitalize(const operand& x);
TESSERA_API array title(const operand& x);

// ---- parts, in x's dtype
/// Without white space, or any of `chars`, at the ends.
TESSERA_API array strip(const operand& x);
TESSERA_API array lstrip(const operand& x);
TESSERA_API array rstrip(const operand& x);
TESSERA_API array strip(const operand& x, const operand& chars);
TESSERA_API array lstrip(const operand& x, const operand& chars);
TESSERA_API array rstrip(const operand& x, const operand& chars);
/// x[begin:end:step] of each text; throw value_error for a step of 0.
TESSERA_API array slice(const operand& x, const tessera::slice& part);
TESSERA_API array slice(const operand& x, const operand& start, const operand& stop, const operand& step = 1);

struct partition_result {
  array before, separator, after;
};
/// What is before and behind the first (the last) separator; without one all is before (behind) it. Throw value_error for an
/// empty one. Widths as needed.
TESSERA_API partition_result partition(const operand& x, const operand& separator);
TESSERA_API partition_result rpartition(const operand& x, const operand& separator);

// ---- new texts, as wide as the longest
/// Joined: as wide as both dtypes together. Also x + y.
TESSERA_API array add(const operand& x, const operand& y);
/// x `times` over, nothing for less than one.
TESSERA_API array multiply(const operand& x, const operand& times);
/// The first `count` occurrences of `old` replaced, all for a negative one.
TESSERA_API array replace(const operand& x, const operand& old, const operand& with, const operand& count = -1);
/// With `fill`, one character (else value_error), on both sides, behind or before, up to `width` characters.
TESSERA_API array center(const operand& x, const operand& width, const operand& fill = " ");
TESSERA_API array ljust(const operand& x, const operand& width, const operand& fill = " ");
TESSERA_API array rjust(const operand& x, const operand& width, const operand& fill = " ");
/// With zeros behind the sign.
TESSERA_API array zfill(const operand& x, const operand& width);
/// Tabs as blanks up to the next multiple of `tabsize` in their line.
TESSERA_API array expandtabs(const operand& x, const operand& tabsize = 8);

/// str_ to bytes_ and back: "utf-8", "ascii" or "latin-1". Throw value_error for another encoding, and for what has no place in it.
TESSERA_API array encode(const operand& x, std::string_view encoding = "utf-8");
TESSERA_API array decode(const operand& x, std::string_view encoding = "utf-8");

}  // namespace tessera::strings
