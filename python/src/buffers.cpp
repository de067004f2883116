// Arrays as other libraries' memory: the buffer protocol, NumPy's array interface and __array__, CUDA's array
// interface.
#include <nanobind/stl/string.h>

#include "core/dlpack_abi.hpp"
#include "dlpack.hpp"
#include "dtypes.hpp"

namespace tessera::python {
namespace {

/// The struct module's code of a number's dtype; null for bfloat16 and for all others, which go by the array interface.
const char* format_of(dtype type) {
  switch (type.code()) {
    case dtype_code::bool_: return "?";
    case dtype_code::int8: return "b";
    case dtype_code::int16: return "h";
    case dtype_code::int32: return "i";
    case dtype_code::int64: return "l";
    case dtype_code::uint8: return "B";
    case dtype_code::uint16: return "H";
    case dtype_code::uint32: return "I";
    case dtype_code::uint64: return "L";
    case dtype_code::float16: return "e";
    case dtype_code::float32: return "f";
    case dtype_code::float64: return "d";
    case dtype_code::complex64: return "Zf";
    case dtype_code::complex128: return "Zd";
    default: return nullptr;
  }
}

/// "<f8"; bfloat16 as ml_dtypes stores it.
std::string typestr(dtype type) { return type == bfloat16 ? "<V2" : type.str(); }

[[noreturn]] void throw_not_on_host(const char* name, const array& x) {
  throw dtype_error(std::string(name) + ": the elements are on " + x.device().name() +
                    ", not on the host; copy them with .to(\"cpu\")");
}

void check_request(const array& x, int flags) {
  const auto refuse = [](const std::string& why) { throw dlpack_error("buffer: " + why); };
  if (x.device() != cpu()) refuse("the elements are on " + x.device().name() + "; copy them with .to(\"cpu\")");
  if ((flags & PyBUF_FORMAT) && format_of(x.dtype()) == nullptr) {
    refuse("elements of " + x.dtype().name() + " are not shared with a format; __array_interface__ names them");
  }
  const flags_t layout = x.flags();
  if ((flags & PyBUF_WRITABLE) && !layout.writeable) refuse("the array is read-only");
  const auto asks = [&](int order) { return (flags & order) == order; };
  if (asks(PyBUF_ANY_CONTIGUOUS) ? !layout.c_contiguous && !layout.f_contiguous
      : asks(PyBUF_F_CONTIGUOUS) ? !layout.f_contiguous
                                 : (asks(PyBUF_C_CONTIGUOUS) || !asks(PyBUF_STRIDES)) && !layout.c_contiguous) {
    refuse("the array is not contiguous as the consumer asks");
  }
}

/// Whether descr says all of a record: what lies between fields would become fields of NumPy's, too.
bool has_descr(const dtype& type) {
  std::int64_t end = 0;
  for (const field& f : type.fields()) {
    if (f.offset != end || !has_descr(f.type)) return false;
    end = f.offset + f.nbytes();
  }
  return !type.has_fields() || end == type.itemsize();
}

/// A description of the memory as NumPy and CUDA's array interface share it.
nb::dict interface_of(const array& x) {
  if (!has_descr(x.dtype())) {
    throw nb::attribute_error("__array_interface__: nothing there says what lies between fields");
  }
  nb::dict result;
  if (x.dtype().has_fields()) result["descr"] = descr_of(x.dtype());
  result["shape"] = to_python(x.shape());
  result["typestr"] = typestr(x.dtype());
  result["data"] = nb::make_tuple(reinterpret_cast<std::uintptr_t>(x.data()), !x.flags().writeable);
  result["strides"] = x.flags().c_contiguous ? nb::none() : to_python(x.strides());
  result["version"] = 3;
  return result;
}

nb::object array_interface(const array& x) {
  if (x.device() != cpu()) throw nb::attribute_error("__array_interface__: the elements are not on the host");
  return interface_of(x);
}

nb::object cuda_array_interface(const array& x) {
  if (x.device() == cpu()) throw nb::attribute_error("__cuda_array_interface__: the elements are on the host");
  if (!x.dtype().is_number()) throw nb::attribute_error("__cuda_array_interface__: only numbers are shared there");
  const std::intptr_t number = stream_number(current_stream(x.device()));
  DLManagedTensorVersioned* const handed = to_dlpack(x, {.stream = number});  // what comes on it comes after our work
  handed->deleter(handed);
  nb::dict result = interface_of(x);
  result["stream"] = number;
  return result;
}

nb::object numpy_array(nb::handle self, nb::handle type, nb::handle copy) {
  const array& x = array_of(self);
  if (x.device() != cpu()) throw_not_on_host("__array__", x);
  const nb::module_ numpy = nb::module_::import_("numpy");
  const bool as_bytes = x.dtype() == bfloat16 || !has_descr(x.dtype());
  const nb::object raw = as_bytes ? wrap(x.view(dtype("V" + std::to_string(x.itemsize())))) : nb::borrow(self);
  nb::object shared = numpy.attr("asarray")(raw);
  if (as_bytes) shared = shared.attr("view")(numpy_dtype(x.dtype()));
  return numpy.attr("array")(shared, nb::arg("dtype") = type, nb::arg("copy") = copy);
}

}  // namespace

int get_buffer(PyObject* self, Py_buffer* view, int flags) noexcept {
  view->obj = nullptr;
  return guarded(
      [&] {
        const array& x = array_of(self);
        check_request(x, flags);
        const auto entries = [](const shape& s) {
          return reinterpret_cast<Py_ssize_t*>(const_cast<std::int64_t*>(s.begin()));
        };
        view->buf = const_cast<void*>(x.data());
        view->len = x.nbytes();
        view->itemsize = x.itemsize();
        view->readonly = !x.flags().writeable;
        view->ndim = x.ndim();
        view->format = flags & PyBUF_FORMAT ? const_cast<char*>(format_of(x.dtype())) : nullptr;
        view->shape = (flags & PyBUF_ND) && x.ndim() > 0 ? entries(x.shape()) : nullptr;
        view->strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES && x.ndim() > 0 ? entries(x.strides()) : nullptr;
        view->suboffsets = nullptr;
        view->internal = nullptr;
        view->obj = Py_NewRef(self);  // whose shape and strides these are
        return 0;
      },
      -1);
}

void bind_buffers(nb::class_<array>& c) {
  static_assert(sizeof(Py_ssize_t) == sizeof(std::int64_t));
  c.def_prop_ro("__array_interface__", &array_interface)
      .def_prop_ro("__cuda_array_interface__", &cuda_array_interface)
      .def("__array__", &numpy_array, optional("dtype"), nb::kw_only(), optional("copy"));
}

}  // namespace tessera::python
