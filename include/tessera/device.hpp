// Where an array's bytes live, which devices there are, and on which one new arrays are made.
#pragma once
#include <string>
#include <vector>

#include "api.hpp"
#include "concepts.hpp"

namespace tessera {

enum class device_kind : std::uint8_t { cpu, cuda };

/// A device: the host, or one GPU by number.
class TESSERA_API device {
 public:
  constexpr device() = default;
  constexpr device(device_kind kind, int index) : kind_(kind), index_(index) {}
  /// "cpu", "cuda", "cuda:1". Throws value_error.
  template <string_like S>
  device(const S& text, caller where = caller::current()) : device(parse(std::string_view(text), where)) {}
  constexpr device_kind kind() const noexcept { return kind_; }
  constexpr int index() const noexcept { return index_; }
  /// "cpu", "cuda:0"
  std::string name() const;
  friend constexpr bool operator==(const device&, const device&) noexcept = default;

 private:
  static device parse(std::string_view text, caller where);
  device_kind kind_ = device_kind::cpu;
  int index_ = 0;
};

/// The host.
constexpr device cpu() { return {}; }
/// GPU number `index`. It need not be there to be named; what uses it throws device_error then, saying why.
constexpr device cuda(int index = 0) { return {device_kind::cuda, index}; }

/// All devices that can be used, cpu() first.
TESSERA_API std::vector<device> devices();

struct device_properties {
  std::string name;               ///< "NVIDIA H100 80GB HBM3"
  std::int64_t total_memory = 0;  ///< bytes
  std::int64_t free_memory = 0;   ///< bytes, as other programs leave it
  int processors = 0;             ///< streaming multiprocessors; of the host, hardware threads
  int compute_capability = 0;     ///< 75, 80, 90 …; of the host 0
};
/// Throws device_error when the device is not there.
TESSERA_API device_properties properties(const device& of, caller where = caller::current());

/// A backend: what runs the operations on one kind of device.
struct backend_info {
  std::string name;  ///< "cpu", "cuda"
  bool available = false;
  int devices = 0;
  std::string detail;  ///< the file of the module, or why it cannot be used
};
/// The backends and, for those that cannot be used, the reason. The CUDA module is looked for when it is first needed: the file
/// $TESSERA_CUDA_MODULE if set, else libtessera_cuda.so beside this library, else where the loader looks.
TESSERA_API std::vector<backend_info> backends();

// ---- where functions that take no array make theirs: zeros, arange, a list, load …; results of operations are where their
//      operands are

/// The calling thread's: of the innermost device_scope, else the process's.
TESSERA_API device default_device(caller where = caller::current());
/// Sets the process's and returns the one before. To begin with $TESSERA_DEVICE ("cpu", "cuda", "cuda:1"), else cpu().
/// Throws device_error when the device is not there.
TESSERA_API device set_default_device(const device& on, caller where = caller::current());

/// The calling thread's default device until the scope ends.       (as jax.default_device, torch.device as a context)
///     const device_scope on(cuda(1));
class TESSERA_API device_scope {
 public:
  explicit device_scope(const device& on, caller where = caller::current());
  ~device_scope();
  device_scope(const device_scope&) = delete;
  device_scope& operator=(const device_scope&) = delete;

 private:
  device before_;
  bool was_set_;
};

}  // namespace tessera
