// Around the arrays: dtypes, printing options, memory, threads, backends, streams.
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "functions.hpp"

namespace tessera::python {
namespace {

// ---- dtypes

/// How much a Python number says: bool, int, float, complex; -1 for what is none.
int weakness(nb::handle x) {
  if (PyBool_Check(x.ptr())) return 0;
  if (PyLong_CheckExact(x.ptr())) return 1;
  if (PyFloat_CheckExact(x.ptr())) return 2;
  return PyComplex_CheckExact(x.ptr()) ? 3 : -1;
}

int kind_level(const dtype& type) {
  switch (type.kind()) {
    case 'b': return 0;
    case 'i':
    case 'u': return 1;
    case 'f': return 2;
    default: return 3;
  }
}

/// A Python number beside a dtype only decides the kind.
dtype with_number(const dtype& type, int level) {
  if (level <= kind_level(type)) return type;
  if (level == 1) return int64;
  if (level == 2) return float64;
  if (kind_level(type) < 2) return complex128;
  return type == float64 ? complex128 : complex64;
}

dtype dtype_of_object(nb::handle x) {
  if (is_array(x)) return array_of(x).dtype();
  if (nb::isinstance<dtype>(x) || PyUnicode_Check(x.ptr()) || PyType_Check(x.ptr())) return to_dtype(x);
  if (const std::optional<expr> found = try_expr(x)) return found->dtype();
  return to_dtype(x);
}

nb::object common_dtype(const nb::args& x) {
  if (x.size() == 0) throw value_error("result_type: expected at least one array, dtype or number");
  dtype common;
  int level = -1;
  for (nb::handle one : x) {
    if (const int own = weakness(one); own >= 0) {
      level = std::max(level, own);
      continue;
    }
    const dtype type = dtype_of_object(one);
    common = common.is_set() ? result_type(common, type) : type;
  }
  constexpr dtype alone[] = {bool_, int64, float64, complex128};
  return wrap(common.is_set() ? with_number(common, level) : alone[level]);
}

void bind_dtypes(nb::module_& m) {
  m.def("result_type", &common_dtype, nb::arg("arrays_and_dtypes"),
        "The dtype that arrays, dtypes and Python numbers have together.");
  m.def(
      "can_cast",
      [](nb::handle from, nb::handle to, const std::string& rule) {
        if (weakness(from) >= 0) throw dtype_error("can_cast: expected an array or a dtype, not a Python number");
        return can_cast(dtype_of_object(from), to_dtype(to),
                        word<casting>(rule, "can_cast: casting",
                                      {{"no", casting::no},
                                       {"equiv", casting::no},
                                       {"safe", casting::safe},
                                       {"same_kind", casting::same_kind},
                                       {"unsafe", casting::unsafe}}));
      },
      nb::arg("from_"), nb::arg("to"), nb::arg("casting") = "safe", "Whether a cast follows a rule.");
}

// ---- text

constexpr std::initializer_list<std::pair<const char*, float_mode>> float_modes = {
    {"fixed", float_mode::fixed},
    {"unique", float_mode::unique},
    {"maxprec", float_mode::maxprec},
    {"maxprec_equal", float_mode::maxprec_equal}};

nb::dict options_as_dict(const print_options& o) {
  nb::dict d;
  d["precision"] = o.precision;
  d["threshold"] = o.threshold;
  d["edgeitems"] = o.edgeitems;
  d["linewidth"] = o.linewidth;
  d["suppress"] = o.suppress;
  d["sign"] = std::string(1, o.sign);
  for (const auto& [name, mode] : float_modes) {
    if (mode == o.floatmode) d["floatmode"] = name;
  }
  d["nanstr"] = o.nanstr;
  d["infstr"] = o.infstr;
  return d;
}

/// The thread's options but for those named.
print_options changed(const nb::kwargs& changes) {
  print_options o = get_printoptions();
  for (const auto& [key, value] : changes) {
    const std::string name = nb::cast<std::string>(key);
    if (value.is_none()) continue;
    if (name == "precision") o.precision = nb::cast<int>(value);
    else if (name == "threshold") o.threshold = to_int(value);
    else if (name == "edgeitems") o.edgeitems = to_int(value);
    else if (name == "linewidth") o.linewidth = nb::cast<int>(value);
    else if (name == "suppress") o.suppress = nb::cast<bool>(value);
    else if (name == "sign") o.sign = nb::cast<std::string>(value).c_str()[0];
    else if (name == "floatmode")
      o.floatmode = word<float_mode>(nb::cast<std::string>(value), "floatmode", float_modes);
    else if (name == "nanstr") o.nanstr = nb::cast<std::string>(value);
    else if (name == "infstr") o.infstr = nb::cast<std::string>(value);
    else throw dtype_error("set_printoptions: there is no option '" + name + "'");
  }
  return o;
}

void bind_printing(nb::module_& m) {
  m.def(
      "get_printoptions", [] { return options_as_dict(get_printoptions()); }, "This thread's options as a dict.");
  m.def(
      "set_printoptions", [](const nb::kwargs& options) { set_printoptions(changed(options)); }, nb::arg("options"),
      "Changes the options named, for this thread.");
  m.def(
      "array2string", [](nb::handle x, const nb::kwargs& options) { return str(to_expr(x), changed(options)); },
      nb::arg("x"), nb::arg("options"), "str(x) with other options.");
  m.def(
      "array_repr", [](nb::handle x, const nb::kwargs& options) { return repr(to_expr(x), changed(options)); },
      nb::arg("x"), nb::arg("options"), "repr(x) with other options.");
}

// ---- memory, threads, devices

void bind_memory(nb::module_& m) {
  m.def(
      "memory_stats",
      [](nb::handle device) {
        const memory_statistics s = memory_stats(device_or_default(device));
        nb::dict d;
        d["bytes_in_use"] = s.bytes_in_use;
        d["peak_bytes_in_use"] = s.peak_bytes_in_use;
        d["bytes_cached"] = s.bytes_cached;
        d["memory_limit"] = s.memory_limit;
        d["cache_limit"] = s.cache_limit;
        d["allocations"] = s.allocations;
        d["cache_hits"] = s.cache_hits;
        return d;
      },
      optional("device"), "How a device's memory is used, in bytes.");
  m.def(
      "reset_peak_memory", [](nb::handle device) { reset_peak_memory(device_or_default(device)); }, optional("device"),
      "peak_bytes_in_use starts again from what is in use now.");
  m.def(
      "set_memory_limit",
      [](std::int64_t bytes, nb::handle device) { return set_memory_limit(bytes, device_or_default(device)); },
      nb::arg("bytes"), optional("device"), "Bounds what arrays may take; returns the limit before.");
  m.def(
      "set_cache_limit",
      [](std::int64_t bytes, nb::handle device) { return set_cache_limit(bytes, device_or_default(device)); },
      nb::arg("bytes"), optional("device"), "Bounds what is kept of freed memory; returns the limit before.");
  m.def(
      "release_cached_memory", [](nb::handle device) { release_cached_memory(device_or_default(device)); },
      optional("device"), "Gives what is kept back to the system.");
}

void bind_threads_and_devices(nb::module_& m) {
  m.def("num_threads", &num_threads, "Threads that an operation may use.");
  m.def(
      "set_num_threads", [](int count) { set_num_threads(count); }, nb::arg("count"),
      "Sets how many threads an operation may use; no result depends on it.");
  m.def(
      "backends",
      [] {
        nb::list list;
        for (const backend_info& b : backends()) {
          nb::dict d;
          d["name"] = b.name;
          d["available"] = b.available;
          d["devices"] = b.devices;
          d["detail"] = b.detail;
          list.append(d);
        }
        return list;
      },
      "The backends and, for those that cannot be used, the reason.");
  m.def(
      "device_properties",
      [](nb::handle device) {
        const device_properties p = properties(device_or_default(device));
        nb::dict d;
        d["name"] = p.name;
        d["total_memory"] = p.total_memory;
        d["free_memory"] = p.free_memory;
        d["processors"] = p.processors;
        d["compute_capability"] = p.compute_capability;
        return d;
      },
      optional("device"), "Name, memory and processors of a device.");
}

// ---- what the library is

nb::dict built_as_dict() {
  const build_info built = built_with();
  const simd_info instructions = simd();
  nb::dict all, compilers, machine, dependencies, extensions;
  compilers["c++"] = built.compiler;
  compilers["build type"] = built.build_type;
  compilers["assertions"] = built.assertions;
  compilers["sanitizers"] = built.sanitizers;
  compilers["cuda"] = built.cuda;
  machine["processor"] = built.processor;
  for (const build_dependency& one : built.dependencies) {
    nb::dict d;
    d["version"] = one.version;
    if (!one.file.empty()) d["file"] = one.file;
    dependencies[one.name.c_str()] = d;
  }
  extensions["compiled"] = instructions.compiled;
  extensions["usable"] = instructions.usable;
  extensions["in use"] = instructions.in_use;
  all["Compilers"] = compilers;
  all["Machine Information"] = machine;
  all["Build Dependencies"] = dependencies;
  all["SIMD Extensions"] = extensions;
  return all;
}

void bind_build(nb::module_& m) {
  m.def("_version", &version);
  m.def("_built_with", &built_as_dict);
}

// ---- streams

/// `with stream:` on one thread.
struct python_stream {
  explicit python_stream(const device& of) : on(of) {}
  stream on;
  entered_scopes<stream_scope> scopes;
};

void bind_streams(nb::module_& m) {
  nb::class_<event> e(m, "event", "A point in a stream's work.");
  e.attr("__module__") = "tessera";
  e.def_prop_ro("device", &event::device)
      .def("done", &event::done, "Whether everything before it is done.")
      .def("wait", &event::wait, nb::call_guard<released_gil>(), "Waits until it is.");
  nb::class_<python_stream> s(m, "stream",
                              "A queue of work on a device; `with stream:` puts this thread's work on it.");
  s.attr("__module__") = "tessera";
  s.def(
       "__init__", [](python_stream* self, nb::handle device) { new (self) python_stream(device_or_default(device)); },
       optional("device"))
      .def_prop_ro("device", [](const python_stream& x) { return x.on.device(); })
      .def_prop_ro(
          "handle", [](const python_stream& x) { return reinterpret_cast<std::uintptr_t>(x.on.native()); },
          "The runtime's own handle (a cudaStream_t) as an int; 0 on the host.")
      .def(
          "synchronize", [](const python_stream& x) { x.on.synchronize(); }, nb::call_guard<released_gil>(),
          "Waits until its work is done.")
      .def(
          "record", [](const python_stream& x) { return x.on.record(); }, "The point after all put on it so far.")
      .def(
          "wait_for", [](const python_stream& x, const event& point) { x.on.wait_for(point); }, nb::arg("event"),
          nb::call_guard<released_gil>(), "What is put on it from here on starts after the event.")
      .def("__enter__",
           [](nb::handle self) {
             auto& x = nb::cast<python_stream&>(self);
             x.scopes.enter(x.on);
             return nb::borrow(self);
           })
      .def("__exit__", [](python_stream& x, const nb::args&) { x.scopes.leave(); });
}

}  // namespace

void bind_system(nb::module_& m) {
  bind_dtypes(m);
  bind_printing(m);
  bind_memory(m);
  bind_threads_and_devices(m);
  bind_build(m);
  bind_streams(m);
}

}  // namespace tessera::python
