// One kernel call, with repeated elements laid out on the stack.
#include "cpu/flat.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include "cpu/box.hpp"
#include "cpu/fold_state.hpp"
#include "cpu/run.hpp"
#include "tessera/error.hpp"

namespace tessera::detail::cpu {
namespace {

constexpr std::int64_t repeated_bytes = 2048;  // of each operand

kernel find(const flat_operation& x) {
  const kernel found = x.code == op::cast ? find_cast(x.operands[0].type, x.loop) : find_kernel(x.code, x.loop);
  if (!found) throw device_error(std::string(info(x.code).name) + ": the CPU has no kernel for " + x.loop.name());
  return found;
}

void run_repeating(const flat_operation& x, kernel run) {
  alignas(64) std::byte buffers[3][repeated_bytes];
  std::int64_t widest = 1;
  for (int i = 0; i < x.arity; ++i) widest = std::max<std::int64_t>(widest, x.operands[i].type.itemsize());
  const std::int64_t piece = std::min(x.count, repeated_bytes / widest);
  for (int i = 0; i < x.arity; ++i) {
    const flat_operation::operand& from = x.operands[i];
    const int itemsize = from.type.itemsize();
    if (from.repeated) find_row_copy(itemsize)(buffers[i], itemsize, from.data, 0, piece);
  }
  for (std::int64_t first = 0; first < x.count; first += piece) {
    const std::byte* at[3];
    for (int i = 0; i < 3; ++i) {
      const int k = i < x.arity ? i : 0;  // kernels get no invalid pointers
      const flat_operation::operand& from = x.operands[k];
      at[i] = from.repeated ? buffers[k] : from.data + first * from.type.itemsize();
    }
    run(x.target + first * x.result.itemsize(), at[0], at[1], at[2],
        static_cast<std::size_t>(std::min(piece, x.count - first)));
  }
}

}  // namespace

void run_flat(const flat_operation& x) {
  const kernel run = find(x);
  const flat_operation::operand *a = x.operands, *b = x.arity > 1 ? a + 1 : a, *c = x.arity > 2 ? a + 2 : a;
  if (a->repeated || b->repeated || c->repeated) return run_repeating(x, run);
  run(x.target, a->data, b->data, c->data, static_cast<std::size_t>(x.count));
}

void run_flat(const flat_fold& x) {
  const fold_rule rule(x.by, x.type, x.result);
  constexpr std::int64_t block_bytes = 16384;  // of fold_run: longer rows are folded piece by piece
  if (x.count * std::max(x.type.itemsize(), 4) > block_bytes) {
    stage s;
    s.extents = shape(x.count);
    s.folded.push_back(true);
    s.inputs.push_back({const_cast<std::byte*>(x.data), x.type, shape(x.type.itemsize())});
    s.register_types.push_back(x.type);
    s.results.push_back({0, x.by, {x.target, x.result, shape(0)}, no_reg});
    return run_folds(s);
  }
  rule.fold_row(x.data, x.count, x.target);
}

}  // namespace tessera::detail::cpu
