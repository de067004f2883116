"""One Python library in one process, timed on the workloads that `tessera-bench run` asks for.

    python worker.py PEER THREADS DEVICE            e.g. numpy 1 cpu, torch 8 cuda:0

Requests and answers are JSON, a line each (bench/run/competitor.hpp). Needs the library and NumPy, nothing else.
"""
import importlib
import json
import math
import os
import re
import sys
import time
import warnings

import helpers

PEER, THREADS, DEVICE = sys.argv[1], int(sys.argv[2]), sys.argv[3]
LIBRARY = PEER.split("_")[0]   # numpy_argsort and numpy_memmap are other statements of numpy
answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)   # what libraries print does not come between answers
warnings.filterwarnings("ignore")


def answer(**fields):
    print(json.dumps(fields), file=answers)


class Library:
    """What all have in common; NumPy and SciPy need no more."""
    helpers = ("np_sqeuclid", "np_cosine", "np_rows", "np_knn", "assign_neg")
    compiles = False   # the first call is not like the others
    wrap = "{}"        # the result is there when this ends

    def __init__(self):
        import numpy as np
        self.np = np
        self.names = {"math": math, "np": np}
        self.names["REC"] = np.dtype([("name", "U20"), ("price", "f8"), ("volume", "i8"), ("active", "?")])
        for name in self.helpers:
            self.names[name] = getattr(helpers, name)
        self.set_up()
        self.version = str(importlib.import_module(self.module).__version__)

    module = "numpy"

    def set_up(self):
        pass

    def operand(self, x, spec):
        if spec["dtype"] == "bf16":
            import ml_dtypes
            return x.view(ml_dtypes.bfloat16)
        return x

    def to_numpy(self, result):
        return self.np.asarray(result)

    def statement(self, workload, operands):
        """A Python expression, and the values of its names."""
        values = dict(self.names, **workload.get("consts", {}), **operands)
        if workload["group"] == "random":
            values["rng"] = self.np.random.default_rng(5)
        return self.wrap.format(workload["peers"][PEER]), values

    def forget(self):
        pass


class Scipy(Library):
    module = "scipy"

    def set_up(self):
        import scipy.spatial
        import scipy.special
        self.names["scipy"] = scipy


class Numexpr(Library):
    module = "numexpr"

    def set_up(self):
        import numexpr
        numexpr.set_num_threads(THREADS)
        self.names["ne"] = numexpr

    def statement(self, workload, operands):
        """Numbers in the expression become scalars of the operands' type; the work would be done in float64 otherwise."""
        scalar = self.np.float32 if workload["flop_type"] == "f32" else self.np.float64
        values = {k: x for k, x in operands.items() if k != "o"}
        for name, view in workload.get("numexpr_pre", {}).items():
            values[name] = eval(view, {"np": self.np}, operands)
        for name, number in workload.get("consts", {}).items():
            values[name] = scalar(number)

        def named(number):
            name = f"number{len(values)}"
            values[name] = scalar(float(number.group()))
            return name
        expression = re.sub(r"(?<![\w.])\d+\.\d+", named, workload["peers"][PEER])
        out = ", out=o" if workload.get("numexpr_out") else ""
        return f"ne.evaluate({expression!r}, ld{out})", dict(self.names, ld=values, o=operands.get("o"))


class Sklearn(Library):
    module = "sklearn"
    helpers = ("sk_knn",)

    def set_up(self):
        import sklearn.metrics.pairwise
        self.names["sk"] = sklearn.metrics.pairwise


class Faiss(Library):
    module = "faiss"
    helpers = ("faiss_knn",)

    def set_up(self):
        import faiss
        faiss.omp_set_num_threads(THREADS)
        self.names["faiss"] = faiss


class Torch(Library):
    module = "torch"
    helpers = ("assign_neg", "torch_knn")

    def set_up(self):
        import torch
        torch.set_num_threads(THREADS)
        torch.set_num_interop_threads(1)
        torch.set_grad_enabled(False)
        if DEVICE != "cpu":
            torch.cuda.synchronize(DEVICE)   # fails where there is none
            torch.set_default_device(DEVICE)
            self.names["wait"] = torch.cuda.synchronize
        self.torch = self.names["torch"] = torch

    def operand(self, x, spec):
        x = self.torch.from_numpy(x)
        return (x.view(self.torch.bfloat16) if spec["dtype"] == "bf16" else x).to(DEVICE)

    def to_numpy(self, result):
        return (result.float() if result.dtype == self.torch.bfloat16 else result).cpu().numpy()


