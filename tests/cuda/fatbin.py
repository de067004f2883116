"""Says what the precompiled kernels of a module were really compiled for, and fails where that is not what was asked for.

usage: fatbin.py MODULE ASKED MOST_BYTES      ASKED as CMAKE_CUDA_ARCHITECTURES: 75-real;80-real;75-virtual

Reads the section .nv_fatbin: containers, each with images that begin with a header (as nvcc 11 to 13 write them).
"""
import os
import struct
import sys


def section(elf, wanted):
    assert elf[:6] == b"\x7fELF\x02\x01", "not a 64-bit little-endian ELF file"
    (table,) = struct.unpack_from("<Q", elf, 40)
    size, count, names = struct.unpack_from("<HHH", elf, 58)
    headers = [struct.unpack_from("<IIQQQQ", elf, table + i * size) for i in range(count)]
    text = headers[names][4]
    for name, _, _, _, offset, length in headers:
        if elf[text + name :].split(b"\0", 1)[0] == wanted:
            return elf[offset : offset + length]
    return b""


def images(fatbin):
    """For each container the set of its images: "75-real", "75-virtual"; and whether all of them are compressed."""
    at = 0
    while at < len(fatbin):
        magic, _, header, size = struct.unpack_from("<IHHQ", fatbin, at)
        if magic != 0xBA55ED50:  # padding
            at += 8
            continue
        at += header
        end, found, compressed = at + size, set(), True
        while at < end:
            kind, _, header, size, packed, _, _, _, arch = struct.unpack_from("<HHIQIIHHI", fatbin, at)
            found.add(f"{arch}-{'virtual' if kind == 1 else 'real'}")
            compressed = compressed and packed > 0
            at += header + size
        yield found, compressed


def main(module, asked, most_bytes):
    with open(module, "rb") as file:
        fatbin = section(file.read(), b".nv_fatbin")
    wanted = set()
    for one in asked.split(";"):
        wanted |= {one} if "-" in one else {one + "-real", one + "-virtual"}
    containers = list(images(fatbin))
    size = os.path.getsize(module)
    print(f"{module}: {size} bytes, {len(fatbin)} of them kernels for " +
          ", ".join(sorted(set().union(*(found for found, _ in containers)))))
    wrong = []
    if not containers:
        wrong.append("no kernels")
    for found, compressed in containers:
        if found != wanted:
            wrong.append(f"kernels for {sorted(found)}, asked for {sorted(wanted)}")
        if not compressed:
            wrong.append("an image is not compressed")
    if size > int(most_bytes):
        wrong.append(f"more than {most_bytes} bytes")
    for text in wrong:
        print("wrong:", text)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
