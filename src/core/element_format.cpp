// Column formats for bool, integer, floating and complex elements: one pass measures all of them, a second writes each.
#include "core/element_format.hpp"

#include <algorithm>
#include <cmath>

#include "core/element.hpp"
#include "core/float_text.hpp"

namespace tessera::detail {
namespace {

double load_real(dtype type, const std::byte* p) { return read_element(p, type).real; }
std::string integer_text(dtype type, const std::byte* p) { return to_string(read_element(p, type)); }
bool is_true(const std::byte* p) { return *p != std::byte(0); }

/// The dtype of a complex number's parts; of any other dtype itself.
dtype part_of(dtype type) { return type == complex64 ? float32 : type == complex128 ? float64 : type; }

class bool_format final : public element_format {
 public:
  explicit bool_format(bool zero_d) : true_text_(zero_d ? "True" : " True") {}
  std::string operator()(const std::byte* element) const override { return is_true(element) ? true_text_ : "False"; }

 private:
  const char* true_text_;
};

class integer_format final : public element_format {
 public:
  integer_format(dtype type, const std::vector<const std::byte*>& elements, char sign) : type_(type), sign_(sign) {
    const auto negative = [type](const std::byte* p) { return integer_text(type, p).front() == '-'; };
    if (sign == ' ' && std::any_of(elements.begin(), elements.end(), negative)) sign_ = '-';
    for (const std::byte* p : elements) width_ = std::max(width_, signed_text(p).size());
  }
  std::string operator()(const std::byte* element) const override {
    std::string text = signed_text(element);
    return text.insert(0, width_ - text.size(), ' ');
  }

 private:
  std::string signed_text(const std::byte* p) const {
    std::string text = integer_text(type_, p);
    if (sign_ != '-' && text.front() != '-') text.insert(0, 1, sign_);
    return text;
  }

  dtype type_;
  char sign_;
  std::size_t width_ = 0;
};

/// One column of floating-point numbers: all with an exponent or none, points below each other.
class float_column {
 public:
  float_column(dtype type, const std::vector<double>& values, char sign, const print_options& options)
      : type_(type), sign_(sign), nanstr_(options.nanstr), infstr_(options.infstr) {
    std::vector<double> finite;
    std::copy_if(values.begin(), values.end(), std::back_inserter(finite), [](double x) { return std::isfinite(x); });
    layout_.plus = sign == '+';
    if (!finite.empty()) measure(finite, options);
    const bool negative = std::any_of(finite.begin(), finite.end(), [](double x) { return std::signbit(x); });
    if (sign == ' ' && !negative) ++layout_.whole_width;
    if (finite.size() < values.size()) {
      const bool sign_of_infinity =
          sign != '-' || std::any_of(values.begin(), values.end(), [](double x) { return std::isinf(x) && x < 0; });
      const int after = tail_width_ + 1;  // what stands right of the whole part, the point included
      layout_.whole_width = std::max(
          {layout_.whole_width, text_width(nanstr_) - after, text_width(infstr_) + (sign_of_infinity ? 1 : 0) - after});
    }
  }

  std::string operator()(double x) const {
    if (std::isfinite(x)) return write(x, layout_);
    const char* sign = std::isinf(x) && x < 0 ? "-" : sign_ == '+' ? "+" : "";
    std::string text = sign + (std::isnan(x) ? nanstr_ : infstr_);
    const int missing = layout_.whole_width + 1 + tail_width_ - text_width(text);
    return text.insert(0, static_cast<std::size_t>(std::max(0, missing)), ' ');
  }

 private:
  std::string write(double x, const float_layout& layout) const {
    return exponent_ ? scientific(x, type_, layout) : positional(x, type_, layout);
  }

  /// Whether the spread of the numbers asks for exponents; compared in their own precision.
  bool needs_exponent(const std::vector<double>& finite, bool suppress) const {
    double largest = 0, smallest = std::numeric_limits<double>::infinity();
    for (double x : finite) {
      if (x == 0) continue;
      largest = std::max(largest, std::fabs(x));
      smallest = std::min(smallest, std::fabs(x));
    }
    if (largest == 0) return false;
    double high = 1e8, low = 1e-4, ratio = largest / smallest;
    if (type_ == float32) {
      high = 1e6;
      low = 1e-4f;
      ratio = static_cast<float>(largest) / static_cast<float>(smallest);
    } else if (type_ == float16) {
      high = 1e3;
      low = static_cast<double>(float16_t(1e-4));
      ratio = static_cast<double>(float16_t(static_cast<float>(largest) / static_cast<float>(smallest)));
    }
    return largest >= high || (!suppress && (smallest < low || ratio > 1000));
  }

