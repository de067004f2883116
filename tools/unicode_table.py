#!/usr/bin/env python3
"""Writes src/ops/unicode_table.hpp from what Python's str says of every code point:  tools/unicode_table.py > FILE"""
import sys
import unicodedata

POINTS = range(0x110000)


def is_ignorable(s, cased):
    """Whether a final sigma looks past it for the letter before."""
    return (s + "Σ").lower()[-1] == "σ" if cased else ("A" + s + "Σ").lower()[-1] == "ς"


def kind_of(point):
    s = chr(point)
    lower, upper = s.islower(), s.isupper()
    title = s.istitle() and not upper
    cased = lower or upper or title
    # In the order of the bits in src/ops/unicode.hpp.
    flags = (s.isalpha(), s.isdecimal(), s.isdigit(), s.isnumeric(), s.isspace(), lower, upper, title,
             is_ignorable(s, cased))
    return sum(1 << i for i, flag in enumerate(flags) if flag)


def kind_runs():
    """(first, its flags, what the next one has otherwise): capitals and small letters stand in turn."""
    kinds, runs, at = [kind_of(c) for c in POINTS], [], 0
    while at < len(kinds):
        same = at
        while same < len(kinds) and kinds[same] == kinds[at]:
            same += 1
        turn = at + 1
        while turn + 1 < len(kinds) and kinds[turn + 1] == kinds[turn - 1] and kinds[turn] != kinds[turn - 1]:
            turn += 1
        if same == at + 1 and turn - at >= 3:
            runs.append((at, kinds[at], kinds[at] ^ kinds[at + 1]))
            at = turn + 1
        else:
            runs.append((at, kinds[at]))
            at = same
    return runs


def map_runs(name):
    """(first, last, step, what is added) for code points that become one other."""
    to = {c: ord(getattr(chr(c), name)()) for c in POINTS if len(getattr(chr(c), name)()) == 1}
    change = {c: x - c for c, x in to.items() if x != c}
    keys, runs, i = sorted(change), [], 0
    while i < len(keys):
        step = keys[i + 1] - keys[i] if i + 1 < len(keys) else 1
        j = i
        if step in (1, 2):
            while j + 1 < len(keys) and keys[j + 1] - keys[j] == step and change[keys[j + 1]] == change[keys[i]]:
                j += 1
        runs.append((keys[i], keys[j], step if j > i else 1, change[keys[i]]))
        i = j + 1
    return runs


def long_maps(name):
    found = [(c, [ord(x) for x in getattr(chr(c), name)()]) for c in POINTS if len(getattr(chr(c), name)()) > 1]
    return [(c, *x, *[0] * (3 - len(x))) for c, x in found]


def table(kind, name, rows, write):
    lines, line = [], " "
    for row in rows:
        text = " {" + ", ".join(write(row)) + "},"
        if len(line) + len(text) > 120:
            lines.append(line)
            line = " "
        line += text
    return "\n".join([f"inline constexpr {kind} {name}[] = {{", *lines, line, "};"])


def hexadecimal(row):
    return [f"{x:#x}" if x > 9 else str(x) for x in row]


def main():
    print(f"""\
// What Unicode {unicodedata.unidata_version} says of code points, as Python's str does. Made by tools/unicode_table.py.
#pragma once
#include <cstdint>

#include "ops/unicode.hpp"

namespace tessera::detail::unicode {{

/// Up to where the next run begins: flags of the first, the third …; of the others with the bits of `turn` flipped.
struct kind_run {{
  std::uint32_t first;
  std::uint16_t flags, turn = 0;
}};
/// Every step-th code point from first to last becomes another one.
struct map_run {{
  std::uint32_t first, last, step;
  std::int32_t change;
}};
/// A code point that becomes two or three, the third 0 then.
struct long_map {{
  std::uint32_t from, to[3];
}};

// clang-format off""")
    print(table("kind_run", "kinds", kind_runs(), hexadecimal))
    for name in ("upper", "lower", "title"):
        print(table("map_run", f"{name}_runs", map_runs(name), lambda r: hexadecimal(r[:3]) + [str(r[3])]))
        print(table("long_map", f"{name}_long", long_maps(name),
                    lambda r: [f"{r[0]:#x}", "{" + ", ".join(hexadecimal(r[1:])) + "}"]))
    print("""\
// clang-format on

}  // namespace tessera::detail::unicode""")


sys.exit(main())
