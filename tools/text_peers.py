"""Times the text files of tessera-bench beside NumPy and the C engine of pandas, on one thread; prints the table of docs/benchmarks.md.

    tools/text_peers.py BENCH        BENCH: a built tessera-bench

The file read is the benchmark's own: splitmix64 words as in bench/workloads/inputs.hpp, written as in bench/workloads/files.cpp. Without pandas its
column is empty. Best of several runs each, the file in the page cache.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np

try:
    import pandas
except ImportError:
    pandas = None


def seconds(time):
    for unit, scale in (("s", 1), ("ms", 1e3), ("µs", 1e6)):
        if time * scale >= 1:
            return f"{time * scale:.3g} {unit}"
    return f"{time * 1e9:.3g} ns"


def uniform(seed, rows, columns):
    i = np.arange(1, rows * columns + 1, dtype=np.uint64)
    with np.errstate(over="ignore"):
        z = np.uint64(seed * 0xD1342543DE82EF95 % 2**64) + i * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (((z ^ (z >> np.uint64(31))) >> np.uint64(11)) * 2.0**-53).reshape(rows, columns)


def best(run, repetitions):
    times = []
    for _ in range(repetitions):
        begin = time.perf_counter()
        run()
        times.append(time.perf_counter() - begin)
    return min(times)


def ours(bench):
    out = subprocess.run([bench, "--benchmark_filter=^(load|save)_text_", "--benchmark_format=json"],
                         env={**os.environ, "TESSERA_NUM_THREADS": "1"}, check=True, capture_output=True, text=True).stdout
    times = {}
    for run in json.loads(out[out.index("{"):])["benchmarks"]:
        if run.get("run_type") != "iteration":
            continue
        name, scale = run["name"].split("/")[0], {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1}[run["time_unit"]]
        times[name] = min(times.get(name, float("inf")), run["real_time"] * scale)
    return times


def main():
    times = ours(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        table, copy = pathlib.Path(folder, "table.csv"), pathlib.Path(folder, "copy.csv")
        x = uniform(71, 1_000_000, 5)
        for column in (0, 3):
            x[:, column] = np.floor(x[:, column] * 1e6)
        np.savetxt(table, x, delimiter=",", fmt=["%.0f", "%.6g", "%.6g", "%.0f", "%.6g"])
        y = uniform(72, 100_000, 5)
        peers = {
            "load_text_1e6x5": (best(lambda: np.loadtxt(table, delimiter=","), 3), pandas and best(
                lambda: pandas.read_csv(table, header=None, engine="c", dtype=np.float64).to_numpy(), 7)),
            "save_text_1e5x5": (best(lambda: np.savetxt(copy, y, delimiter=","), 3), pandas and best(
                lambda: pandas.DataFrame(y).to_csv(copy, header=False, index=False, float_format="%.18e"), 3)),
        }
    print("| workload | tessera | NumPy | NumPy / tessera | pandas | pandas / tessera |\n|--|--|--|--|--|--|")
    for name, (numpy_time, pandas_time) in peers.items():
        cells = [name, seconds(times[name]), seconds(numpy_time), f"{numpy_time / times[name]:.2f}"]
        cells += [seconds(pandas_time), f"{pandas_time / times[name]:.2f}"] if pandas_time else ["", ""]
        print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
