// Text of generated kernels: the instructions of a stage on registers, parameters, addresses.
#pragma once
#include <functional>
#include <span>
#include <string>

#include "cuda/geometry.hpp"
#include "cuda/launch.hpp"

namespace tessera::detail::cuda {

/// The element type of a dtype in device/types.cuh.
const char* type_name(dtype type);

/// The texts of device/ that these instructions need: types, and only those bodies. What folds needs sums and products too.
std::string preamble_of(std::span<const instruction> all, bool folds);

/// A rough count of machine instructions of one operation, to choose how many elements a thread takes: NVRTC's time grows
/// with their product, and what computes for long does not need wide loads.
int weight_of(op code, dtype loop);
int weight_of(const stage& s);
/// Elements a thread takes at most where each goes through all instructions: fewer of what computes for long.
int widest(const stage& s);

/// What is the same for every kernel made from a stage: key, parameter struct, and the function
///
///     template <int V, bool Full> void points(const params& p, byte* const (&at)[operands], int count, T (&out)[V] …)
///
/// which reads `count` of V elements of the inputs (all where Full), runs the instructions and stores the results (elementwise), or gives
/// them in `out` (folds; elements from `count` on are left as they are).
class stage_source {
 public:
  stage_source(const stage& s, const geometry& g, bool indirect) : s_(s), g_(g), indirect_(indirect) {}

  /// All that the text of these parts depends on.
  void append_key(std::string& key) const;
  /// "add_multiply", from the first instructions and the fold.
  std::string name() const;

  /// Members of `struct params`: operands, strides, divisors, constants; `more` are members of the kernel's own.
  std::string params(const std::string& more) const;
  /// The same values, for a slab; the kernel's own members are added after them.
  void add_params(parameters& to, const slab& part) const;

  std::string points() const;
  /// "const params p", or the pointer that stands for it. (As a __grid_constant__ its members are read through an address, four
  /// instructions a thread more; without it nothing is copied as long as no member is indexed by a variable.)
  std::string parameter() const;
  std::string bind_parameter() const;
  /// `call` is "fold_rows<program, 32>".
  std::string entry(const std::string& name, const std::string& call) const;
  const char* offset() const { return g_.wide ? "i64" : "i32"; }

 private:
  bool folds() const { return s_.results[0].by != fold::none; }
  std::vector<bool> uniform_registers() const;
  void append_loads(std::string& text, const std::vector<bool>& uniform) const;
  void append_stores(std::string& text, const std::vector<bool>& uniform) const;

  const stage& s_;
  const geometry& g_;
  bool indirect_;
};

/// A kernel that makes this one call. Its parameter is `params` itself, or what `bind` makes them of.
std::string entry_text(const std::string& name, const std::string& call,
                       const std::string& parameter = "const params p", const std::string& bind = "");

/// "run<bodies::add, float>(…)" of these registers' values.
std::string call_text(const stage& s, const instruction& i, const std::function<std::string(reg)>& value);

/// Member functions of a kernel's program, from a unit's number to each operand's address there and how many elements it has:
///
///     int kept_place(p, unit, at)      int folded_place(p, from, unit, at, position)      along the kept, the folded axes
///
/// They read members that the kernel adds to its parameters: `inner`, the extent of the innermost axis, and `position`, of
/// the first folded point. Targets stay where they are along folded axes unless they are said to move.
std::string place_text(const geometry& g, bool folded, bool targets_move = false);

/// Bytes of a stage's parameters, roughly from above: whether they go through memory.
bool needs_indirect(const stage& s, const geometry& g);

}  // namespace tessera::detail::cuda
