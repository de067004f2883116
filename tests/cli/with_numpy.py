#!/usr/bin/env python3
"""Files that the `tessera` command writes are what NumPy reads, and what it says of NumPy's files is what NumPy computes.

    python3 with_numpy.py PATH_OF_THE_COMMAND

Exit code 77 where there is no NumPy.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError:
    print("SKIPPED: no NumPy")
    sys.exit(77)

COMMAND = sys.argv[1]


def run(*arguments):
    done = subprocess.run([COMMAND, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (arguments, done.stderr)
    return done.stdout


def summary(path):
    return json.loads(run("inspect", "--json", path))["arrays"][0]["summary"]


def same(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def arrays():
    generator = np.random.default_rng(7)
    x = generator.normal(size=(40, 30))
    yield from (x, x.astype("f4"), np.asfortranarray(x), (x * 100).astype("i2"), x > 0, x + 1j * x[::-1])
    yield generator.integers(0, 2**63, size=1000, dtype="u8")
    yield np.array([["buy", "né"], ["", "日本語"]])
    yield np.array(["2024-02-29T12", "NaT"], "M8[h]")
    yield np.array([(1.5, "ab", (1, 2)), (2.5, "c", (3, 4))], [("x", "f8"), ("s", "U4"), ("p", "i4", (2,))])


def check_archives(folder):
    for k, x in enumerate(arrays()):
        np.save(folder / "x.npy", x)
        run("convert", folder / "x.npy", folder / "x.npz", "--compress")
        with np.load(folder / "x.npz") as archive:
            assert same(archive["arr_0"], x), k
        run("convert", folder / "x.npz", folder / "y.npy")
        assert (folder / "y.npy").read_bytes() == (folder / "x.npy").read_bytes(), k


def check_orders(folder):
    x = np.arange(24, dtype="f8").reshape(2, 3, 4)
    np.save(folder / "x.npy", x)
    for order in "CF":
        for byte_order, sign in (("little", "<"), ("big", ">")):
            run("convert", folder / "x.npy", folder / "y.npy", "--order", order, "--byte-order", byte_order)
            np.save(folder / "expected.npy", np.asarray(x.astype(sign + "f8"), order=order))
            assert (folder / "y.npy").read_bytes() == (folder / "expected.npy").read_bytes(), (order, byte_order)
            run("convert", folder / "x.npy", folder / "y.bin", "--order", order, "--byte-order", byte_order)
            assert (folder / "y.bin").read_bytes() == x.astype(sign + "f8").tobytes(order)
    run("convert", "--from", "raw", "--raw-dtype", "f8", "--shape", "2,3,4", folder / "y.bin", folder / "z.npy")
    assert np.load(folder / "z.npy").shape == (2, 3, 4)


def check_tables(folder):
    x = np.random.default_rng(8).normal(size=(20, 3)) * 10.0 ** np.arange(-3, 57, 3)[:, None]
    np.save(folder / "x.npy", x)
    run("convert", folder / "x.npy", folder / "x.csv")
    assert same(np.loadtxt(folder / "x.csv", delimiter=","), x)
    np.savetxt(folder / "x.txt", x)
    run("convert", folder / "x.txt", folder / "y.npy")
    assert same(np.load(folder / "y.npy"), x)


def check_summaries(folder):
    for k, x in enumerate(arrays()):
        if x.dtype.kind not in "fiu":
            continue
        np.save(folder / "x.npy", x)
        found = summary(folder / "x.npy")[0]
        assert (found["min"], found["max"]) == (x.min(), x.max()), k
        assert np.isclose(found["mean"], x.astype("f8").mean()) and np.isclose(found["std"], x.astype("f8").std()), k
        assert found["zeros"] == (x == 0).sum(), k


def main():
    with tempfile.TemporaryDirectory() as name:
        for check in (check_archives, check_orders, check_tables, check_summaries):
            check(pathlib.Path(name))
            print(check.__name__, "ok")


main()
