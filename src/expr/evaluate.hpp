// Running recipes: plan, allocate, hand the stages to the backend.
#pragma once
#include "expr/program.hpp"
#include "tessera/expr.hpp"

namespace tessera::detail {

/// Runs x into a new array (C order, or the common memory order of its inputs as NumPy's order='K' does for ufuncs).
/// Leaves become copies. Throws stale_expression.
array evaluate(const expr& x, caller where);
/// An array with x's elements: the leaf itself when x is one, else evaluate().
array materialize(const expr& x, caller where);
/// Where that would be: the device of the recipe's arrays.
tessera::device device_of(const expr& x, caller where);
/// The program of a recipe of bools of which only the bits are wanted: its last stage is what backend::mark takes, the
/// others are still to run. Empty where there is no such stage: then evaluate() makes bools first.
program plan_bits(const expr& condition, caller where);
std::vector<array> evaluate_all(const std::vector<expr>& x, caller where);

enum class assign_rule { unsafe, same_kind };
/// Runs x into `destination` (x broadcasts to it, cast by the rule), as if x had been copied first where they overlap;
/// only where `mask` (bool, may be empty) is true. Records the write.
void evaluate_into(const array& destination, const expr& x, assign_rule rule, const char* name, caller where,
                   const expr* mask = nullptr);

/// destination = code(destination, x) for a same_kind result dtype: the in-place operators. `x` broadcasts to the destination.
void evaluate_in_place(op code, const array& destination, const operand& x);

/// The plan for explain().
program plan(const expr& x, const array* destination, caller where);

/// Whether TESSERA_EXPLAIN=1 was set when this was first asked: every program is printed to stderr before it runs.
bool is_explaining() noexcept;
void explain_run(const program& steps);

}  // namespace tessera::detail