  /// Writes all numbers with as few digits as the options allow, then fixes the widths that hold the widest.
  void measure(const std::vector<double>& finite, const print_options& options) {
    exponent_ = needs_exponent(finite, options.suppress);
    float_layout narrow = layout_;
    narrow.unique = options.floatmode != float_mode::fixed;
    narrow.max_digits = options.floatmode == float_mode::unique ? -1 : options.precision;
    narrow.min_digits = narrow.unique ? 0 : options.precision;
    int whole = 0, fraction = 0, exponent = 0;
    for (double x : finite) {
      const std::string text = write(x, narrow);
      const std::size_t point = text.find('.'), e = std::min(text.find('e'), text.size());
      whole = std::max(whole, static_cast<int>(point));
      fraction = std::max(fraction, static_cast<int>(e - point) - 1);
      if (exponent_) exponent = std::max(exponent, static_cast<int>(text.size() - e) - 2);
    }
    const bool equal_digits =
        exponent_ || options.floatmode == float_mode::fixed || options.floatmode == float_mode::maxprec_equal;
    layout_.unique = narrow.unique;
    layout_.max_digits = equal_digits ? fraction : narrow.max_digits;
    layout_.min_digits = equal_digits ? fraction : 0;
    layout_.whole_width = whole;
    layout_.fraction_width = fraction;
    layout_.exponent_digits = exponent;
    tail_width_ = exponent_ ? fraction + 2 + exponent : fraction;
  }

  dtype type_;
  char sign_;
  const std::string &nanstr_, &infstr_;
  bool exponent_ = false;
  float_layout layout_;
  int tail_width_ = 0;
};

std::vector<double> load_all(dtype type, const std::vector<const std::byte*>& elements, int offset) {
  std::vector<double> values;
  values.reserve(elements.size());
  for (const std::byte* p : elements) values.push_back(load_real(type, p + offset));
  return values;
}

class float_format final : public element_format {
 public:
  float_format(dtype type, const std::vector<const std::byte*>& elements, const print_options& options)
      : type_(type), column_(type, load_all(type, elements, 0), options.sign, options) {}
  std::string operator()(const std::byte* element) const override { return column_(load_real(type_, element)); }

 private:
  dtype type_;
  float_column column_;
};

class complex_format final : public element_format {
 public:
  complex_format(dtype part, const std::vector<const std::byte*>& elements, const print_options& options)
      : part_(part),
        real_(part, load_all(part, elements, 0), options.sign, options),
        imag_(part, load_all(part, elements, part.itemsize()), '+', options) {}
  std::string operator()(const std::byte* element) const override {
    std::string imag = imag_(load_real(part_, element + part_.itemsize()));
    imag.insert(imag.find_last_not_of(' ') + 1, 1, 'j');  // blanks that pad the fraction stay behind the j
    return real_(load_real(part_, element)) + imag;
  }

 private:
  dtype part_;
  float_column real_, imag_;
};

/// bfloat16 is no NumPy dtype: its elements stand side by side as scalars do.
class unaligned_format final : public element_format {
 public:
  explicit unaligned_format(dtype type) : type_(type) {}
  std::string operator()(const std::byte* element) const override { return scalar_text(type_, element); }

 private:
  dtype type_;
};

}  // namespace

std::unique_ptr<element_format> make_element_format(dtype type, const std::vector<const std::byte*>& elements,
                                                    bool zero_d, const print_options& options) {
  if (type == bfloat16) return std::make_unique<unaligned_format>(type);
  switch (type.kind()) {
    case 'b': return std::make_unique<bool_format>(zero_d);
    case 'f': return std::make_unique<float_format>(type, elements, options);
    case 'c': return std::make_unique<complex_format>(part_of(type), elements, options);
    default: return std::make_unique<integer_format>(type, elements, options.sign);
  }
}

int text_width(std::string_view text) noexcept {
  const auto starts = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };  // no continuation byte
  return static_cast<int>(std::count_if(text.begin(), text.end(), starts));
}

std::string scalar_text(dtype type, const std::byte* element) {
  const dtype part = part_of(type);
  switch (type.kind()) {
    case 'b': return is_true(element) ? "True" : "False";
    case 'f': return float_scalar_text(load_real(type, element), type);
    case 'c': return complex_scalar_text(load_real(part, element), load_real(part, element + part.itemsize()), part);
    default: return integer_text(type, element);
  }
}

}  // namespace tessera::detail
