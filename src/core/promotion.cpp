// NumPy's promotion lattice as one table; bfloat16 as ml_dtypes joins it.
#include "core/promotion.hpp"

#include <string>

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

constexpr int rank(char kind) { return kind == 'b' ? 0 : kind == 'u' ? 1 : kind == 'i' ? 2 : kind == 'f' ? 3 : 4; }

}  // namespace

namespace detail {

dtype promote(dtype a, dtype b) noexcept {
  if (!a.is_set()) return b;
  if (!b.is_set()) return a;
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
    throw dtype_error(std::string("result_type: ") + a.name() + " and " + b.name() + " have no common dtype", caller());
  }
  return common;
}

bool can_cast(dtype from, dtype to, casting rule) {
  const bool safe = detail::promote(from, to) == to;
  switch (rule) {
    case casting::no: return from == to;
    case casting::safe: return safe;
    // Deliberately unlike ml_dtypes, where bfloat16 ranks above complex: here it is one of the floating dtypes.
    case casting::same_kind: return safe || rank(from.kind()) <= rank(to.kind());
    case casting::unsafe: break;
  }
  return true;
}

}  // namespace tessera
