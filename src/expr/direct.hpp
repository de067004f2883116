// direct: recipes so small that planning would take longer than the work.
//
// Operations, and folds over all elements, of arrays that lie alike, in C order: every value is a row of as many elements, or
// one element, and they are computed one after the other. What is in between lies on the stack. Everything else, and what is
// too large for a plan to matter, goes to the planner (plan.hpp), which would come to the same; tests hold the two against
// each other.
#pragma once
#include "expr/node.hpp"
#include "expr/program.hpp"

namespace tessera::detail {

/// Whether run_single() takes a recipe: one operation or fold of leaves and numbers. It gives what direct_recipe gives.
bool is_single(const node& n) noexcept;
array run_single(const node& n, const char* name, const caller& where);

class direct_recipe {
 public:
  /// `root` has to outlive it.
  explicit direct_recipe(const node& root) : fits_(add(root) >= 0 && is_small()) {}
  direct_recipe(const direct_recipe&) = delete;

  bool fits() const noexcept { return fits_; }
  /// The result, as evaluate() would give it. Throws stale_expression, out_of_memory.
  array run(const char* name, const caller& where);
  /// The same into an array. False when only the planner can: another shape, dtype or memory order, an operand in the way.
  bool run_into(const array& destination, const char* name, const caller& where);

 private:
  struct value {
    const node* origin;
    const std::byte* data;  // of leaves, and what has been computed
    std::int64_t count;
    std::int8_t inputs[3];
  };

  int add(const node& n);
  bool add_inputs(value& v);
  bool is_small() const noexcept;
  bool overlaps(const array& destination) const noexcept;
  const node& root() const noexcept { return *values_[size_ - 1].origin; }
  void check_fresh(const char* name, const caller& where) const;
  void run_steps(std::byte* target);
  void run_operation(const value& v, std::byte* target) const;
  void run_fold(const value& v, std::byte* target) const;

  static constexpr int most_values = 24;
  static constexpr std::int64_t stack_bytes = 16 * 1024;
  value values_[most_values];  // operands before what uses them
  int size_ = 0;
  int entered_ = 0;  // nodes: bounds the recursion
  int operations_ = 0;
  std::int64_t memory_needed_ = 0, longest_ = 0, longest_bytes_ = 0;
  bool fits_;
  alignas(64) std::byte memory_[stack_bytes];
};

}  // namespace tessera::detail
