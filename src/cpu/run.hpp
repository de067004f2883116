// Runs fused stages. Contract: backend::run and backend::run_rows.
#pragma once
#include <memory>
#include <span>

#include "cpu/block_program.hpp"
#include "expr/program.hpp"

namespace tessera::detail::cpu {

/// Any stage.
void run(const stage& s);
/// A stage of stores in blocks, however small.
void run_blocks(const stage& s);
/// A stage whose results are folded.
void run_folds(const stage& s);
/// A row group.
void run_rows(std::span<const stage> group);

/// A stage made ready once, to run in many places, on several threads at a time. The stage outlives it.
class prepared_stage {
 public:
  virtual ~prepared_stage() = default;
  /// Memory that run() needs, of its own.
  virtual std::int64_t scratch_bytes() const noexcept = 0;
  /// Runs all of the stage on this thread. Allocates nothing: a group that has begun, ends.
  virtual void run(const placement& where, std::byte* memory) const = 0;
};
std::unique_ptr<prepared_stage> prepare(const stage& s);
std::unique_ptr<prepared_stage> prepare_folds(const stage& s);

}  // namespace tessera::detail::cpu
