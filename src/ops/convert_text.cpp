// Texts: between widths and kinds on any device, from and to numbers on the host.
#include "backend.hpp"
#include "core/access.hpp"
#include "core/dtype_parts.hpp"
#include "core/element.hpp"
#include "core/element_format.hpp"
#include "core/promotion.hpp"
#include "core/words.hpp"
#include "expr/build.hpp"
#include "expr/evaluate.hpp"
#include "ops/convert.hpp"
#include "ops/operands.hpp"
#include "ops/text_parts.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/reduce.hpp"
#include "tessera/sort.hpp"
#include "tessera/views.hpp"

namespace tessera::detail {
namespace {

void require_ascii(const array& x, dtype to, const char* name, caller where) {
  const array characters = character_view(x, where);
  if (max(operand(characters, where)).item<std::int64_t>(where) < 128) return;
  const operand beyond(array(operand(characters, where).recipe() >= 128, where), where);
  const std::int64_t place = argmax(beyond).item<std::int64_t>(where), room = characters_of(x.dtype());
  throw value_error(std::string(name) + ": element " + std::to_string(place / room) + " of " + x.dtype().name() +
                        " is not ASCII at position " + std::to_string(place % room) + ", which the cast to " +
                        to.name() + " takes only",
                    where);
}

array between_texts(const array& x, dtype to, const char* name, caller where) {
  const dtype from = x.dtype();
  array result = fresh_like(x, to, where);
  if (x.size() == 0) return result;
  const std::int64_t common = std::min(characters_of(from), characters_of(to));
  if (from.code() != to.code()) require_ascii(x, to, name, where);
  if (common < characters_of(to)) backend_of(x.device(), where).fill_zero(access::data(result), result.nbytes());
  if (from.code() == to.code()) {
    const std::int64_t bytes = common * character_type(to).itemsize();
    const dtype part = bytes % 8 == 0 ? uint64 : bytes % 4 == 0 ? uint32 : bytes % 2 == 0 ? uint16 : uint8;
    const std::int64_t count = bytes / part.itemsize();
    copy_elements(parts_of(x, part, 0, count, where), parts_of(result, part, 0, count, where));
  } else {
    const array characters = parts_of(x, character_type(from), 0, common, where);
    evaluate_into(parts_of(result, character_type(to), 0, common, where), expr(characters), assign_rule::unsafe, name,
                  where);
  }
  return result;
}

template <class F> array by_elements(const array& x, dtype to, caller where, const F& f) {
  array result = fresh_like(x, to, where);
  const std::byte* from = access::data(x);
  std::byte* into = access::data(result);
  for_each_point(x.shape(), {x.strides(), result.strides()},
                 [&](const std::int64_t* offsets) { f(from + offsets[0], into + offsets[1]); });
  return result;
}

array numbers_as_texts(const array& x, dtype to, const char* name, caller where) {
  require_host(x, "writing numbers as text", name, where);
  std::u32string text;
  return by_elements(x, to, where, [&](const std::byte* from, std::byte* into) {
    const std::string ascii = scalar_text(x.dtype(), from);
    text.assign(ascii.begin(), ascii.end());
    store_text(into, to, text);
  });
}

[[noreturn]] void throw_not_a(const char* what, code_points text, dtype from, const char* name, caller where) {
  throw value_error(std::string(name) + ": " + quoted(text, from) + " is no " + what, where);
}

scalar_value integer_of(code_points text, dtype from, dtype to, const char* name, caller where) {
  const std::optional<parsed_integer> x = parse_integer(text);
  if (!x) throw_not_a("integer", text, from, name, where);
  const bool is_signed = to.kind() == 'i';
  const int bits = 8 * to.itemsize();
  const std::uint64_t most = ~std::uint64_t{0} >> (64 - bits), half = std::uint64_t{1} << (bits - 1);
  const std::uint64_t largest = !is_signed ? x->negative ? 0 : most : x->negative ? half : half - 1;
  if (x->too_large || x->magnitude > largest) {
    throw overflow_error(std::string(name) + ": " + quoted(text, from) + " is out of bounds for " + to.name(), where);
  }
  const std::uint64_t value = x->negative ? 0 - x->magnitude : x->magnitude;
  return is_signed ? scalar_value(static_cast<std::int64_t>(value)) : scalar_value(value);
}

scalar_value number_of(code_points text, dtype from, dtype to, const char* name, caller where) {
  if (to.kind() == 'c') {
    const std::optional<parsed_complex> x = parse_complex(text);
    if (!x) throw_not_a("complex number", text, from, name, where);
    return scalar_value(std::complex<double>(x->real, x->imag));
  }
  if (to.kind() != 'f') return integer_of(text, from, to, name, where);
  const std::optional<double> x = parse_float(text);
  if (!x) throw_not_a("number", text, from, name, where);
  return scalar_value(*x);
}

array texts_as_numbers(const array& x, dtype to, const char* name, caller where) {
  require_host(x, "reading numbers from text", name, where);
  std::u32string buffer;
  return by_elements(x, to, where, [&](const std::byte* from, std::byte* into) {
    write_element(into, to, number_of(load_text(from, x.dtype(), buffer), x.dtype(), to, name, where));
  });
}

/// Whether there is a character that is not zero.
array is_not_empty(const array& x, caller where) {
  if (x.size() == 0) return fresh_like(x, bool_, where);
  const array characters = character_view(x, where);
  return array(any(operand(expr(characters), where), -1), where);
}

}  // namespace

array convert_text(const array& x, dtype to, const char* name, caller where) {
  const dtype from = x.dtype();
  if (is_text(to) && to.itemsize() == 0) {
    to = text_of_kind(to, is_text(from) ? characters_of(from) : promote(from, bytes_(0)).itemsize(), name, where);
    if (from == to) return x;
  }
  if (is_text(from) && is_text(to)) return between_texts(x, to, name, where);
  if (is_text(to)) return numbers_as_texts(x, to, name, where);
  return to == bool_ ? is_not_empty(x, where) : texts_as_numbers(x, to, name, where);
}

}  // namespace tessera::detail
