"""Writes einsum_path_cases.hpp: paths of numpy.einsum_path for random equations, with what they cost.

    python3 tests/ops/einsum_path_cases.py | clang-format > tests/ops/einsum_path_cases.hpp
"""
import math
import random

import numpy

LETTERS = "abcdefghij"
HUGE = 10**15


def equation(rng):
    """Labels of two to seven operands with their extents, and an output."""
    sizes = {letter: rng.choice([1, 2, 3, 5, 8, 20, 100]) for letter in LETTERS}
    count = rng.randint(2, 7)
    terms = ["".join(rng.sample(LETTERS, rng.randint(0, 4))) for _ in range(count)]
    used = sorted(set("".join(terms)))
    output = "".join(rng.sample(used, rng.randint(0, min(3, len(used)))))
    return terms, output, sizes


def costs(path, terms, output, sizes):
    """Operations of the steps, as the report of numpy.einsum_path has them, and the largest result."""
    left = [set(term) for term in terms]
    operations, largest = 0, 0
    for step in path:
        taken = [left[k] for k in step]
        left = [term for k, term in enumerate(left) if k not in step]
        every = set().union(*taken)
        kept = every & set(output).union(*left)
        operations += math.prod(sizes[x] for x in every) * (max(1, len(taken) - 1) + (every != kept))
        largest = max(largest, math.prod(sizes[x] for x in kept))
        left.append(kept)
    return operations, largest


def found(how, limit, terms, output, sizes):
    arrays = [numpy.broadcast_to(0.0, [sizes[x] for x in term]) for term in terms]
    path, report = numpy.einsum_path(",".join(terms) + "->" + output, *arrays, optimize=(how, limit))
    operations, largest = costs(path[1:], terms, output, sizes)
    assert f"{operations + 1:.3e}" in report and f"{largest:.3e}" in report
    return path[1:], operations, largest


def main():
    rng = random.Random(7)
    print("// Paths of numpy.einsum_path, written by einsum_path_cases.py.")
    print("#pragma once\n#include <cstdint>\n#include <vector>\n\nstruct path_case {")
    print("  const char* equation;\n  std::vector<std::vector<std::int64_t>> shapes;")
    print("  std::int64_t memory_limit;  // of the greedy path\n  std::vector<std::vector<int>> greedy;")
    print("  double greedy_flops, greedy_largest, optimal_flops;  // the optimal one without a limit\n};\n")
    print("inline const path_case path_cases[] = {")
    for number in range(60):
        terms, output, sizes = equation(rng)
        limit = rng.choice([HUGE, HUGE, 1000])
        path, operations, largest = found("greedy", limit, terms, output, sizes)
        _, fewest, _ = found("optimal", HUGE, terms, output, sizes)
        shapes = ", ".join("{" + ", ".join(str(sizes[x]) for x in term) + "}" for term in terms)
        steps = ", ".join("{" + ", ".join(map(str, sorted(step))) + "}" for step in path)
        print(f'    {{"{",".join(terms)}->{output}", {{{shapes}}}, {limit}, {{{steps}}}, '
              f"{operations}.0, {largest}.0, {fewest}.0}},")
    print("};")


if __name__ == "__main__":
    main()
