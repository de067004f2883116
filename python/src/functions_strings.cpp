// Functions of texts: what tessera.strings is made of.
#include "functions.hpp"

namespace tessera::python {
namespace {

using one_text = array (*)(const operand&);
using two_texts = array (*)(const operand&, const operand&);
using compared = expr (*)(const operand&, const operand&);
using searched = array (*)(const operand&, const operand&, const operand&, const operand&);
using filled = array (*)(const operand&, const operand&, const operand&);
using parted = strings::partition_result (*)(const operand&, const operand&);

void bind_one(nb::module_& m, const char* name, one_text f, const char* sentence) {
  m.def(
      name,
      [f](nb::handle x) {
        const expr text = to_expr(x);
        return wrap(without_gil([&] { return f(text); }));
      },
      nb::arg("a"), sentence);
}

void bind_kinds(nb::module_& m) {
  bind_one(m, "str_len", strings::str_len, "Characters of each text.");
  bind_one(m, "isalpha", strings::isalpha, "Whether there are characters and all are letters.");
  bind_one(m, "isdigit", strings::isdigit, "Whether there are characters and all are digits.");
  bind_one(m, "isalnum", strings::isalnum, "Whether there are characters and all are letters or digits.");
  bind_one(m, "isspace", strings::isspace, "Whether there are characters and all are white space.");
  bind_one(m, "isdecimal", strings::isdecimal, "Whether there are characters and all are decimal digits.");
  bind_one(m, "isnumeric", strings::isnumeric, "Whether there are characters and all are numbers.");
  bind_one(m, "islower", strings::islower, "Whether there are letters with a case and all are lower case.");
  bind_one(m, "isupper", strings::isupper, "Whether there are letters with a case and all are upper case.");
  bind_one(m, "istitle", strings::istitle, "Whether every word begins with an upper case letter, and no other is one.");
  bind_one(m, "upper", strings::upper, "All letters upper case.");
  bind_one(m, "lower", strings::lower, "All letters lower case.");
  bind_one(m, "swapcase", strings::swapcase, "Upper case letters lower case and the other way round.");
  bind_one(m, "capitalize", strings::capitalize, "The first character upper case, the others lower case.");
  bind_one(m, "title", strings::title, "The first letter of every word upper case, the others lower case.");
}

void bind_comparisons(nb::module_& m) {
  const auto bind = [&m](const char* name, compared f, const char* sentence) {
    m.def(
        name,
        [f](nb::handle x1, nb::handle x2) {
          const expr first = to_expr(x1, array_or_null(x2)), second = to_expr(x2, array_or_null(x1));
          return run(f(first, second));
        },
        nb::arg("x1"), nb::arg("x2"), sentence);
  };
  bind("equal", strings::equal, "x1 == x2 of texts.");
  bind("not_equal", strings::not_equal, "x1 != x2 of texts.");
  bind("less", strings::less, "x1 < x2 of texts.");
  bind("less_equal", strings::less_equal, "x1 <= x2 of texts.");
  bind("greater", strings::greater, "x1 > x2 of texts.");
  bind("greater_equal", strings::greater_equal, "x1 >= x2 of texts.");
}

void bind_searches(nb::module_& m) {
  const auto bind = [&m](const char* name, const char* what, searched f, const char* sentence) {
    m.def(
        name,
        [f](nb::handle a, nb::handle sub, nb::handle start, nb::handle end) {
          const array* const beside = array_or_null(a);
          const expr text = to_expr(a, array_or_null(sub)), part = to_expr(sub, beside), begin = to_expr(start, beside);
          const expr stop = end.is_none() ? expr(strings::to_end) : to_expr(end, beside);
          return wrap(without_gil([&] { return f(text, part, begin, stop); }));
        },
        nb::arg("a"), nb::arg(what), nb::arg("start") = 0, optional("end"), sentence);
  };
  bind("find", "sub", strings::find, "Where sub stands first in a[start:end], or -1.");
  bind("rfind", "sub", strings::rfind, "Where sub stands last in a[start:end], or -1.");
  bind("index", "sub", strings::index, "Where sub stands first in a[start:end]; ValueError where it does not.");
  bind("rindex", "sub", strings::rindex, "Where sub stands last in a[start:end]; ValueError where it does not.");
  bind("count", "sub", strings::count, "How often sub stands in a[start:end], without overlaps.");
  bind("endswith", "suffix", strings::endswith, "Whether a[start:end] ends with the suffix.");
  m.def(
      "startswith",
      [](nb::handle a, nb::handle prefix, nb::handle start, nb::handle end) {
        const array* const beside = array_or_null(a);
        const expr text = to_expr(a, array_or_null(prefix)), part = to_expr(prefix, beside);
        const bool whole = end.is_none() && PyLong_CheckExact(start.ptr()) && to_int(start) == 0;
        if (whole) return wrap(without_gil([&] { return strings::startswith(text, part); }));
        const expr begin = to_expr(start, beside), stop = end.is_none() ? expr(strings::to_end) : to_expr(end, beside);
        return wrap(without_gil([&] { return strings::startswith(text, part, begin, stop); }));
      },
      nb::arg("a"), nb::arg("prefix"), nb::arg("start") = 0, optional("end"),
      "Whether a[start:end] starts with the prefix.");
}

void bind_parts(nb::module_& m) {
  const auto bind = [&m](const char* name, one_text blanks, two_texts these, const char* sentence) {
    m.def(
        name,
        [blanks, these](nb::handle a, nb::handle chars) {
          const expr text = to_expr(a, array_or_null(chars));
          if (chars.is_none()) return wrap(without_gil([&] { return blanks(text); }));
          const expr set = to_expr(chars, array_or_null(a));
          return wrap(without_gil([&] { return these(text, set); }));
        },
        nb::arg("a"), optional("chars"), sentence);
  };
  bind("strip", strings::strip, strings::strip, "Without white space, or any of chars, at both ends.");
  bind("lstrip", strings::lstrip, strings::lstrip, "Without white space, or any of chars, at the beginning.");
  bind("rstrip", strings::rstrip, strings::rstrip, "Without white space, or any of chars, at the end.");
  const auto bind_partition = [&m](const char* name, parted f, const char* sentence) {
    m.def(
        name,
        [f](nb::handle a, nb::handle sep) {
          const expr text = to_expr(a, array_or_null(sep)), separator = to_expr(sep, array_or_null(a));
          const strings::partition_result found = without_gil([&] { return f(text, separator); });
          return wrap(std::vector<array>{found.before, found.separator, found.after});
        },
        nb::arg("a"), nb::arg("sep"), sentence);
  };
  bind_partition("partition", strings::partition, "(before, separator, behind) of the first separator.");
  bind_partition("rpartition", strings::rpartition, "(before, separator, behind) of the last separator.");
  m.def("_slice", [](nb::handle a, nb::handle part) {
    const expr text = to_expr(a);
    Py_ssize_t begin = 0, end = 0, step = 0;
    if (PySlice_Unpack(part.ptr(), &begin, &end, &step) != 0) throw nb::python_error();
    return wrap(without_gil([&] { return strings::slice(text, tessera::slice(begin, end, step)); }));
  });
  m.def("_slice_each", [](nb::handle a, nb::handle start, nb::handle stop, nb::handle step) {
    const array* const beside = array_or_null(a);
    const expr text = to_expr(a), begin = to_expr(start, beside), end = to_expr(stop, beside),
               by = to_expr(step, beside);
    return wrap(without_gil([&] { return strings::slice(text, begin, end, by); }));
  });
}

void bind_new(nb::module_& m) {
  const auto bind = [&m](const char* name, const char* first, const char* second, two_texts f, const char* sentence) {
    m.def(
        name,
        [f](nb::handle a, nb::handle b) {
          const expr text = to_expr(a, array_or_null(b)), other = to_expr(b, array_or_null(a));
          return wrap(without_gil([&] { return f(text, other); }));
        },
        nb::arg(first), nb::arg(second), sentence);
  };
  bind("add", "x1", "x2", strings::add, "x2 behind x1.");
  bind("multiply", "a", "i", strings::multiply, "Each text i times over.");
  bind("zfill", "a", "width", strings::zfill, "With zeros behind the sign up to a width.");
  m.def(
      "expandtabs",
      [](nb::handle a, nb::handle tabsize) {
        const expr text = to_expr(a), size = to_expr(tabsize, array_or_null(a));
        return wrap(without_gil([&] { return strings::expandtabs(text, size); }));
      },
      nb::arg("a"), nb::arg("tabsize") = 8, "Tabs as blanks.");
  const auto bind_filled = [&m](const char* name, filled f, const char* sentence) {
    m.def(
        name,
        [f](nb::handle a, nb::handle width, nb::handle fill) {
          const array* const beside = array_or_null(a);
          const expr text = to_expr(a), wide = to_expr(width, beside), with = to_expr(fill, beside);
          return wrap(without_gil([&] { return f(text, wide, with); }));
        },
        nb::arg("a"), nb::arg("width"), nb::arg("fillchar") = " ", sentence);
  };
  bind_filled("center", strings::center, "With fillchar on both sides up to a width.");
  bind_filled("ljust", strings::ljust, "With fillchar behind up to a width.");
  bind_filled("rjust", strings::rjust, "With fillchar before up to a width.");
  m.def(
      "replace",
      [](nb::handle a, nb::handle old, nb::handle with, nb::handle count) {
        const array* const beside = array_or_null(a);
        const expr text = to_expr(a), from = to_expr(old, beside), to = to_expr(with, beside),
                   most = to_expr(count, beside);
        return wrap(without_gil([&] { return strings::replace(text, from, to, most); }));
      },
      nb::arg("a"), nb::arg("old"), nb::arg("new"), nb::arg("count") = -1,
      "With old replaced by new, count times at most.");
}

using coded = array (*)(const operand&, std::string_view);

void bind_codes(nb::module_& m) {
  const auto bind = [&m](const char* name, coded f, const char* sentence) {
    m.def(
        name,
        [f, name](nb::handle a, nb::handle encoding, nb::handle errors) {
          const expr text = to_expr(a);
          const std::string code = encoding.is_none() ? "utf-8" : nb::cast<std::string>(encoding);
          if (!errors.is_none() && nb::cast<std::string>(errors) != "strict") {
            throw value_error(std::string(name) + ": errors: expected 'strict'");
          }
          return wrap(without_gil([&] { return f(text, code); }));
        },
        nb::arg("a"), optional("encoding"), optional("errors"), sentence);
  };
  bind("encode", strings::encode, "Texts as bytes: 'utf-8', 'ascii' or 'latin-1'.");
  bind("decode", strings::decode, "Bytes as texts: 'utf-8', 'ascii' or 'latin-1'.");
}

}  // namespace

void bind_strings(nb::module_& m) {
  nb::module_ core = m.def_submodule("_strings", "What tessera.strings is made of.");
  bind_kinds(core);
  bind_comparisons(core);
  bind_searches(core);
  bind_parts(core);
  bind_new(core);
  bind_codes(core);
}

}  // namespace tessera::python