class Jax(Library):
    module = "jax"
    helpers = ()
    compiles = True
    wrap = "({}).block_until_ready()"

    def set_up(self):
        # JAX has no number of threads that can be relied on: so many are what so many CPUs give.
        if DEVICE == "cpu":
            os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-THREADS:])
        os.environ["JAX_PLATFORMS"] = "cpu" if DEVICE == "cpu" else "cuda"
        import jax
        jax.config.update("jax_enable_x64", True)
        number = int(DEVICE.partition(":")[2] or 0)
        jax.config.update("jax_default_device", jax.devices()[number])
        self.jax = jax
        self.names.update(jax=jax, jnp=jax.numpy, key=jax.random.key(5))

    def operand(self, x, spec):
        x = self.jax.numpy.asarray(x)
        return self.jax.lax.bitcast_convert_type(x, self.jax.numpy.bfloat16) if spec["dtype"] == "bf16" else x

    def to_numpy(self, result):
        narrow = result.dtype == self.jax.numpy.bfloat16
        return self.np.asarray(result.astype(self.jax.numpy.float32) if narrow else result)

    def statement(self, workload, operands):
        expression, values = workload["peers"][PEER], dict(self.names, **workload.get("consts", {}), **operands)
        if not workload.get("jax_eager"):   # else the result's shape depends on data
            arguments = ", ".join(operands)
            values["compiled"] = self.jax.jit(eval(f"lambda {arguments}: {expression}", values))
            expression = f"compiled({arguments})"
        return self.wrap.format(expression), values

    def forget(self):
        self.jax.clear_caches()


LIBRARIES = {"numpy": Library, "scipy": Scipy, "numexpr": Numexpr, "sklearn": Sklearn, "faiss": Faiss, "torch": Torch,
             "jax": Jax}


def elements(np, result, indices):
    """Shape and the elements at flat C indices; of records the prices, of texts the code points."""
    if result.dtype.names:
        result = result["price"]
    if result.dtype.kind == "U":
        result = np.ascontiguousarray(result).reshape(-1).view(np.int32)
    flat = result.reshape(-1)
    found = [float(flat[i]) for i in indices if i < flat.size]
    return list(result.shape), [x if math.isfinite(x) else None for x in found]


def loop_of(expression, values):
    """A function of a number of calls that returns the seconds they took; names are its locals, as a user's are."""
    names = sorted(set(re.findall(r"[A-Za-z_]\w*", expression)) & set(values))
    wait = "wait()" if "wait" in values else "pass"
    code = f"""def loop(times, clock, wait, {", ".join(names)}):
    begin = clock()
    for _ in times:
        {expression}
    {wait}
    return clock() - begin
"""
    scope = {}
    exec(code, scope)
    arguments = [values[name] for name in names]
    return lambda count: scope["loop"](range(count), time.perf_counter, values.get("wait"), *arguments)


def timed(loop, first, compiles, request):
    """Samples by the rule in bench/run/competitor.hpp."""
    shortest = 5e-4   # seconds of a sample
    if first > 3 * request["cap"] and not compiles:
        return {"samples": [first], "batch": 1}
    samples, batch = [], 1
    once = loop(1)
    if once > request["cap"]:
        return {"samples": [once], "batch": 1}
    if once < shortest:
        batch = max(1, math.ceil(shortest / max(once, 1e-8)))
        batch = max(1, math.ceil(shortest / max(loop(batch) / batch, 1e-8)))   # the first of a batch is slower
    spent = 0
    while len(samples) < request["repetitions"] and (
            spent < request["budget"] or len(samples) < request["least"] and spent < request["cap"]):
        seconds = loop(batch)
        samples.append(seconds / batch)
        spent += seconds
    return {"samples": samples, "batch": batch}


def compete(library, request):
    """Calls once, lets the result be judged, and measures if it is right."""
    workload = request["workload"]
    operands = {}
    for name, path in request["inputs"].items():
        spec = workload["inputs"][name]
        operands[name] = path if spec.get("as_file") else library.operand(library.np.load(path), spec)
    expression, values = library.statement(workload, operands)
    wait = values.get("wait", lambda: None)
    wait()
    begin = time.perf_counter()
    result = eval(expression, values)
    wait()
    first = time.perf_counter() - begin
    shape, found = elements(library.np, library.to_numpy(result), request["indices"])
    result = None
    answer(shape=shape, values=found, first=first)
    if json.loads(sys.stdin.readline())["go"]:
        answer(**timed(loop_of(expression, values), first, library.compiles or DEVICE != "cpu", request))


def main():
    try:
        library = LIBRARIES[LIBRARY]()
    except Exception as error:
        answer(missing=f"{type(error).__name__}: {str(error)[:200]}")
        return
    answer(ready=PEER, version=library.version, threads=THREADS, device=DEVICE)
    for line in iter(sys.stdin.readline, ""):
        try:
            compete(library, json.loads(line))
        except Exception as error:
            answer(error=f"{type(error).__name__}: {str(error)[:200]}")
        library.forget()


main()
