// Texts compared, measured, searched, replaced.
#include "tessera/strings.hpp"

#include <algorithm>

#include "core/dtype_parts.hpp"
#include "expr/build.hpp"
#include "expr/evaluate.hpp"
#include "expr/other_types.hpp"
#include "ops/text_call.hpp"
#include "tessera/creation.hpp"
#include "tessera/elementwise.hpp"
#include "tessera/reduce.hpp"
#include "tessera/views.hpp"

namespace tessera::strings {

using namespace detail;

namespace {

/// The part of a text that start and end say (as Python's slices); no part where it begins behind its end.
struct range {
  std::int64_t first, last;
  range(code_points text, std::int64_t start, std::int64_t end) {
    const auto n = static_cast<std::int64_t>(text.size());
    last = end > n ? n : end < 0 ? std::max<std::int64_t>(end + n, 0) : end;
    first = start < 0 ? std::max<std::int64_t>(start + n, 0) : start;
  }
  bool holds(code_points sub) const { return last - first >= static_cast<std::int64_t>(sub.size()); }
  code_points of(code_points text) const {
    return text.substr(static_cast<std::size_t>(first), static_cast<std::size_t>(last - first));
  }
};

std::int64_t place_of(code_points text, code_points sub, const range& in, bool last) {
  if (!in.holds(sub)) return -1;
  const std::size_t at = last ? in.of(text).rfind(sub) : in.of(text).find(sub);
  return at == text.npos ? -1 : in.first + static_cast<std::int64_t>(at);
}

array places(const char* name, const operand& x, const operand& sub, const operand& start, const operand& end,
             bool last, bool must_be_there) {
  text_call call(name, x.where(), {x.recipe(), sub.recipe()}, {start.recipe(), end.recipe()});
  return call.values<std::int64_t>(int64, [&] {
    const code_points text = call.text(0);
    const std::int64_t at = place_of(text, call.text(1), range(text, call.integer(0), call.integer(1)), last);
    if (at < 0 && must_be_there) {
      throw value_error(
          std::string(name) + ": " + quoted(call.text(1), call.type(1)) + " is not in " + quoted(text, call.type(0)),
          x.where());
    }
    return at;
  });
}

array touches(const char* name, const operand& x, const operand& sub, const operand& start, const operand& end,
              bool last) {
  text_call call(name, x.where(), {x.recipe(), sub.recipe()}, {start.recipe(), end.recipe()});
  return call.values<bool>(bool_, [&] {
    const range in(call.text(0), call.integer(0), call.integer(1));
    if (!in.holds(call.text(1))) return false;
    const code_points part = in.of(call.text(0));
    return last ? part.ends_with(call.text(1)) : part.starts_with(call.text(1));
  });
}

/// Without reading a text: the first characters as shorter texts, compared on their device.
array leading(const array& x, const text_node& prefix, caller where) {
  const std::int64_t n = count_code_points(prefix.utf8, "startswith", where);
  if (n == 0 || n > characters_of(x.dtype())) {
    return full(x.shape(), operand(n == 0, where), creation_options{.dtype = bool_, .device = x.device()});
  }
  const array first =
      access::view(x, access::data(x), text_of_kind(x.dtype(), n, "startswith", where), x.shape(), x.strides());
  const operand a(first, where), b(expr(prefix.utf8, where), where);
  return array(tessera::equal(a, b), where);
}

std::int64_t occurrences(code_points text, code_points sub, std::int64_t most) {
  std::int64_t n = 0;
  for (std::size_t at = text.find(sub); at != text.npos && n < most; at = text.find(sub, at + sub.size())) ++n;
  return n;
}

void append_replaced(std::u32string& to, code_points text, code_points old, code_points with, std::int64_t most) {
  if (old.empty()) {
    for (std::size_t i = 0; i <= text.size(); ++i) {
      if (static_cast<std::int64_t>(i) < most) to += with;
      if (i < text.size()) to += text[i];
    }
    return;
  }
  std::size_t begin = 0;
  for (std::size_t at = text.find(old); at != text.npos && most > 0; at = text.find(old, begin), --most) {
    (to += text.substr(begin, at - begin)) += with;
    begin = at + old.size();
  }
  to += text.substr(begin);
}

}  // namespace

expr equal(const operand& x, const operand& y) { return tessera::equal(x, y); }
expr not_equal(const operand& x, const operand& y) { return tessera::not_equal(x, y); }
expr less(const operand& x, const operand& y) { return tessera::less(x, y); }
expr less_equal(const operand& x, const operand& y) { return tessera::less_equal(x, y); }
expr greater(const operand& x, const operand& y) { return tessera::greater(x, y); }
expr greater_equal(const operand& x, const operand& y) { return tessera::greater_equal(x, y); }

array str_len(const operand& x) {
  const caller where = x.where();
  if (!is_text(x->dtype()) || device_of(x.recipe(), where) == cpu()) {
    text_call call("str_len", where, {x.recipe()});
    return call.values<std::int64_t>(int64, [&] { return static_cast<std::int64_t>(call.text().size()); });
  }
  const array texts = materialize(x.recipe(), where);
  const array characters = character_view(texts, where);
  const range_options beside{.dtype = int64, .device = texts.device()};
  const operand places(arange(1, characters_of(texts.dtype()) + 1, 1, beside, where), where);
  const operand ends(tessera::where(operand(expr(characters) != 0, where), places, 0), where);
  return array(max(ends, -1), where);
}

array find(const operand& x, const operand& sub, const operand& start, const operand& end) {
  return places("find", x, sub, start, end, false, false);
}
array rfind(const operand& x, const operand& sub, const operand& start, const operand& end) {
  return places("rfind", x, sub, start, end, true, false);
}
array index(const operand& x, const operand& sub, const operand& start, const operand& end) {
  return places("index", x, sub, start, end, false, true);
}
array rindex(const operand& x, const operand& sub, const operand& start, const operand& end) {
  return places("rindex", x, sub, start, end, true, true);
}

array count(const operand& x, const operand& sub, const operand& start, const operand& end) {
  text_call call("count", x.where(), {x.recipe(), sub.recipe()}, {start.recipe(), end.recipe()});
  return call.values<std::int64_t>(int64, [&]() -> std::int64_t {
    const range in(call.text(0), call.integer(0), call.integer(1));
    if (!in.holds(call.text(1))) return 0;
    if (call.text(1).empty()) return in.last - in.first + 1;
    return occurrences(in.of(call.text(0)), call.text(1), to_end);
  });
}

array startswith(const operand& x, const operand& prefix) {
  const node* n = access::node_of(prefix.recipe());
  if (n == nullptr || n->kind != node_kind::text || !is_text(x->dtype()))
    return touches("startswith", x, prefix, 0, to_end, false);
  return leading(materialize(x.recipe(), x.where()), *static_cast<const text_node*>(n), x.where());
}
array startswith(const operand& x, const operand& prefix, const operand& start, const operand& end) {
  return touches("startswith", x, prefix, start, end, false);
}
array endswith(const operand& x, const operand& suffix, const operand& start, const operand& end) {
  return touches("endswith", x, suffix, start, end, true);
}

array replace(const operand& x, const operand& old, const operand& with, const operand& count) {
  text_call call("replace", x.where(), {x.recipe(), old.recipe(), with.recipe()}, {count.recipe()});
  return call.texts([&](std::u32string& to) {
    const std::int64_t most = call.integer() < 0 ? to_end : call.integer();
    append_replaced(to, call.text(0), call.text(1), call.text(2), most);
  });
}

array add(const operand& x, const operand& y) {
  text_call call("add", x.where(), {x.recipe(), y.recipe()});
  return add_texts(call.operand(0), call.operand(1), "add", x.where());
}
array multiply(const operand& x, const operand& times) {
  text_call call("multiply", x.where(), {x.recipe()}, {times.recipe()});
  return multiply_texts(call.operand(0), call.operand(1), "multiply", x.where());
}

}  // namespace tessera::strings
