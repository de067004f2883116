"""Takes an even sample of a folder of reference cases: sample.py FROM [TO] [--bytes N]

Writes NAME.json, NAME.npy and manifest.json in the format of FROM, with cases taken evenly over the kinds of each
section (the case's kind, operation and error; of printed arrays the dtype and options), in their order, and the blob cut
down to the arrays they refer to; with the files that they name. Python's standard library only.
"""
import argparse
import collections
import json
import pathlib
import shutil
import struct

SECTIONS = ("broadcasting", "cdist", "einsum", "indexing", "printing", "promotion", "reductions", "reshaping", "slicing",
            "sorting", "structured")
TYPE_SIZES = {"U": 4}  # bytes per unit of the number in the code; 1 for all others


def read_blob(path):
    data = path.read_bytes()
    if data[:6] != b"\x93NUMPY":
        raise ValueError(f"{path} is no .npy file")
    begin = 10 + struct.unpack("<H", data[8:10])[0] if data[6] == 1 else 12 + struct.unpack("<I", data[8:12])[0]
    return data[begin:]


def write_blob(path, data):
    header = repr({"descr": "|u1", "fortran_order": False, "shape": (len(data),)})
    header += " " * (-(10 + len(header) + 1) % 64) + "\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + data)


def is_reference(value):
    return isinstance(value, dict) and {"dtype", "shape", "at"} <= value.keys()


def references(value):
    """All array references inside a case."""
    if is_reference(value):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def itemsize(dtype, shape=()):
    """Of a code, or of a list of [name, dtype, shape if it has one]."""
    if isinstance(dtype, str):
        size = int(dtype[2:]) * TYPE_SIZES.get(dtype[1], 1)
    else:
        size = sum(itemsize(*field[1:]) for field in dtype)
    for extent in shape:
        size *= extent
    return size


def nbytes(reference):
    return itemsize(reference["dtype"], reference["shape"])


def kind_of(case):
    dtype = case.get("a", case.get("array", case.get("shape")))
    dtype = dtype.get("dtype") if isinstance(dtype, dict) else None
    return str((case.get("kind"), case.get("op"), case.get("error"), case.get("mode"), case.get("layout"),
                case.get("metric"), case.get("variant"), sorted(case.get("args", {})), case.get("options"), dtype if "options" in case or "args" in case else None))


def weight(case):
    return len(json.dumps(case)) + sum(nbytes(r) + 16 for r in references(case))


def evenly(cases, budget):
    """Indices of cases within `budget` bytes: one of each kind in turn, the small ones first within a kind."""
    kinds = collections.defaultdict(list)
    for index, case in enumerate(cases):
        kinds[kind_of(case)].append(index)
    for kind, members in kinds.items():  # the first ones lie spread over the kind: places in bit-reversed order
        places = sorted(range(len(members)), key=lambda place: f"{place:016b}"[::-1])
        kinds[kind] = [members[place] for place in places]
    chosen, spent = [], 0
    for turn in range(max(map(len, kinds.values()))):
        for members in kinds.values():
            if turn < len(members) and spent + weight(cases[members[turn]]) <= budget:
                chosen.append(members[turn])
                spent += weight(cases[members[turn]])
    return sorted(chosen)


def sample(source, target, name, budget):
    section = json.loads((source / f"{name}.json").read_text(encoding="utf-8"))
    blob, data = read_blob(source / section["blob"]), bytearray()
    cases = [section["cases"][i] for i in evenly(section["cases"], budget)]
    moved = {}
    for reference in (r for case in cases for r in references(case)):
        part = bytes(blob[reference["at"]:reference["at"] + nbytes(reference)])
        if part not in moved:
            moved[part] = len(data)
            data += part + bytes(-len(part) % 16)
        reference["at"] = moved[part]
    for file in sorted({case["file"] for case in cases if "file" in case}):
        (target / "files").mkdir(exist_ok=True)
        shutil.copyfile(source / "files" / file, target / "files" / file)
    section["count"] = len(cases)
    head = {key: value for key, value in section.items() if key != "cases"}
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    text = json.dumps(head, ensure_ascii=False)[:-1] + ', "cases": [\n' + lines + "\n]}\n"
    (target / f"{name}.json").write_text(text, encoding="utf-8")
    write_blob(target / section["blob"], bytes(data))
    return len(cases), section["blob"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=pathlib.Path, metavar="FROM")
    parser.add_argument("target", type=pathlib.Path, nargs="?", default=pathlib.Path(__file__).parent, metavar="TO")
    parser.add_argument("--bytes", type=int, default=1_928_750, help="size of all sections together (default %(default)s)")
    options = parser.parse_args()
    manifest = json.loads((options.source / "manifest.json").read_text(encoding="utf-8"))
    kept = {}
    for name in SECTIONS:
        count, blob = sample(options.source, options.target, name, options.bytes // len(SECTIONS))
        kept[name] = {"cases": count, "manifest": f"{name}.json", "blob": blob}
        print(f"{name}: {count} of {manifest['sections'][name]['cases']}")
    manifest["sections"] = kept
    (options.target / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


if __name__ == "__main__":
    main()
