// Column formats for bool, integer, floating and complex elements, and for records of such columns: one pass measures all
// elements, a second writes each.
#include "core/element_format.hpp"

#include <algorithm>
#include <cmath>

#include "core/dtype_parts.hpp"
#include "core/element.hpp"
#include "core/float_text.hpp"
#include "core/layout.hpp"
#include "core/quoted_text.hpp"
#include "core/utf8.hpp"
#include "core/time_text.hpp"

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

/// Dates in quotes, timedeltas as integers; a quoted NaT, all right-aligned.
class time_format final : public element_format {
 public:
  time_format(dtype type, const std::vector<const std::byte*>& elements) : type_(type) {
    for (const std::byte* p : elements) width_ = std::max(width_, text(p).size());
  }
  std::string operator()(const std::byte* element) const override {
    std::string own = text(element);
    return own.insert(0, width_ - own.size(), ' ');
  }

 private:
  std::string text(const std::byte* element) const {
    const std::int64_t steps = read_element(element, type_).integer;
    if (steps != not_a_time && is_timedelta(type_)) return std::to_string(steps);
    return "'" + datetime_text(steps, type_) + "'";
  }

  dtype type_;
  std::size_t width_ = 0;
};

/// Elements side by side as scalars are: bfloat16, which is no NumPy dtype, and floating-point fields of a single record.
class unaligned_format final : public element_format {
 public:
  explicit unaligned_format(dtype type) : type_(type) {}
  std::string operator()(const std::byte* element) const override { return scalar_text(type_, element); }

 private:
  dtype type_;
};

/// Texts and raw bytes: in quotes, of their own width.
class quoted_format final : public element_format {
 public:
  explicit quoted_format(dtype type) : type_(type) {}
  std::string operator()(const std::byte* element) const override { return quoted_text(type_, element); }

 private:
  dtype type_;
};

/// A field, of all records one column.
class field_format {
 public:
  field_format(const field& f, const measured& records, const print_options& options)
      : field_(f), strides_(contiguous_strides(f.extents, f.type.itemsize(), order::C)), edgeitems_(options.edgeitems) {
    measured all{{}, records.zero_d && f.extents.empty(), records.scalar_floats};
    for (const std::byte* record : records.elements) collect(0, record + f.offset, all.elements);
    count_ = element_count(f.extents);
    summarise_ = count_ > options.threshold;
    format_ = make_element_format(f.type, all, options);
  }
  std::string operator()(const std::byte* record) const { return text(0, record + field_.offset); }

 private:
  void collect(int axis, const std::byte* at, std::vector<const std::byte*>& elements) const {
    if (axis == strides_.size()) return elements.push_back(at);
    for (std::int64_t i = 0; i < field_.extents[axis]; ++i) collect(axis + 1, at + i * strides_[axis], elements);
  }

  /// A sub-array on one line, however long that gets; "..." for what is left out.
  std::string text(int axis, const std::byte* at) const {
    if (axis == strides_.size()) return (*format_)(at);
    const std::int64_t extent = field_.extents[axis];
    const bool gap = summarise_ && extent > 2 * edgeitems_;
    std::string joined;
    const auto append = [&joined](const std::string& part) { joined.append(joined.empty() ? "" : ", ").append(part); };
    for (std::int64_t i = 0; i < (gap ? edgeitems_ : extent); ++i) append(text(axis + 1, at + i * strides_[axis]));
    if (gap) append("...");
    // Without edge items NumPy shows all of them behind the gap: a[-0:].
    for (std::int64_t i = gap ? (edgeitems_ == 0 ? 0 : extent - edgeitems_) : extent; i < extent; ++i) {
      append(text(axis + 1, at + i * strides_[axis]));
    }
    return "[" + joined + "]";
  }

  const field& field_;
  const shape strides_;
  const std::int64_t edgeitems_;
  std::int64_t count_ = 0;
  bool summarise_ = false;
  std::unique_ptr<element_format> format_;
};

/// "('ETH/USDT',  3000.,  5000,  True)"
class record_format final : public element_format {
 public:
  record_format(dtype type, const measured& all, const print_options& options) {
    for (const field& f : type.fields()) columns_.emplace_back(f, all, options);
  }
  std::string operator()(const std::byte* element) const override {
    std::string joined;
    for (const field_format& column : columns_) {
      if (&column != &columns_.front()) joined += ", ";
      joined += column(element);
    }
    return "(" + joined + (columns_.size() == 1 ? ",)" : ")");
  }

 private:
  std::vector<field_format> columns_;
};

}  // namespace

std::unique_ptr<element_format> make_element_format(dtype type, const measured& all, const print_options& options) {
  if (type == bfloat16 || (all.scalar_floats && type.kind() == 'f')) return std::make_unique<unaligned_format>(type);
  if (type.has_fields()) return std::make_unique<record_format>(type, all, options);
  switch (type.kind()) {
    case 'b': return std::make_unique<bool_format>(all.zero_d);
    case 'f': return std::make_unique<float_format>(type, all.elements, options);
    case 'c': return std::make_unique<complex_format>(part_of(type), all.elements, options);
    case 'U':
    case 'S':
    case 'V': return std::make_unique<quoted_format>(type);
    case 'M':
    case 'm': return std::make_unique<time_format>(type, all.elements);
    default: return std::make_unique<integer_format>(type, all.elements, options.sign);
  }
}

int text_width(std::string_view text) noexcept { return static_cast<int>(count_characters(text)); }

std::string scalar_text(dtype type, const std::byte* element, const print_options& options) {
  const dtype part = part_of(type);
  if (is_text(type)) return plain_text(type, element);
  if (is_record(type)) {
    const measured one{{element}, true, true};
    return (*make_element_format(type, one, options))(element);
  }
  switch (type.kind()) {
    case 'b': return is_true(element) ? "True" : "False";
    case 'f': return float_scalar_text(load_real(type, element), type);
    case 'c': return complex_scalar_text(load_real(part, element), load_real(part, element + part.itemsize()), part);
    case 'M': return datetime_text(read_element(element, type).integer, type);
    case 'm': return timedelta_text(read_element(element, type).integer, type);
    default: return integer_text(type, element);
  }
}

}  // namespace tessera::detail
