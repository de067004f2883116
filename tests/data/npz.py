#!/usr/bin/env python3
"""Writes the .npz files in npz/, as NumPy and Python's zipfile make them: stored, deflated, with sizes behind the data, and what
may stand in an archive besides arrays.

    python3 npz.py [--output FOLDER]

Needs numpy 2.4.
"""
import argparse
import io
import pathlib
import zipfile

import numpy as np


class Pipe(io.RawIOBase):
    """A file without positions: zipfile writes sizes and checksums behind the data then."""

    def __init__(self):
        super().__init__()
        self.written = b""

    def writable(self):
        return True

    def write(self, data):
        self.written += bytes(data)
        return len(data)


def npy(x):
    file = io.BytesIO()
    np.save(file, x)
    return file.getvalue()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent / "npz")
    folder = parser.parse_args().output
    folder.mkdir(parents=True, exist_ok=True)

    x = np.arange(30, dtype="f4").reshape(5, 6)
    arrays = {"x": x, "fortran": np.asfortranarray(x.astype("f8")), "scalar": np.array(7),
              "empty": np.zeros((0, 3))}
    np.savez(folder / "stored.npz", **arrays)
    np.savez_compressed(folder / "deflated.npz", **arrays)
    np.savez(folder / "positional.npz", np.arange(3), np.eye(2))
    np.savez(folder / "none.npz")

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("x", "scalar"):
            with archive.open(name + ".npy", "w") as member:
                member.write(npy(arrays[name]))
    (folder / "streamed.npz").write_bytes(pipe.written)

    with zipfile.ZipFile(folder / "mixed.npz", "w") as archive:
        archive.writestr("readme.txt", "plain text")
        archive.writestr("größe.npy", npy(np.arange(3)), zipfile.ZIP_DEFLATED)
        archive.writestr("folder/y", npy(np.arange(4, dtype=">i2")))
        archive.comment = b"a comment"


if __name__ == "__main__":
    main()
