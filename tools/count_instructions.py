"""Counts machine instructions in the inner loops of the distance kernels, and says how fast two GPUs could be at most.

    tools/count_instructions.py [--build build] [--sm 90]     prints the table
    tools/count_instructions.py --write                       puts it into docs/gpu.md
    tools/count_instructions.py --check                       fails where a bound is broken, for compute capability 8.0 and 9.0

The build's cuda_metric_kernels compiles the kernels, without a device. nvdisasm is looked for in $NVDISASM, the PATH, the
toolkit and NVIDIA's Python packages; where there is none the script says so and returns 77.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PLACE = re.compile(r"(<!-- distances: written by tools/count_instructions.py -->\n).*?(<!-- /distances -->)", re.S)

# Metrics whose step is a difference and what is done with it: their loops of float32 must be arithmetic. Those of float64, with
# half the pairs a thread, wait for the units of float64 anyway.
SHORT = {"braycurtis", "chebyshev", "cityblock", "dice", "euclidean", "hamming", "hellinger", "jaccard",
         "rogerstanimoto", "russellrao", "sokalsneath", "sqeuclidean"}
LEAST_SHARE = 0.85

ARITHMETIC = re.compile(r"(F|D)(ADD|MUL|FMA|MNMX|SETP|SET|SEL|CHK)|MUFU|I2F|F2F|POPC|LOP3|FRND")
FLOAT64 = re.compile(r"D(ADD|MUL|FMA|SETP)")
SPECIAL = re.compile(r"MUFU|I2F|F2F|POPC|FRND")

# Lanes per clock and SM: of all instructions, float64's, special functions and conversions.
GPUS = {"H100": {"sms": 132, "clock": 1.7e9, "memory": 3.35e12, "all": 128, "float64": 64, "special": 16},
        "RTX 4090": {"sms": 128, "clock": 2.5e9, "memory": 1.0e12, "all": 128, "float64": 2, "special": 16}}


def find_nvdisasm():
    places = [os.environ.get("NVDISASM", ""), shutil.which("nvdisasm") or "", "/usr/local/cuda/bin/nvdisasm"]
    for folder in sys.path:
        places += [f"{folder}/nvidia/cu13/bin/nvdisasm", f"{folder}/nvidia/cuda_nvdisasm/bin/nvdisasm",
                   f"{folder}/triton/backends/nvidia/bin/nvdisasm"]
    return next((place for place in places if place and os.access(place, os.X_OK)), None)


def instructions_of(listing):
    """(label or None, opcode, target or None) in order; the function's own code only, not what it calls."""
    found, label = [], None
    for line in listing.splitlines():
        at = re.match(r"\s*(\.L_x_\d+):", line)
        if at:
            label = at[1]
        code = re.match(r"\s+/\*[0-9a-f]+\*/\s+(?:@!?U?P\w+\s+)?([A-Z][A-Z0-9_]*)(\.\S*)?(.*)", line)
        if code:
            target = re.search(r"\((\.L_x_\d+)\)", code[3])
            found.append((label, code[1], target[1] if target else None, (code[2] or "") + code[3]))
            label = None
    return found


def inner_loop(code):
    """The innermost loop that reads the most vectors from shared memory: the one along k."""
    places = {label: i for i, (label, *_) in enumerate(code) if label}
    loops = [(places[target], i) for i, (_, op, target, _) in enumerate(code)
             if op == "BRA" and target in places and places[target] <= i]
    def reads(loop):
        return sum(op == "LDS" for _, op, *_ in code[loop[0]:loop[1] + 1])
    with_reads = [loop for loop in loops if reads(loop)]
    innermost = [a for a in with_reads if not any(b != a and a[0] <= b[0] and b[1] <= a[1] for b in with_reads)]
    first, last = max(innermost, key=reads)
    return code[first:last + 1]


def facts_of(folder, name, nvdisasm):
    """What one kernel costs."""
    base = folder / name
    source, report = base.with_suffix(".cu").read_text(), base.with_suffix(".txt").read_text()
    listing = subprocess.run([nvdisasm, "-c", base.with_suffix(".cubin")], check=True, capture_output=True, text=True).stdout
    loop = inner_loop(instructions_of(listing))
    rows, unroll = (int(re.search(rf"{word} = (\d+)", source)[1]) for word in ("thread_rows", "unroll"))
    pairs = rows * 4 * unroll
    count = lambda what: sum(bool(what.match(op)) for _, op, *_ in loop)
    registers, shared = int(re.search(r"Used (\d+) registers", report)[1]), int(re.search(r"(\d+) bytes smem", report)[1])
    spilled = sum(int(n) for n in re.findall(r"(\d+) bytes spill", report))
    return {"name": name.removeprefix("tessera_distances_"), "pairs": pairs, "each": len(loop) / pairs,
            "share": count(ARITHMETIC) / len(loop), "float64": count(FLOAT64) / pairs, "special": count(SPECIAL) / pairs,
            "calls": any(op == "CALL" for _, op, *_ in loop), "registers": registers, "shared": shared, "spilled": spilled,
            "milliseconds": float(report.split()[0])}


