// device: names, the backend behind each, and the one that new arrays are made on.
#include "tessera/device.hpp"

#include <atomic>
#include <charconv>
#include <cstdlib>
#include <optional>

#include "backend.hpp"
#include "core/words.hpp"
#include "core/default_device.hpp"
#include "core/module.hpp"
#include "tessera/error.hpp"

namespace tessera {
namespace {

// Both as one number, so that reading them is one load: 0 is not set, else index + 2 for GPUs and 1 for the host.
constexpr int unset = 0;
int code_of(const device& d) { return d.kind() == device_kind::cpu ? 1 : d.index() + 2; }
device of_code(int code) { return code == 1 ? cpu() : cuda(code - 2); }

std::atomic<int> of_process{unset};
thread_local constinit int of_thread = unset;

/// "cpu", "cuda", "cuda:1"
std::optional<device> named(std::string_view name) {
  if (name == "cpu") return cpu();
  if (name == "cuda") return cuda();
  if (name.substr(0, 5) != "cuda:") return {};
  int index = -1;
  const auto [end, status] = std::from_chars(name.data() + 5, name.data() + name.size(), index);
  if (status != std::errc() || end != name.data() + name.size() || index < 0) return {};
  return cuda(index);
}

void check_there(const device& on, const caller& where) { detail::backend_of(on, where); }

/// Throws as long as the variable names what is not there: work that was meant for a GPU does not run on the host instead.
device from_environment(const caller& where) {
  const char* const name = std::getenv("TESSERA_DEVICE");
  if (name == nullptr || *name == '\0') return cpu();
  const std::optional<device> found = named(name);
  if (!found) {
    throw value_error("TESSERA_DEVICE: \"" + std::string(name) + "\" is no device; expected cpu, cuda or cuda:1",
                      where);
  }
  check_there(*found, where);
  return *found;
}

}  // namespace

device device::parse(std::string_view text, caller where) {
  if (const std::optional<device> found = named(text)) return *found;
  throw value_error("device: \"" + std::string(text) + "\" is no device; expected cpu, cuda or cuda:1", where);
}

std::string device::name() const {
  return kind_ == device_kind::cpu ? std::string("cpu") : "cuda:" + std::to_string(index_);
}

std::vector<device> devices() {
  std::vector<device> all{cpu()};
  for (int i = 0; i < detail::cuda_module().devices; ++i) all.push_back(cuda(i));
  return all;
}

device_properties properties(const device& of, caller where) { return detail::backend_of(of, where).properties(); }

std::vector<backend_info> backends() {
  const detail::module_state& gpu = detail::cuda_module();
  return {{"cpu", true, 1, "built in"}, {"cuda", gpu.module != nullptr, gpu.devices, gpu.detail}};
}

// ---- The default device

device default_device(caller where) { return detail::device_for_new_arrays(where); }

device set_default_device(const device& on, caller where) {
  check_there(on, where);
  const int before = of_process.exchange(code_of(on));
  return before == unset ? cpu() : of_code(before);
}

device_scope::device_scope(const device& on, caller where) : before_(), was_set_(of_thread != unset) {
  check_there(on, where);
  if (was_set_) before_ = of_code(of_thread);
  of_thread = code_of(on);
}

device_scope::~device_scope() { of_thread = was_set_ ? code_of(before_) : unset; }

namespace detail {

device device_for_new_arrays(const caller& where) {
  if (of_thread != unset) return of_code(of_thread);
  const int known = of_process.load(std::memory_order_relaxed);
  if (known != unset) [[likely]]
    return of_code(known);
  const device found = from_environment(where);
  int nobody = unset;
  of_process.compare_exchange_strong(nobody, code_of(found));
  return found;
}

backend& backend_of(tessera::device on, const caller& where) {
  if (on.kind() == device_kind::cpu) [[likely]]
    return cpu_backend();
  const module_state& gpu = cuda_module();
  if (gpu.module == nullptr) throw device_error("device: " + on.name() + " is not there: " + gpu.detail, where);
  return gpu.module->device(on.index());
}

void copy_between(const shape& points, const strided& source, tessera::device from_device, const strided& target,
                  tessera::device to_device) {
  shape extents = points;
  strided from = source, to = target;
  as_words(extents, {&from, &to}, caller());
  if (from_device == to_device) return backend_of(to_device).copy(extents, from, to);
  if (from_device == cpu()) return backend_of(to_device).upload(extents, from, to);
  if (to_device == cpu()) return backend_of(from_device).download(extents, from, to);
  backend_of(to_device).copy_from(from_device, extents, from, to);
}

}  // namespace detail

}  // namespace tessera
