// NumPy's promotion lattice as one table; bfloat16 as ml_dtypes joins it.
#include "core/promotion.hpp"

#include <algorithm>
#include <string>

#include "core/dtype_parts.hpp"
#include "core/time_units.hpp"
#include "tessera/error.hpp"

namespace tessera {
namespace {

// One letter a dtype in the order of dtype_code: NumPy's codes, E for bfloat16, . for none.
constexpr char letters[] = "?bhilBHILeEfdFD";
constexpr char table[dtype_count - 1][dtype_count] = {
    // ?bhilBHILeEfdFD
    "?bhilBHILeEfdFD",  // bool
    "bbhilhildeEfdFD",  // int8
    "hhhilhildf.fdFD",  // int16
    "iiiiliildd.ddDD",  // int32
    "lllllllldd.ddDD",  // int64
    "BhhilBHILeEfdFD",  // uint8
    "HiiilHHILf.fdFD",  // uint16
    "IllllIIILd.ddDD",  // uint32
    "LddddLLLLd.ddDD",  // uint64
    "eefddefdde.fdFD",  // float16
    "EE...E....EfdFD",  // bfloat16
    "fffddffddfffdFD",  // float32
    "dddddddddddddDD",  // float64
    "FFFDDFFDDFFFDFD",  // complex64
    "DDDDDDDDDDDDDDD",  // complex128
};

/// Characters that hold any number of the dtype (as NumPy's casts to U).
int text_width(dtype type) {
  constexpr int widths[dtype_count] = {0, 5, 4, 6, 11, 21, 3, 5, 10, 20, 32, 32, 32, 32, 64, 64};
  return widths[static_cast<int>(type.code())];
}

dtype promote_texts(dtype a, dtype b) {
  const auto width = [](dtype x) {
    return x.is_number() ? text_width(x) : x.code() == dtype_code::str_ ? x.itemsize() / 4 : x.itemsize();
  };
  const auto longest = std::max(width(a), width(b));
  const bool code_points = a.code() == dtype_code::str_ || b.code() == dtype_code::str_;
  return code_points ? str_(longest) : bytes_(longest);
}

/// Of records with the same field names: field by field, packed.
dtype promote_records(dtype a, dtype b) {
  const std::vector<field>&x = a.fields(), &y = b.fields();
  if (x.empty() || x.size() != y.size()) return {};
  std::vector<field> fields;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const dtype common = detail::promote(x[i].type, y[i].type);
    if (x[i].name != y[i].name || x[i].extents != y[i].extents || !common.is_set()) return {};
    fields.emplace_back(x[i].name, common, x[i].extents);
  }
  return record(fields);
}

dtype promote_others(dtype a, dtype b) {
  if (a == b) return a;
  if (detail::is_record(a) || detail::is_record(b)) {
    return detail::is_record(a) && detail::is_record(b) ? promote_records(a, b) : dtype();
  }
  if (detail::is_time(a) || detail::is_time(b)) return detail::promote_times(a, b);
  return promote_texts(a, b);
}

constexpr int rank(char kind) {
  constexpr std::string_view kinds = "buifcSUV";
  return static_cast<int>(kinds.find(kind));
}

}  // namespace

namespace detail {

dtype promote(dtype a, dtype b) {
  if (!a.is_set()) return b;
  if (!b.is_set()) return a;
  if (!a.is_number() || !b.is_number()) return promote_others(a, b);
  const char letter = table[static_cast<int>(a.code()) - 1][static_cast<int>(b.code()) - 1];
  for (int i = 0; i < dtype_count - 1; ++i) {
    if (letters[i] == letter) return dtype(static_cast<dtype_code>(i + 1));
  }
  return {};
}

}  // namespace detail

dtype result_type(dtype a, dtype b) {
  const dtype common = detail::promote(a, b);
  if (!common.is_set() && a.is_set()) {
    if (detail::is_time(a) || detail::is_time(b)) detail::throw_no_common_time(a, b, "result_type", caller());
    throw dtype_error(std::string("result_type: ") + a.name() + " and " + b.name() + " have no common dtype", caller());
  }
  return common;
}

bool can_cast(dtype from, dtype to, casting rule) {
  if (detail::is_time(from) || detail::is_time(to)) return detail::can_cast_times(from, to, rule);
  const bool safe = detail::promote(from, to) == to;
  switch (rule) {
    case casting::no: return from == to;
    case casting::safe: return safe;
    // Deliberately unlike ml_dtypes, where bfloat16 ranks above complex: here it is one of the floating dtypes.
    case casting::same_kind:
      if (detail::is_record(from) || detail::is_record(to)) return safe || from.fields().size() == to.fields().size();
      return safe || rank(from.kind()) <= rank(to.kind());
    case casting::unsafe: break;
  }
  return true;
}

}  // namespace tessera
