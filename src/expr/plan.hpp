// The planner: recipes in, a program and the arrays it fills out.
#pragma once
#include <span>

#include "expr/node.hpp"
#include "expr/program.hpp"

namespace tessera::detail {

/// A recipe to run, into a fresh array or into `destination`, where `mask` is true if there is one.
struct request {
  node_ref recipe;
  const array* destination = nullptr;
  node_ref mask;
};

struct plan_options {
  const char* name;  // in errors
  caller where;
  bool to_run = true;  // else nothing is checked or allocated: the plan is only looked at
};

struct planned {
  program steps;
  small_vector<array> results;  // one per request, empty for those with a destination
  tessera::device on;
  bool overlaps = false;             // a destination would be written before an operand is read: no steps were made
  small_vector<node_ref> exponents;  // of integer powers: none may be negative
};

/// The recipes have to outlive the call only. Throws stale_expression, device_error, out_of_memory.
planned make_plan(std::span<const request> requests, const plan_options& options);

}  // namespace tessera::detail