def warps(registers, shared):
    """Per multiprocessor of compute capability 9.0: 65536 registers given out 8 a lane, 228 KB of which a block takes 1 more."""
    each = 8 * 32 * ((registers + 7) // 8 * 8)
    return 8 * min(65536 // each, 228 * 1024 // (shared + 1024), 8)


def rate(gpu, facts):
    """Pair-elements per second that the units allow."""
    per_second = gpu["sms"] * gpu["clock"]
    return per_second / max(facts["each"] / gpu["all"], facts["float64"] / gpu["float64"], facts["special"] / gpu["special"])


def kernels(build, sm, nvdisasm):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([build / "tests" / "cuda_metric_kernels", folder, str(sm)], check=True)
        return [facts_of(folder, file.stem, nvdisasm) for file in sorted(folder.glob("*.cubin"))]


def span(values, text):
    low, high = text(min(values)), text(max(values))
    return low if low == high else f"{low} to {high}"


def table(all_facts):
    """Metrics of one dtype whose loops cost the same share a row."""
    lines = ["| metrics | instructions | arithmetic | registers: d ≤ 64 | above | shared | warps | " +
             " | ".join(f"{gpu}: 10¹²/s | from d" for gpu in GPUS) + " |", "|--" * (7 + 2 * len(GPUS)) + "|"]
    rows, above = {}, {}
    for facts in all_facts:
        name, kind, leaves = re.fullmatch(r"(.*)_(float32|float64|uint64)(_leaves)?", facts["name"]).groups()
        if leaves:
            above[name] = facts
        else:
            rows.setdefault((kind, f"{facts['each']:.3g}", facts["calls"], facts["shared"] // 1024), []).append((name, facts))
    for (kind, each, calls, shared), same in sorted(rows.items(), key=lambda row: (row[0][0], float(row[0][1]))):
        all_of_them = [facts for _, facts in same]
        high = [above[name] for name, _ in same if kind == "float32" and name in above]
        registers = lambda some: span([facts["registers"] for facts in some], str) if some else ""
        cells = [f"{', '.join(name for name, _ in same)}: {kind}", each + (" + calls" if calls else ""),
                 f"{100 * all_of_them[0]['share']:.0f} %", registers(all_of_them), registers(high), f"{shared} KB",
                 span([warps(facts["registers"], facts["shared"]) for facts in all_of_them + high], str)]
        for gpu in GPUS.values():
            pairs = rate(gpu, all_of_them[0])
            cells += ["", ""] if calls else [f"{pairs / 1e12:.3g}", f"{pairs / gpu['memory'] * (4 if kind == 'float32' else 8):.0f}"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def broken(all_facts):
    for facts in all_facts:
        metric = re.sub(r"_(float32|float64|uint64)(_leaves)?$", "", facts["name"])
        if facts["spilled"]:
            yield f"{facts['name']} spills {facts['spilled']} bytes"
        if metric in SHORT and "float32" in facts["name"] and facts["share"] < LEAST_SHARE:
            yield f"{facts['name']}: {100 * facts['share']:.1f} % of the inner loop is arithmetic"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--sm", type=int, default=90)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    nvdisasm = find_nvdisasm()
    if nvdisasm is None:
        print("SKIPPED: there is no nvdisasm")
        return 77
    if asked.check:
        problems = [f"sm_{sm}: {text}" for sm in (80, 90) for text in broken(kernels(asked.build, sm, nvdisasm))]
        print("\n".join(problems) or "all as it should be")
        return 1 if problems else 0
    all_facts = kernels(asked.build, asked.sm, nvdisasm)
    text = table(all_facts)
    if not asked.write:
        print(text)
        for facts in all_facts:
            print(f"{facts['name']}: NVRTC {facts['milliseconds']:.0f} ms, {facts['spilled']} bytes spilled")
        return 0
    page = ROOT / "docs" / "gpu.md"
    page.write_text(PLACE.sub(lambda m: m[1] + text + m[2], page.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
