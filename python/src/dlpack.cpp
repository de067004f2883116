// DLPack in Python: __dlpack__ and __dlpack_device__ of arrays, and from_dlpack, which takes what others export.
//
// A capsule owns its tensor while it is named "dltensor…": its destructor calls the deleter then. Who takes the tensor
// out of it names it "used_dltensor…", and only once nothing can fail any more.
#include "dlpack.hpp"

#include <algorithm>
#include <limits>

#include "core/dlpack_abi.hpp"
#include "exchange_api.hpp"

namespace tessera::python {
namespace {

namespace abi = detail::dlpack;

template <class Tensor> inline constexpr const char* capsule_name = "dltensor";
template <> inline constexpr const char* capsule_name<DLManagedTensorVersioned> = "dltensor_versioned";
template <class Tensor> inline constexpr const char* used_name = "used_dltensor";
template <> inline constexpr const char* used_name<DLManagedTensorVersioned> = "used_dltensor_versioned";

template <class Tensor> void destroy_capsule(PyObject* capsule) {
  if (!PyCapsule_IsValid(capsule, capsule_name<Tensor>)) return;  // somebody took the tensor
  Tensor* const tensor = static_cast<Tensor*>(PyCapsule_GetPointer(capsule, capsule_name<Tensor>));
  if (tensor->deleter) tensor->deleter(tensor);
}

template <class Tensor> nb::object capsule_of(Tensor* tensor) {
  PyObject* const capsule = PyCapsule_New(tensor, capsule_name<Tensor>, destroy_capsule<Tensor>);
  if (capsule == nullptr) {
    tensor->deleter(tensor);
    throw nb::python_error();
  }
  return nb::steal(capsule);
}

/// A version or a device's index: what does not fit is nothing that exists, whatever the exact number.
template <class T> T clamped(std::int64_t number) {
  return static_cast<T>(std::clamp<std::int64_t>(number, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
}

/// (first, second) of Python ints.
std::pair<std::int64_t, std::int64_t> int_pair(nb::handle x, const char* argument) {
  if (!PyTuple_Check(x.ptr()) || PyTuple_GET_SIZE(x.ptr()) != 2) {
    throw dtype_error(std::string("__dlpack__: ") + argument + " is a tuple of two integers");
  }
  return {to_int(PyTuple_GET_ITEM(x.ptr(), 0)), to_int(PyTuple_GET_ITEM(x.ptr(), 1))};
}

/// The device that a consumer asks for; none when the array is there.
std::optional<device> wanted_device(nb::handle dl_device, const array& x) {
  if (dl_device.is_none()) return {};
  const auto [type, index] = int_pair(dl_device, "dl_device");
  const dlpack_device here = dlpack_device_of(x);
  if (type == here.type && index == here.index) return {};
  return device_of(type, index, "__dlpack__");
}

copying copying_of(nb::handle copy) {
  if (copy.is_none()) return copying::if_needed;
  return to_bool(copy, "copy") ? copying::always : copying::never;
}

nb::object to_capsule(const array& x, nb::handle stream, nb::handle max_version, nb::handle dl_device,
                      nb::handle copy) {
  to_dlpack_options options{.device = wanted_device(dl_device, x), .copy = copying_of(copy)};
  if (!stream.is_none()) options.stream = static_cast<std::intptr_t>(to_int(stream));
  const bool may_copy = options.device || options.copy == copying::always || !x.flags().c_contiguous;
  const auto handed = [&](auto* out) {
    const auto call = [&] { return out(x, options, caller()); };
    return capsule_of(may_copy ? without_gil(call) : call());
  };
  if (max_version.is_none()) return handed(to_dlpack_legacy);
  const auto [major, minor] = int_pair(max_version, "max_version");
  if (major < 1) return handed(to_dlpack_legacy);
  options.max_version = {clamped<std::uint32_t>(major), clamped<std::uint32_t>(minor)};
  return handed(to_dlpack);
}

// ---- taking

nb::object interned(const char* text) { return nb::steal(PyUnicode_InternFromString(text)); }

/// Names that are looked up in every call.
struct names {
  nb::object dlpack = interned("__dlpack__"), device = interned("__dlpack_device__");
  nb::object newest = nb::make_tuple(abi::newest.major, abi::newest.minor), host = nb::make_tuple(1, 0);
  nb::object max_version = interned("max_version"), stream = interned("stream"), copy = interned("copy"),
             dl_device = interned("dl_device");
};
const names& known() {
  static const names* const all = new names;  // for as long as the process: the interpreter may end first
  return *all;
}

struct import_options {
  std::optional<tessera::device> device;
  copying copy = copying::if_needed;
};

bool lies_on_gpu(const DLManagedTensor* x) { return is_of_gpu(x->dl_tensor.device.type); }
bool lies_on_gpu(const DLManagedTensorVersioned* x) {
  return x->version.major == abi::newest.major && is_of_gpu(x->dl_tensor.device.type);
}

/// The tensor of a capsule as an array; the capsule stays as it was if that fails.
template <class Tensor> array take(PyObject* capsule, from_dlpack_options options) {
  auto* const tensor = static_cast<Tensor*>(PyCapsule_GetPointer(capsule, capsule_name<Tensor>));
  if (tensor == nullptr) throw nb::python_error();
  if (!options.stream && lies_on_gpu(tensor)) options.stream = 1;  // what a producer takes who was not told
  array result = from_dlpack(tensor, options);
  PyCapsule_SetName(capsule, used_name<Tensor>);
  return result;
}

array take_any(PyObject* capsule, const from_dlpack_options& options) {
  if (PyCapsule_IsValid(capsule, capsule_name<DLManagedTensorVersioned>)) {
    return take<DLManagedTensorVersioned>(capsule, options);
  }
  if (PyCapsule_IsValid(capsule, capsule_name<DLManagedTensor>)) return take<DLManagedTensor>(capsule, options);
  const char* const name = PyCapsule_CheckExact(capsule) ? PyCapsule_GetName(capsule) : nullptr;
  PyErr_Clear();
  if (name == nullptr) {
    throw dtype_error(std::string("from_dlpack: __dlpack__ returned a ") + Py_TYPE(capsule)->tp_name +
                      ", not a capsule");
  }
  throw dlpack_error(std::string("from_dlpack: the capsule is named \"") + name +
                     "\"; expected \"dltensor\" or \"dltensor_versioned\", which are used once");
}

/// x.__dlpack__(…) with the newest version that we know, or without arguments where it takes none.
nb::object export_of(nb::handle x, std::optional<std::intptr_t> stream, bool to_host, bool never_copy) {
  PyObject* arguments[5] = {x.ptr(), known().newest.ptr()};
  PyObject* keywords[4] = {known().max_version.ptr()};
  Py_ssize_t count = 1;
  const auto add = [&](const nb::object& name, PyObject* value) {
    keywords[count++] = name.ptr();
    arguments[count] = value;
  };
  const nb::object number = stream ? nb::object(nb::int_(*stream)) : nb::none();
  if (stream) add(known().stream, number.ptr());
  if (to_host) add(known().dl_device, known().host.ptr());
  if (never_copy) add(known().copy, Py_False);
  const nb::object names = nb::steal(PyTuple_New(count));
  if (!names.is_valid()) throw nb::python_error();
  for (Py_ssize_t i = 0; i < count; ++i) PyTuple_SET_ITEM(names.ptr(), i, Py_NewRef(keywords[i]));
  PyObject* const result = PyObject_VectorcallMethod(known().dlpack.ptr(), arguments, 1, names.ptr());
  if (result) return nb::steal(result);
  if (!PyErr_ExceptionMatches(PyExc_TypeError) || to_host) throw nb::python_error();
  PyErr_Clear();  // a producer older than DLPack 1.0
  return stream ? x.attr("__dlpack__")(nb::arg("stream") = *stream) : x.attr("__dlpack__")();
}

/// What is said of the import: the elements are copied later, without the GIL, where copying is allowed.
from_dlpack_options first_step(const import_options& wanted, int type) {
  from_dlpack_options options;
  const bool shared_memory = type == abi::cuda_host || type == abi::cuda_managed;
  if (wanted.copy == copying::never) options.copy = copying::never;
  if (wanted.copy == copying::never || shared_memory) options.device = wanted.device;
  return options;
}

array finished(array x, const import_options& wanted) {
  if (wanted.device && *wanted.device != x.device()) return without_gil([&] { return x.to(*wanted.device); });
  if (wanted.copy == copying::always) return without_gil([&] { return x.copy(order::K); });
  return x;
}

array from_producer(nb::handle x, const import_options& wanted) {
  if (auto found = array_by_exchange(x, first_step(wanted, abi::cpu), wanted.device == cpu())) {
    return finished(*std::move(found), wanted);
  }
  const nb::object where = nb::steal(PyObject_CallMethodNoArgs(x.ptr(), known().device.ptr()));
  if (!where.is_valid()) throw nb::python_error();
  const auto [type, index] = int_pair(where, "__dlpack_device__()");
  const bool on_host = type == abi::cpu || type == abi::cuda_host;
  if (!on_host && wanted.device == cpu() && type != abi::cuda_managed && wanted.copy != copying::never) {
    // the producer copies: its device may be one that we cannot use
    const nb::object capsule = export_of(x, {}, true, false);
    return take_any(capsule.ptr(), {});
  }
  from_dlpack_options options = first_step(wanted, clamped<int>(type));
  if (is_of_gpu(type)) options.stream = stream_number(current_stream(cuda(clamped<int>(index))));
  const nb::object capsule = export_of(x, options.stream, false, wanted.copy == copying::never);
  return finished(take_any(capsule.ptr(), options), wanted);
}

}  // namespace

bool is_of_gpu(std::int64_t type) noexcept { return type == abi::cuda || type == abi::cuda_managed; }

bool exports_dlpack(nb::handle x) {
  return PyObject_HasAttr(reinterpret_cast<PyObject*>(x.type().ptr()), known().dlpack.ptr());
}

device device_of(std::int64_t type, std::int64_t index, const char* name) {
  if (type == abi::cpu) return cpu();
  if (type == abi::cuda) return cuda(clamped<int>(index));
  throw dlpack_error(std::string(name) + ": no array can be made on DLPack's device (" + std::to_string(type) + ", " +
                     std::to_string(index) + "); expected 1 (the host) or 2 (CUDA)");
}

array array_from_dlpack(nb::handle x) { return from_producer(x, {}); }

void bind_dlpack(nb::module_& m, nb::class_<array>& c) {
  c.def("__dlpack__", &to_capsule, nb::kw_only(), optional("stream"), optional("max_version"), optional("dl_device"),
        optional("copy"))
      .def("__dlpack_device__", [](const array& x) {
        const dlpack_device where = dlpack_device_of(x);
        return nb::make_tuple(where.type, where.index);
      });
  c.attr("__dlpack_c_exchange_api__") = exchange_api();
  m.def(
      "from_dlpack",
      [](nb::handle x, nb::handle device, nb::handle copy) {
        const import_options wanted{to_device(device), copying_of(copy)};
        if (!PyCapsule_CheckExact(x.ptr())) return wrap(from_producer(x, wanted));
        return wrap(finished(take_any(x.ptr(), first_step(wanted, abi::cpu)), wanted));
      },
      nb::arg("x"), nb::kw_only(), optional("device"), optional("copy"),
      "The elements of another library's array, shared where they can be: an object with __dlpack__, or its capsule.");
}

}  // namespace tessera::python
