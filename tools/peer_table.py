"""Prints the table of a group in docs/benchmarks.md: ours beside the best peer, NumPy and plain C++, and what threads gain.

    tools/peer_table.py PEERS.json GROUP

PEERS.json: {"results": [{"name", "group", "threads", "peers": {"tessera": {"min_s": seconds}, "numpy": {...}, ...}}, ...]}.
"""
import json
import math
import pathlib
import sys

from distance_table import best, seconds


def main():
    rows = [row for row in json.loads(pathlib.Path(sys.argv[1]).read_text())["results"] if row["group"] == sys.argv[2]]
    times = {(row["name"], row["threads"]): {name: one["min_s"] for name, one in row["peers"].items() if "min_s" in one}
             for row in rows}
    ratios = []
    print("| workload | tessera | best peer | best / tessera | NumPy / tessera | cpp / tessera | two threads |")
    print("|--|--|--|--|--|--|--|")
    for (name, threads), all_times in times.items():
        if threads != 1 or "tessera" not in all_times:
            continue
        ours = all_times["tessera"]
        peer = best(all_times, [other for other in all_times if other not in ("tessera", "cpp")])
        ratios.append(peer[1] / ours)
        two = times.get((name, 2), {}).get("tessera")
        cells = [name, seconds(ours), f"{peer[0]} {seconds(peer[1])}", f"{ratios[-1]:.2f}"]
        cells += [f"{all_times[other] / ours:.2f}" if other in all_times else "" for other in ("numpy", "cpp")]
        print("| " + " | ".join(cells + [f"{ours / two:.2f}" if two else ""]) + " |")
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    print(f"\nGeometric mean {mean:.2f}, faster than all in {sum(ratio > 1 for ratio in ratios)} of {len(ratios)}")


if __name__ == "__main__":
    main()
