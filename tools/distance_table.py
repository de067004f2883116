"""Prints the table of distances in docs/benchmarks.md: ours beside the best exact and the best expanded peer.

    tools/distance_table.py PEERS.json [THREADS]

PEERS.json: {"results": [{"name", "threads", "peers": {"tessera": {"min_s": seconds}, "scipy": {...}, ...}}, ...]}, times of
the workloads of bench/workloads.json, whose exact_peers and expanded_peers say what each peer computes.
"""
import json
import math
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def seconds(time):
    for unit, scale in (("s", 1), ("ms", 1e3), ("µs", 1e6)):
        if time * scale >= 1:
            return f"{time * scale:.3g} {unit}"
    return f"{time * 1e9:.3g} ns"


def best(times, peers):
    """(peer, seconds) of the fastest of these, or None."""
    return min(((name, times[name]) for name in peers if name in times), key=lambda one: one[1], default=None)


def main():
    document = json.loads(pathlib.Path(sys.argv[1]).read_text())
    threads = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    known = {work["name"]: work for work in json.loads((ROOT / "bench/workloads.json").read_text())["workloads"]}
    ratios = {"exact_peers": [], "expanded_peers": []}
    print("| workload | tessera | best exact peer | ratio | best expanded peer | ratio |\n|--|--|--|--|--|--|")
    for row in document["results"]:
        times = {name: one["min_s"] for name, one in row["peers"].items() if "min_s" in one}
        work = known.get(row["name"], {})
        if row["threads"] != threads or "tessera" not in times or "exact_peers" not in work:
            continue
        cells = [row["name"], seconds(times["tessera"])]
        for kind, found in ratios.items():
            peer = best(times, work[kind])
            cells += [f"{peer[0]} {seconds(peer[1])}", f"{peer[1] / times['tessera']:.2f}"] if peer else ["", ""]
            found += [peer[1] / times["tessera"]] if peer else []
        print("| " + " | ".join(cells) + " |")
    for kind, found in ratios.items():
        if found:
            mean = math.exp(sum(map(math.log, found)) / len(found))
            print(f"\n{kind}: geometric mean {mean:.2f}, faster than all in {sum(r > 1 for r in found)} of {len(found)}")


if __name__ == "__main__":
    main()
