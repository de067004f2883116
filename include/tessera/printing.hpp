// Text, exactly as NumPy's str and repr.
#pragma once
#include <string>

#include "array.hpp"

namespace tessera {

enum class float_mode { maxprec_equal, maxprec, fixed, unique };
/// As numpy.set_printoptions.
struct print_options {
  int precision = 8;
  std::int64_t threshold = 1000;  // more elements are summarised
  std::int64_t edgeitems = 3;
  int linewidth = 75;
  bool suppress = false;  // no scientific notation
  char sign = '-';        // '-', '+' or ' '
  float_mode floatmode = float_mode::maxprec;
  std::string nanstr = "nan", infstr = "inf";
};
TESSERA_API print_options get_printoptions();
/// For this thread. Throws value_error on a negative precision (or one above 16000), threshold or edgeitems, or an unknown sign.
TESSERA_API void set_printoptions(const print_options& options, caller where = caller::current());

TESSERA_API std::string str(const operand& x);
TESSERA_API std::string repr(const operand& x);
TESSERA_API std::string str(const operand& x, const print_options& options);
TESSERA_API std::string repr(const operand& x, const print_options& options);
/// As repr() of the NumPy scalar that x[()] is: "np.float64(0.5)". Throws value_error unless x has no axes.
TESSERA_API std::string repr_scalar(const operand& x);

/// Something that print() writes.
class TESSERA_API printable {
 public:
  printable(const expr& x);
  printable(const array& x);
  printable(const shape& tuple);
  printable(const dtype& type);
  printable(const flags_t& flags);
  template <scalar T> printable(T v) : printable(number, detail::scalar_value(v)) {}
  template <string_like S> printable(const S& s) : text_(std::string_view(s)) {}
  const std::string& text() const noexcept { return text_; }

 private:
  enum tag { number };
  printable(tag, const detail::scalar_value& v);
  std::string text_;
};
TESSERA_API void print_items(std::initializer_list<printable> items);
/// str of each, separated by blanks, and a newline, to standard output. A C++ bool prints true, a 0-d array True.
template <class... T>
  requires(std::constructible_from<printable, const T&> && ...)
void print(const T&... x) {
  print_items({printable(x)...});
}

TESSERA_API std::ostream& operator<<(std::ostream& out, const shape& tuple);
TESSERA_API std::ostream& operator<<(std::ostream& out, const dtype& type);
TESSERA_API std::ostream& operator<<(std::ostream& out, const flags_t& flags);

}  // namespace tessera
