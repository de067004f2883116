// DLPack's C exchange API of tessera.array, version 1.3: a table of five functions, found by way of the type.
//
// None of them synchronises: who takes an array works on the stream that current_work_stream() returns, and on that
// stream what we did to the array comes first.
#include "exchange_api.hpp"

#include <memory>
#include <unordered_map>

#include "core/dlpack_dtypes.hpp"
#include "dlpack.hpp"

namespace tessera::python {
namespace {

namespace abi = detail::dlpack;

struct api_header {
  abi::version version;
  const api_header* previous;  // an older table, for consumers of an older major version
};

using set_error = void (*)(void* context, const char* kind, const char* message);

struct api_table {
  api_header header;
  int (*allocate)(abi::tensor* prototype, DLManagedTensorVersioned** out, void* context, set_error report);
  int (*from_object)(void* object, DLManagedTensorVersioned** out);
  int (*to_object)(DLManagedTensorVersioned* tensor, void** out);
  int (*view_object)(void* object, abi::tensor* out);
  int (*current_stream)(abi::device_type type, std::int32_t index, void** out);
};
static_assert(sizeof(api_header) == 16 && sizeof(api_table) == 56);

/// f() for the table: 0, or -1 with Python's error set.
template <class F> int checked(F&& f) noexcept {
  return guarded(
      [&] {
        f();
        return 0;
      },
      -1);
}

/// The number of this thread's stream where elements are; none on the host.
std::optional<std::intptr_t> stream_of(const dlpack_device& where) {
  if (!is_of_gpu(where.type)) return {};
  return stream_number(current_stream(cuda(where.index)));
}

dtype dtype_like(const abi::tensor& prototype) {
  const auto [code, bits, lanes] = prototype.dtype;
  const dtype type = detail::dtype_of(prototype.dtype);
  if (!type.is_set()) {
    throw dlpack_error("dlpack: elements of code " + std::to_string(code) + " with " + std::to_string(bits) +
                       " bits and " + std::to_string(lanes) + " lanes do not exist here");
  }
  return type;
}

int allocate(abi::tensor* prototype, DLManagedTensorVersioned** out, void* context, set_error report) {
  try {
    shape extents;
    for (int i = 0; i < prototype->ndim; ++i) extents.push_back(prototype->shape[i]);
    const device on = device_of(prototype->device.type, prototype->device.index, "dlpack");
    const array fresh = empty(extents, {.dtype = dtype_like(*prototype), .device = on});
    *out = to_dlpack(fresh, {.stream = stream_of(dlpack_device_of(fresh))});
    return 0;
  } catch (const out_of_memory& e) {
    report(context, "MemoryError", e.what());
  } catch (const std::exception& e) {
    report(context, "BufferError", e.what());
  }
  return -1;
}

int from_object(void* object, DLManagedTensorVersioned** out) {
  return checked([&] {
    const array& x = array_of(static_cast<PyObject*>(object));
    *out = to_dlpack(x, {.stream = stream_of(dlpack_device_of(x))});
  });
}

/// If it fails, the tensor is still the caller's.
int to_object(DLManagedTensorVersioned* tensor, void** out) {
  return checked([&] {
    const bool readable = tensor->version.major == abi::newest.major;
    const abi::device where = readable ? tensor->dl_tensor.device : abi::device{};
    *out = wrap(from_dlpack(tensor, {.stream = stream_of({where.type, where.index})})).release().ptr();
  });
}

// ---- A view that is lent: shape and strides must lie somewhere until control returns

/// Strides in elements of arrays that were lent, for as long as their objects live. Guarded by the GIL.
std::unordered_map<PyObject*, std::unique_ptr<std::int64_t[]>>& lent_strides() {
  static auto* const all = new std::unordered_map<PyObject*, std::unique_ptr<std::int64_t[]>>;
  return *all;
}

std::int64_t* strides_of(PyObject* object, const array& x) {
  auto& slot = lent_strides()[object];
  if (!slot) {
    slot = std::make_unique<std::int64_t[]>(static_cast<std::size_t>(x.ndim()));
    for (int i = 0; i < x.ndim(); ++i) slot[i] = x.strides()[i] / x.itemsize();
    nb::keep_alive_cb(object, object,
                      [](void* dying) noexcept { lent_strides().erase(static_cast<PyObject*>(dying)); });
  }
  return slot.get();
}

int view_object(void* object, abi::tensor* out) {
  return checked([&] {
    PyObject* const self = static_cast<PyObject*>(object);
    const array& x = array_of(self);
    if (!x.flags().writeable)
      throw dlpack_error("dlpack: a read-only array is not lent as a DLTensor, which cannot say so");
    DLManagedTensorVersioned* const whole =
        to_dlpack(x, {.copy = copying::never, .stream = stream_of(dlpack_device_of(x))});
    *out = whole->dl_tensor;  // checked by to_dlpack; shape and strides are the array's own
    whole->deleter(whole);
    out->shape = const_cast<std::int64_t*>(x.shape().begin());
    out->strides = x.ndim() == 0 ? nullptr : strides_of(self, x);
  });
}

int work_stream(abi::device_type type, std::int32_t index, void** out) {
  return checked([&] { *out = is_of_gpu(type) ? current_stream(cuda(index)) : nullptr; });
}

const api_table table = {{abi::newest, nullptr}, allocate, from_object, to_object, view_object, work_stream};

// ---- Tables of other libraries

/// The table of a type that we can read, or null.
const api_table* find_table(PyTypeObject* type) {
  static PyObject* const name = PyUnicode_InternFromString("__dlpack_c_exchange_api__");
  PyObject* const capsule = _PyType_Lookup(type, name);  // borrowed; sets no error
  if (capsule == nullptr || !PyCapsule_IsValid(capsule, "dlpack_exchange_api")) return nullptr;
  const auto* header = static_cast<const api_header*>(PyCapsule_GetPointer(capsule, "dlpack_exchange_api"));
  while (header && header->version.major != abi::newest.major) header = header->previous;
  return reinterpret_cast<const api_table*>(header);
}

/// Whether an attribute of a tensor is there and true.
bool is_true(nb::handle x, PyObject* name) {
  const nb::object value = nb::steal(PyObject_GetAttr(x.ptr(), name));
  if (!value.is_valid()) {
    PyErr_Clear();
    return false;
  }
  return value.ptr() == Py_True || (PyCallable_Check(value.ptr()) && nb::cast<bool>(value()));
}

/// PyTorch's table does not look at what its __dlpack__ refuses, nor either at a sign that is still to be changed.
bool says_all_in_its_memory(nb::handle x) {
  static PyObject* const requires_grad = PyUnicode_InternFromString("requires_grad");
  static PyObject* const is_conj = PyUnicode_InternFromString("is_conj");
  static PyObject* const is_neg = PyUnicode_InternFromString("is_neg");
  if (is_true(x, is_neg)) {
    throw dlpack_error("from_dlpack: the tensor is a view with its sign to be changed; call resolve_neg() on it first");
  }
  return !is_true(x, requires_grad) && !is_true(x, is_conj);
}

}  // namespace

std::optional<array> array_by_exchange(nb::handle x, from_dlpack_options options, bool to_host) {
  const api_table* const theirs = find_table(Py_TYPE(x.ptr()));
  if (theirs == nullptr || (theirs != &table && !says_all_in_its_memory(x))) return {};
  DLManagedTensorVersioned* tensor = nullptr;
  if (theirs->from_object(x.ptr(), &tensor) != 0) throw nb::python_error();
  const auto give_back = [&] {
    if (tensor->deleter) tensor->deleter(tensor);
  };
  try {
    const bool readable = tensor->version.major == abi::newest.major;
    if (readable && options.copy == copying::never && (tensor->flags & abi::is_copied) != 0) {
      throw dlpack_error("from_dlpack: the producer copied the elements, which copy=False rules out");
    }
    const abi::device where = readable ? tensor->dl_tensor.device : abi::device{};
    if (is_of_gpu(where.type)) {
      if (to_host) return give_back(), std::nullopt;
      void* stream = nullptr;
      if (theirs->current_stream(static_cast<abi::device_type>(where.type), where.index, &stream) != 0) {
        throw nb::python_error();
      }
      options.stream = stream_number(stream);
    }
    return from_dlpack(tensor, options);
  } catch (...) {
    give_back();
    throw;
  }
}

nb::object exchange_api() {
  PyObject* const capsule = PyCapsule_New(const_cast<api_table*>(&table), "dlpack_exchange_api", nullptr);
  if (capsule == nullptr) throw nb::python_error();
  return nb::steal(capsule);
}

}  // namespace tessera::python
