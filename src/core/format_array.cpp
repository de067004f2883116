// Nested brackets with NumPy's rules for summarising and line breaks.
#include "core/format_array.hpp"

#include <algorithm>

#include "core/access.hpp"
#include "core/element_format.hpp"
#include "tessera/views.hpp"

namespace tessera::detail {
namespace {

/// The positions along an axis that are shown: [0, head) and [tail, extent), "..." between them if there is a gap.
struct shown_part {
  bool gap = false;
  std::int64_t head = 0, tail = 0;
};

shown_part shown(std::int64_t extent, std::int64_t edgeitems, bool summarise) {
  if (!summarise || edgeitems >= extent - edgeitems) return {};
  return {true, edgeitems,
          extent - std::max<std::int64_t>(edgeitems, 1)};  // without edge items NumPy shows the last one
}

/// The host's copy of what is shown of an array on a device, in one transfer. An axis with a gap has become its first and last
/// `edgeitems` entries.
array fetched(const array& x, std::int64_t edgeitems, bool summarise) {
  if (!summarise || edgeitems == 0 || 2 * x.ndim() > max_ndim) return x.to(cpu());
  shape split, strides, kept;  // such an axis as two: (first or last, entry)
  for (int axis = 0; axis < x.ndim(); ++axis) {
    const std::int64_t extent = x.shape()[axis], stride = x.strides()[axis];
    const bool gap = shown(extent, edgeitems, true).gap;
    if (gap) {
      split.push_back(2);
      strides.push_back((extent - edgeitems) * stride);
    }
    split.push_back(gap ? edgeitems : extent);
    strides.push_back(stride);
    kept.push_back(gap ? 2 * edgeitems : extent);
  }
  return reshape(access::view(x, access::data(x), x.dtype(), split, strides).to(cpu()), kept);
}

class array_writer {
 public:
  array_writer(const array& x, const print_options& options, const array_frame& frame)
      : x_(x),
        edgeitems_(options.edgeitems),
        summarise_(x.size() > options.threshold),
        here_(x.device() == cpu() ? x : fetched(x, edgeitems_, summarise_)),
        separator_(frame.separator),
        row_end_(frame.separator.substr(0, frame.separator.find_last_not_of(' ') + 1)),
        line_width_(std::int64_t{options.linewidth} - frame.suffix_width) {
    measured all;
    all.zero_d = x.ndim() == 0;
    collect(0, begin(), all.elements);
    format_ = make_element_format(x.dtype(), all, options);
    if (x.ndim() == 0) text_ = (*format_)(begin());
    else bracket(0, begin(), frame.prefix_width + 1);
  }
  std::string take() { return std::move(text_); }

 private:
  const std::byte* begin() const { return static_cast<const std::byte*>(here_.data()); }
  /// Bytes from the first entry of an axis to entry i.
  std::int64_t offset(int axis, const shown_part& part, std::int64_t i) const {
    const bool moved = i >= part.tail && here_.shape()[axis] != x_.shape()[axis];
    return here_.strides()[axis] * (moved ? part.head + i - part.tail : i);
  }
  bool last_axis(int axis) const { return axis + 1 == x_.ndim(); }

  /// The elements whose widths count: those shown, but all along every axis when there are no edge items.
  void collect(int axis, const std::byte* at, std::vector<const std::byte*>& elements) const {
    if (axis == x_.ndim()) {
      elements.push_back(at);
      return;
    }
    const std::int64_t extent = x_.shape()[axis];
    const shown_part part = edgeitems_ == 0 ? shown_part() : shown(extent, edgeitems_, summarise_);
    for (std::int64_t i = 0; i < part.head; ++i) collect(axis + 1, at + offset(axis, part, i), elements);
    for (std::int64_t i = part.tail; i < extent; ++i) collect(axis + 1, at + offset(axis, part, i), elements);
  }

  /// Writes the sub-array at `at`; its lines after the first are indented by `indent`.
  void bracket(int axis, const std::byte* at, std::int64_t indent) {
    const std::int64_t extent = x_.shape()[axis];
    const shown_part part = shown(extent, edgeitems_, summarise_);
    const auto item = [&](std::int64_t i) {
      const std::byte* p = at + offset(axis, part, i);
      if (last_axis(axis)) word((*format_)(p), axis, indent);
      else bracket(axis + 1, p, indent + 1);
      if (i + 1 < extent) separate(axis, indent);
    };

    text_ += '[';
    start_line(indent);
    for (std::int64_t i = 0; i < part.head; ++i) item(i);
    if (part.gap) {
      if (last_axis(axis)) word("...", axis, indent);
      else text_ += "...";
      separate(axis, indent);
    }
    for (std::int64_t i = part.tail; i < extent; ++i) item(i);
    text_ += ']';
  }

  void start_line(std::int64_t width) {
    line_begin_ = text_.size();
    width_ = width;
  }

  void separate(int axis, std::int64_t indent) {
    if (last_axis(axis)) {
      text_ += separator_;
      width_ += static_cast<std::int64_t>(separator_.size());
      return;
    }
    text_ += row_end_;
    text_.append(static_cast<std::size_t>(x_.ndim() - axis - 1), '\n');
    text_.append(static_cast<std::size_t>(indent), ' ');
  }

  /// Appends to the row, on a new line if it does not fit and that would help.
  void word(const std::string& text, int axis, std::int64_t indent) {
    const std::int64_t width = text_width(text);
    const std::int64_t room = line_width_ - axis - 1;  // every open bracket must still be closed
    if (width_ + width > room && width_ > indent) {
      text_.resize(std::max(line_begin_, text_.find_last_not_of(' ') + 1));
      text_ += '\n';
      text_.append(static_cast<std::size_t>(indent), ' ');
      start_line(indent);
    }
    text_ += text;
    width_ += width;
  }

  const array& x_;
  const std::int64_t edgeitems_;
  const bool summarise_;
  const array here_;  // x, or the part of it that is shown
  const std::string separator_, row_end_;
  const std::int64_t line_width_;
  std::unique_ptr<element_format> format_;
  std::string text_;
  std::size_t line_begin_ = 0;  // where in text_ the present line's words begin
  std::int64_t width_ = 0;      // characters of the present line, its indentation included
};

}  // namespace

std::string format_array(const array& x, const print_options& options, const array_frame& frame) {
  if (x.size() == 0) return "[]";
  return array_writer(x, options, frame).take();
}

}  // namespace tessera::detail
