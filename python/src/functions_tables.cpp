// Files of several arrays and of text: what _files.py makes functions of.
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <complex>

#include "functions.hpp"

namespace tessera::python {
namespace {

std::vector<named_array> named_arrays(const nb::dict& arrays) {
  std::vector<named_array> list;
  for (const auto& [name, value] : arrays) list.emplace_back(nb::cast<std::string>(name), to_array(value));
  return list;
}

void bind_archives(nb::module_& core) {
  nb::class_<npz_file>(core, "npz_file", "An archive that was opened.")
      .def("names", &npz_file::names)
      .def("__len__", &npz_file::size)
      .def("__contains__", [](const npz_file& file, const std::string& name) { return file.contains(name); })
      .def("load", [](const npz_file& file, const std::string& name) {
        return wrap(without_gil([&] { return file.load(name); }));
      });
  core.def(
      "load_npz",
      [](const std::string& path, nb::handle device) {
        const load_npz_options options{.device = to_device(device)};
        return without_gil([&] { return load_npz(path, options); });
      },
      nb::arg("path"), nb::arg("device").none());
  core.def("save_npz", [](const std::string& path, const nb::dict& arrays, bool compressed) {
    const std::vector<named_array> list = named_arrays(arrays);
    without_gil([&] { save_npz(path, list, {.compressed = compressed}); });
  });
}

void bind_safetensors(nb::module_& core) {
  nb::class_<safetensors_file>(core, "safetensors_file", "A file that was opened.")
      .def("names", &safetensors_file::names)
      .def("__len__", &safetensors_file::size)
      .def("__contains__", [](const safetensors_file& file, const std::string& name) { return file.contains(name); })
      .def("metadata",
           [](const safetensors_file& file) {
             nb::dict result;
             for (const auto& [key, value] : file.metadata()) result[key.c_str()] = value;
             return result;
           })
      .def("load", [](const safetensors_file& file, const std::string& name) {
        return wrap(without_gil([&] { return file.load(name); }));
      });
  core.def(
      "load_safetensors",
      [](const std::string& path, nb::handle mode, nb::handle device) {
        const load_safetensors_options options{.mmap = mmap_of(mode, "load_safetensors"), .device = to_device(device)};
        return without_gil([&] { return load_safetensors(path, options); });
      },
      nb::arg("path"), nb::arg("mmap_mode").none(), nb::arg("device").none());
  core.def("save_safetensors", [](const std::string& path, const nb::dict& arrays, const nb::dict& metadata) {
    text_pairs texts;
    for (const auto& [key, value] : metadata) {
      texts.emplace_back(nb::cast<std::string>(key), nb::cast<std::string>(value));
    }
    const std::vector<named_array> list = named_arrays(arrays);
    without_gil([&] { save_safetensors(path, list, texts); });
  });
}

void bind_text(nb::module_& core) {
  core.def(
      "loadtxt",
      [](const std::string& source, bool is_text, nb::handle type, std::vector<std::string> comments,
         const std::string& delimiter, nb::handle skiprows, std::vector<std::int64_t> usecols, bool unpack, int ndmin,
         nb::handle max_rows, const std::string& quotechar, nb::handle device, nb::handle progress) {
        loadtxt_options options{.comments = std::move(comments),
                                .delimiter = delimiter,
                                .skiprows = to_int(skiprows),
                                .usecols = std::move(usecols),
                                .unpack = unpack,
                                .ndmin = ndmin,
                                .quotechar = quotechar,
                                .device = to_device(device),
                                .progress = to_progress(progress)};
        if (!type.is_none()) options.dtype = to_dtype(type);
        if (!max_rows.is_none()) options.max_rows = to_int(max_rows);
        return wrap(without_gil([&] { return is_text ? loadtxt_text(source, options) : loadtxt(source, options); }));
      },
      nb::arg("source"), nb::arg("is_text"), nb::arg("dtype").none(), nb::arg("comments"), nb::arg("delimiter"),
      nb::arg("skiprows"), nb::arg("usecols"), nb::arg("unpack"), nb::arg("ndmin"), nb::arg("max_rows").none(),
      nb::arg("quotechar"), nb::arg("device").none(), nb::arg("progress").none());
  core.def("savetxt", [](const std::string& path, nb::handle x, nb::handle fmt, const std::string& delimiter,
                         const std::string& newline, const std::string& header, const std::string& footer,
                         const std::string& comments) {
    const expr table = to_expr(x);
    const text_formats formats = PyUnicode_Check(fmt.ptr()) ? text_formats(nb::cast<std::string>(fmt))
                                                            : text_formats(nb::cast<std::vector<std::string>>(fmt));
    const savetxt_options options{.fmt = formats,
                                  .delimiter = delimiter,
                                  .newline = newline,
                                  .header = header,
                                  .footer = footer,
                                  .comments = comments};
    without_gil([&] { savetxt(path, table, options); });
  });
}

// ---- genfromtxt

column_key key_of(nb::handle x) {
  if (PyUnicode_Check(x.ptr())) return column_key(nb::cast<std::string>(x));
  return column_key(to_int(x));
}

filling_value filling_of(nb::handle x) {
  if (PyUnicode_Check(x.ptr())) return filling_value(nb::cast<std::string>(x));
  const array value = to_array(x);
  switch (value.dtype().kind()) {
    case 'b': return filling_value(value.item<bool>());
    case 'i': return filling_value(value.item<std::int64_t>());
    case 'u': return filling_value(value.item<std::uint64_t>());
    case 'f': return filling_value(value.item<double>());
    case 'c': return filling_value(value.item<std::complex<double>>());
    default: return filling_value(value.item<std::string>());
  }
}

/// What _files.py has made of genfromtxt's arguments, by the names of the options.
genfromtxt_options options_of(const nb::dict& said) {
  genfromtxt_options options;
  const auto has = [&](const char* name) { return said.contains(name) && !nb::object(said[name]).is_none(); };
  const auto text = [&](const char* name, std::string& to) {
    if (has(name)) to = nb::cast<std::string>(said[name]);
  };
  const auto integer = [&](const char* name, auto& to) {
    if (has(name)) to = static_cast<std::remove_reference_t<decltype(to)>>(to_int(nb::object(said[name])));
  };
  const auto truth = [&](const char* name, bool& to) {
    if (has(name)) to = to_bool(nb::object(said[name]), name);
  };
  options.dtype = to_dtype(nb::object(said["dtype"]));
  text("comments", options.comments);
  if (!has("comments")) options.comments.clear();
  text("delimiter", options.delimiter);
  integer("width", options.width);
  if (has("widths")) options.widths = nb::cast<std::vector<std::int64_t>>(said["widths"]);
  integer("skip_header", options.skip_header);
  integer("skip_footer", options.skip_footer);
  options.missing_values = nb::cast<std::vector<std::string>>(said["missing_values"]);
  for (nb::handle pair : nb::object(said["missing_of"])) {
    options.missing_of.emplace_back(key_of(pair[0]), nb::cast<std::vector<std::string>>(pair[1]));
  }
  if (has("filling_values")) options.filling_values = filling_of(nb::object(said["filling_values"]));
  for (nb::handle pair : nb::object(said["filling_of"])) {
    options.filling_of.emplace_back(key_of(pair[0]), filling_of(nb::object(pair[1])));
  }
  for (nb::handle key : nb::object(said["usecols"])) options.usecols.push_back(key_of(key));
  if (nb::isinstance<nb::bool_>(said["names"])) options.names = header_names(nb::cast<bool>(said["names"]));
  else if (has("names")) options.names = header_names(nb::cast<std::vector<std::string>>(said["names"]));
  text("deletechars", options.naming.deletechars);
  text("replace_space", options.naming.replace_space);
  text("defaultfmt", options.naming.defaultfmt);
  if (has("excludelist")) options.naming.excludelist = nb::cast<std::vector<std::string>>(said["excludelist"]);
  if (has("letters")) {
    options.naming.letters = word<name_case>(nb::cast<std::string>(said["letters"]), "genfromtxt: case_sensitive",
                                             {{"upper", name_case::upper}, {"lower", name_case::lower}});
  }
  truth("autostrip", options.autostrip);
  truth("loose", options.loose);
  truth("invalid_raise", options.invalid_raise);
  truth("unpack", options.unpack);
  integer("ndmin", options.ndmin);
  if (has("max_rows")) options.max_rows = to_int(nb::object(said["max_rows"]));
  options.device = to_device(nb::object(said["device"]));
  return options;
}

void bind_genfromtxt(nb::module_& core) {
  core.def("genfromtxt", [](const std::string& source, bool is_text, const nb::dict& said) {
    const genfromtxt_options options = options_of(said);
    return wrap(without_gil([&] { return is_text ? genfromtxt_text(source, options) : genfromtxt(source, options); }));
  });
}

}  // namespace

void bind_tables(nb::module_& core) {
  bind_archives(core);
  bind_safetensors(core);
  bind_text(core);
  bind_genfromtxt(core);
}

}  // namespace tessera::python
