"""Counts what the kernels of some statements execute and move, and says how fast two GPUs could be at most.

    tools/roofline.py [--build build] [--emulator FOLDER] [--only NAME …]    prints the table
    tools/roofline.py --write                                                puts it into docs/gpu.md

Runs tessera-roofline under the CUDA emulator, once a workload, and reads the emulator's statistics. Rates of the GPUs: lanes
that an SM's units take per clock, from the table of arithmetic instructions in the CUDA C++ Programming Guide.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PLACE = re.compile(r"(<!-- roofline: written by tools/roofline.py -->\n).*?(<!-- /roofline -->)", re.S)

# Lanes per clock and SM by class of instruction, `issue`: of any class; 32-byte sectors per clock and SM of the L1 cache.
GPUS = {
    "H100": {"sms": 132, "clock": 1.7e9, "memory": 3.35e12,
             "lanes": {"issue": 128, "float32": 128, "float64": 64, "integer": 64, "special": 16, "load/store": 32, "L1": 4}},
    "RTX 4090": {"sms": 128, "clock": 2.5e9, "memory": 1.0e12,
                 "lanes": {"issue": 128, "float32": 128, "float64": 2, "integer": 64, "special": 16, "load/store": 32, "L1": 4}},
}
CLASSES = {"float32": ("fp32", "fp16"), "float64": ("fp64",), "integer": ("int",), "special": ("sfu",),
           "load/store": ("ld_global", "st_global", "ld_shared", "st_shared", "local", "atomic")}


def data_sectors(kernel):
    """Without the reads of parameters, one sector a warp each, which the emulator counts as loads."""
    instructions, moved = kernel["instructions"], kernel["global"]
    of_parameters = min(moved["load_requests"] - instructions["ld_global"] // 32, instructions["const"] // 32)
    return moved["load_sectors"] - max(0, of_parameters) + moved["store_sectors"]


def counts(runner, program, name):
    """What all kernels of a workload did together, or the reason why it cannot be run."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "statistics.json"
        done = subprocess.run([*runner, program, name], env={**os.environ, "CUDAEMU_STATS": str(file)},
                              capture_output=True, text=True)
        if done.returncode:
            return None, done.stderr.strip().splitlines()[-1]
        kernels = json.loads(file.read_text())["kernels"]
    total = {"launches": sum(k["launches"] for k in kernels),
             "issue": sum(k["instructions"]["total"] for k in kernels),
             "L1": sum(data_sectors(k) for k in kernels),
             "shared": 32 * sum(k["shared"]["requests"] + k["shared"]["bank_conflicts"] for k in kernels)}
    for name_of_class, parts in CLASSES.items():
        total[name_of_class] = sum(k["instructions"][part] for k in kernels for part in parts)
    return total, ""


def bounds(gpu, total, least):
    """Seconds that each part of a GPU needs at least, where every byte comes from memory once."""
    lanes = {name: rate * gpu["sms"] * gpu["clock"] for name, rate in gpu["lanes"].items()}
    seconds = {name: total[name] / rate for name, rate in lanes.items()}
    seconds["load/store"] = max(seconds["load/store"], total["shared"] / lanes["load/store"])
    seconds["memory"] = least / gpu["memory"]
    return seconds


def short(x):
    return f"{x:.3g}" if x < 1000 else f"{x:.0f}"


def row(formula, units, least, total):
    cells = [formula, str(total["launches"]), short(total["issue"] / units), short(total["integer"] / units),
             short((total["float32"] + total["float64"]) / units), short(least / units), short(32 * total["L1"] / units)]
    for gpu in GPUS.values():
        seconds = bounds(gpu, total, least)
        bound = max(seconds, key=seconds.get)
        without_caches = max(seconds[bound], 32 * total["L1"] / gpu["memory"])
        shares = [f"{100 * seconds['memory'] / each:.0f}" for each in (without_caches, seconds[bound])]
        cells += [short(units / seconds[bound] / 1e9), bound, "-".join(dict.fromkeys(shares)) + " %"]
    return "| " + " | ".join(cells) + " |"


def table(runner, program, only):
    head = ["", "launches", "instructions", "integer", "floating", "bytes", "sectors"]
    for name in GPUS:
        head += [f"{name}: 10⁹/s", "bound", "of peak"]
    lines = ["| " + " | ".join(head) + " |", "|--" * len(head) + "|"]
    listed = subprocess.run([program, "--list"], capture_output=True, text=True, check=True).stdout
    for name, formula, units, least in (line.split("\t") for line in listed.splitlines()):
        if only and name not in only:
            continue
        total, problem = counts(runner, program, name)
        if total is None:
            print(f"{name}: left out: {problem}", file=sys.stderr)
        else:
            lines.append(row(formula, int(units), int(least), total))
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--emulator", type=pathlib.Path,
                        default=os.environ.get("TESSERA_CUDA_EMULATOR", ROOT / "../shared/cuda-emulator"))
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--write", action="store_true", help="put the table into docs/gpu.md")
    options = parser.parse_args()
    if not (options.emulator / "run").exists():
        sys.exit(f"roofline: no emulator in {options.emulator}")
    runner = [str(ROOT / "tests/cuda/run.sh"), str(options.emulator)]
    text = table(runner, str(options.build / "bench/tessera-roofline"), options.only)
    if not options.write:
        print(text, end="")
        return
    document = ROOT / "docs/gpu.md"
    old = document.read_text()
    if not PLACE.search(old):
        sys.exit(f"roofline: {document} has no place for the table")
    document.write_text(PLACE.sub(lambda place: place[1] + text + place[2], old))


if __name__ == "__main__":
    main()
