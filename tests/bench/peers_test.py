"""Asks a C++ peer for tiny workloads, of other sizes than those in workloads.json, and looks at its answers.

    peers_test.py BUILD/bench/tessera-peer-NAME
"""
import json
import math
import pathlib
import struct
import subprocess
import sys
import tempfile

CODES = {"f32": ("f", "<f4"), "f64": ("d", "<f8"), "i64": ("q", "<i8"), "bool": ("?", "|b1")}


def matrix_product(a, b, columns):
    rows = len(a) * columns // len(b)
    inner = len(b) // columns
    return [math.fsum(a[i * inner + k] * b[k * columns + j] for k in range(inner))
            for i in range(rows) for j in range(columns)]


NUMBERS = [0.25 * (k % 7) - 0.5 for k in range(12)]
OTHERS = [0.125 * (k % 5) + 1 for k in range(12)]
COLUMN_SUMS = [sum(NUMBERS[j::4]) for j in range(4)]
IN_COLUMNS = [NUMBERS[i * 4 + j] for j in range(4) for i in range(3)]   # the same 3 x 4 elements in Fortran's order
DISTANCES = [math.dist(NUMBERS[i:i + 3], OTHERS[j:j + 3]) for i in range(0, 12, 3) for j in range(0, 12, 3)]

# name, inputs (shape, dtype, elements, order), expected shape and elements, who has it
CASES = [
    ("add_f32_1e7", {"a": ([12], "f32", NUMBERS), "b": ([12], "f32", OTHERS)},
     [12], [a + b for a, b in zip(NUMBERS, OTHERS)], "eigen xtensor"),
    ("add_out_f64_1e7", {"a": ([12], "f64", NUMBERS), "b": ([12], "f64", OTHERS), "o": ([12], "f64", OTHERS)},
     [12], [a + b for a, b in zip(NUMBERS, OTHERS)], "eigen xtensor"),
    ("add_strided_f32_1e7", {"a": ([12], "f32", NUMBERS), "b": ([12], "f32", OTHERS)},
     [6], [a + b for a, b in zip(NUMBERS[::2], OTHERS[::2])], "eigen xtensor"),
    ("sum_ax0_C_f32", {"x": ([3, 4], "f32", NUMBERS)}, [4], COLUMN_SUMS, "eigen xtensor"),
    ("sum_ax0_F_f32", {"x": ([3, 4], "f32", IN_COLUMNS, "F")}, [4], COLUMN_SUMS, "eigen xtensor"),
    ("argmax_all_F_f32", {"x": ([3, 4], "f32", IN_COLUMNS, "F")}, [], [6], "eigen"),
    ("any_bool_1e7", {"x": ([3], "bool", [False, False, True])}, [], [1], "eigen xtensor"),
    ("mm_f64_64", {"a": ([2, 6], "f64", NUMBERS), "b": ([6, 2], "f64", OTHERS)},
     [2, 2], matrix_product(NUMBERS, OTHERS, 2), "eigen xtensor openblas"),
    ("bmm_f32_10000x4", {"a": ([2, 2, 3], "f32", NUMBERS), "b": ([2, 3, 2], "f32", OTHERS)},
     [2, 2, 2], matrix_product(NUMBERS[:6], OTHERS[:6], 2) + matrix_product(NUMBERS[6:], OTHERS[6:], 2),
     "eigen xtensor openblas"),
    ("cdist_euclidean_f32_d3", {"x": ([4, 3], "f32", NUMBERS), "y": ([4, 3], "f32", OTHERS)},
     [4, 4], DISTANCES, "eigen openblas"),
    ("norm_f64_1e7", {"x": ([12], "f64", NUMBERS)}, [], [math.hypot(*NUMBERS)], "eigen openblas"),
    ("sort_i64_1e6", {"a": ([5], "i64", [3, -1, 7, 0, 3])}, [5], [-1, 0, 3, 3, 7], "xtensor"),
    ("mask_select_f32_50pct", {"a": ([4], "f32", [0.5, -1, 0, 2])}, [2], [0.5, 2], "xtensor"),
    ("tiny_slice", {"a": ([10], "f64", list(range(10)))}, [6], list(range(2, 8)), "eigen xtensor"),
    ("tiny_reshape", {"a": ([10], "f64", list(range(10)))}, [2, 5], list(range(10)), "eigen xtensor"),
]


def write(path, shape, dtype, elements, order="C"):
    letter, code = CODES[dtype]
    head = f"{{'descr': '{code}', 'fortran_order': {order == 'F'}, 'shape': {tuple(shape)}, }}"
    head += " " * (63 - (10 + len(head)) % 64) + "\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode()
                     + struct.pack(f"<{len(elements)}{letter}", *elements))


class Peer:
    def __init__(self, program, threads):
        self.process = subprocess.Popen([program, threads], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ready = self.read()

    def read(self):
        return json.loads(self.process.stdout.readline())

    def ask(self, line):
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()

    def request(self, name, inputs, folder):
        facts, paths = {}, {}
        for letter, (shape, dtype, *content) in inputs.items():
            path = folder / f"{letter}.npy"
            write(path, shape, dtype, *content)
            facts[letter] = {"shape": shape, "dtype": dtype, "order": (content + ["C"])[1]}
            paths[letter] = str(path)
        row = {"name": name, "inputs": facts, "bytes": 100}
        self.ask({"workload": row, "inputs": paths, "indices": list(range(16)), "budget": 0.001, "repetitions": 3,
                  "least": 2, "cap": 5})
        return self.read()


def check(condition, *what):
    if not condition:
        print("wrong:", *what)
        check.failed = True


check.failed = False


def check_case(peer, folder, name, inputs, shape, expected):
    answer = peer.request(name, inputs, folder)
    check("error" not in answer, name, answer)
    if "error" in answer:
        return
    near = [math.isclose(a, b, rel_tol=1e-5, abs_tol=1e-6) for a, b in zip(answer["values"], expected)]
    check(answer["shape"] == shape and len(answer["values"]) == len(expected) and all(near), name, answer, expected)
    check(answer["first"] > 0, name, answer)
    peer.ask({"go": True})
    times = peer.read()
    check(1 <= len(times["samples"]) <= 3 and min(times["samples"]) > 0 and times["batch"] >= 1, name, times)


def main(program):
    if not pathlib.Path(program).exists():
        print(f"{program} was not built")
        return 77
    library = program.rsplit("-", 1)[1]
    peer = Peer(program, "2")
    ready = peer.ready
    check(ready["ready"] == library and ready["threads"] == 2 and ready["device"] == "cpu" and ready["version"], ready)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        operand = {"a": ([2], "f64", [1, 2])}
        check(peer.request("no_such_workload", operand, folder) == {"error": "unknown"})
        check(peer.request("mm_f64_64", {"a": ([2], "bool", [True, False])}, folder) == {"error": "unknown"})
        count = 0
        for *case, has in CASES:
            if library in has.split():
                check_case(peer, folder, *case)
                count += 1
        # Wrong values are not timed: the next line is a request.
        name, inputs, *_ = next(case for case in CASES if library in case[-1].split())
        peer.request(name, inputs, folder)
        peer.ask({"go": False})
        check(peer.request("no_such_workload", operand, folder) == {"error": "unknown"})
    peer.process.stdin.close()
    check(peer.process.wait(10) == 0, "exit code")
    print(f"{library} {ready['version']}: {count} workloads")
    return check.failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
