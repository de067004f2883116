// Texts without their ends, cut, taken apart, filled up.
#include <algorithm>

#include "ops/text_call.hpp"
#include "ops/unicode.hpp"
#include "tessera/strings.hpp"

namespace tessera::strings {

using namespace detail;

namespace {

enum : unsigned { left = 1, right = 2 };

template <class Is> code_points without_ends(code_points text, unsigned ends, const Is& is) {
  while ((ends & left) != 0 && !text.empty() && is(text.front())) text.remove_prefix(1);
  while ((ends & right) != 0 && !text.empty() && is(text.back())) text.remove_suffix(1);
  return text;
}

array stripped(const char* name, const operand& x, unsigned ends) {
  text_call call(name, x.where(), {x.recipe()});
  const bool bytes = call.bytes();
  const auto is_space = [&](char32_t c) {
    if (bytes) return c == U' ' || (c >= U'\t' && c <= U'\r');
    return (unicode::flags_of(c) & unicode::space) != 0;
  };
  return call.texts(call.type(), [&](std::u32string& to) { to += without_ends(call.text(), ends, is_space); });
}

array stripped(const char* name, const operand& x, const operand& chars, unsigned ends) {
  text_call call(name, x.where(), {x.recipe(), chars.recipe()});
  const auto is_one = [&](char32_t c) { return call.text(1).find(c) != code_points::npos; };
  return call.texts(call.type(), [&](std::u32string& to) { to += without_ends(call.text(0), ends, is_one); });
}

partition_result parts(const char* name, const operand& x, const operand& separator, bool last) {
  text_call call(name, x.where(), {x.recipe(), separator.recipe()});
  std::u32string all[3];
  std::vector<std::size_t> ends[3];
  std::size_t widest_separator = 0;
  call.for_each([&] {
    const code_points text = call.text(0), by = call.text(1);
    if (by.empty()) throw value_error(std::string(name) + ": empty separator", x.where());
    widest_separator = std::max(widest_separator, by.size());
    const std::size_t at = last ? text.rfind(by) : text.find(by);
    code_points part[3];
    if (at != text.npos) {
      part[0] = text.substr(0, at);
      part[1] = by;
      part[2] = text.substr(at + by.size());
    } else {
      part[last ? 2 : 0] = text;
    }
    for (int k = 0; k < 3; ++k) {
      all[k] += part[k];
      ends[k].push_back(all[k].size());
    }
  });
  return {call.joined(all[0], ends[0], call.type()), call.joined(all[1], ends[1], call.type()),
          call.joined(all[2], ends[2], call.type())};
}

/// Fills each text up; `before` says how many of the missing characters stand before it.
template <class F>
array padded(const char* name, const operand& x, const operand& width, const operand& fill, const F& before) {
  text_call call(name, x.where(), {x.recipe(), fill.recipe()}, {width.recipe()});
  return call.texts([&](std::u32string& to) {
    const code_points text = call.text(0);
    if (call.text(1).size() != 1) {
      throw value_error(
          std::string(name) + ": the fill " + quoted(call.text(1), call.type(1)) + " is not one character", x.where());
    }
    text_of_kind(call.type(), call.integer(), name, x.where());  // refuses a width that no text has
    const auto length = static_cast<std::int64_t>(text.size()), missing = std::max(call.integer(), length) - length;
    const std::int64_t first = before(missing, call.integer());
    to.append(static_cast<std::size_t>(first), call.text(1)[0]);
    to += text;
    to.append(static_cast<std::size_t>(missing - first), call.text(1)[0]);
  });
}

/// Python's: what start and stop, any integers, mean for a text of n characters.
std::int64_t bounded(std::int64_t place, std::int64_t n, std::int64_t step) {
  if (place < 0) return std::max(place + n, std::int64_t{step < 0 ? -1 : 0});
  return std::min(place, step < 0 ? n - 1 : n);
}

void append_slice(std::u32string& to, code_points text, std::int64_t first, std::int64_t last, std::int64_t step) {
  const auto n = static_cast<std::int64_t>(text.size());
  if (step > n) step = n + 1;
  if (step < -n) step = -n - 1;
  for (std::int64_t i = first; step < 0 ? i > last : i < last; i += step) to += text[static_cast<std::size_t>(i)];
}

void check_step(std::int64_t step, caller where) {
  if (step == 0) throw value_error("slice: the step is 0", where);
}

}  // namespace

array strip(const operand& x) { return stripped("strip", x, left | right); }
array lstrip(const operand& x) { return stripped("lstrip", x, left); }
array rstrip(const operand& x) { return stripped("rstrip", x, right); }
array strip(const operand& x, const operand& chars) { return stripped("strip", x, chars, left | right); }
array lstrip(const operand& x, const operand& chars) { return stripped("lstrip", x, chars, left); }
array rstrip(const operand& x, const operand& chars) { return stripped("rstrip", x, chars, right); }

array slice(const operand& x, const tessera::slice& part) {
  text_call call("slice", x.where(), {x.recipe()});
  const std::int64_t step = part.step.given ? part.step.value : 1;
  check_step(step, x.where());
  return call.texts(call.type(), [&](std::u32string& to) {
    const auto n = static_cast<std::int64_t>(call.text().size());
    const std::int64_t first = !part.begin.given ? (step < 0 ? n - 1 : 0) : bounded(part.begin.value, n, step);
    const std::int64_t last = !part.end.given ? (step < 0 ? -1 : n) : bounded(part.end.value, n, step);
    append_slice(to, call.text(), first, last, step);
  });
}

array slice(const operand& x, const operand& start, const operand& stop, const operand& step) {
  text_call call("slice", x.where(), {x.recipe()}, {start.recipe(), stop.recipe(), step.recipe()});
  return call.texts(call.type(), [&](std::u32string& to) {
    const auto n = static_cast<std::int64_t>(call.text().size());
    check_step(call.integer(2), x.where());
    append_slice(to, call.text(), bounded(call.integer(0), n, call.integer(2)),
                 bounded(call.integer(1), n, call.integer(2)), call.integer(2));
  });
}

partition_result partition(const operand& x, const operand& separator) {
  return parts("partition", x, separator, false);
}
partition_result rpartition(const operand& x, const operand& separator) {
  return parts("rpartition", x, separator, true);
}

array center(const operand& x, const operand& width, const operand& fill) {
  return padded("center", x, width, fill, [](std::int64_t missing, std::int64_t wide) {
    return missing / 2 + (missing & wide & 1);  // as Python: an odd one goes before in odd widths
  });
}
array ljust(const operand& x, const operand& width, const operand& fill) {
  return padded("ljust", x, width, fill, [](std::int64_t, std::int64_t) { return std::int64_t{0}; });
}
array rjust(const operand& x, const operand& width, const operand& fill) {
  return padded("rjust", x, width, fill, [](std::int64_t missing, std::int64_t) { return missing; });
}

array zfill(const operand& x, const operand& width) {
  text_call call("zfill", x.where(), {x.recipe()}, {width.recipe()});
  return call.texts([&](std::u32string& to) {
    code_points text = call.text();
    text_of_kind(call.type(), call.integer(), "zfill", x.where());
    const auto length = static_cast<std::int64_t>(text.size()), missing = std::max(call.integer(), length) - length;
    if (missing > 0) {
      if (!text.empty() && (text[0] == U'+' || text[0] == U'-')) {
        to += text[0];
        text.remove_prefix(1);
      }
      to.append(static_cast<std::size_t>(missing), U'0');
    }
    to += text;
  });
}

array expandtabs(const operand& x, const operand& tabsize) {
  text_call call("expandtabs", x.where(), {x.recipe()}, {tabsize.recipe()});
  return call.texts([&](std::u32string& to) {
    const std::int64_t size = call.integer();
    text_of_kind(call.type(), size, "expandtabs", x.where());
    std::int64_t column = 0;
    for (const char32_t c : call.text()) {
      if (c == U'\t') {
        const std::int64_t blanks = size > 0 ? size - column % size : 0;
        to.append(static_cast<std::size_t>(blanks), U' ');
        column += blanks;
        continue;
      }
      to += c;
      column = c == U'\n' || c == U'\r' ? 0 : column + 1;
    }
  });
}

}  // namespace tessera::strings
