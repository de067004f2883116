"""Asks NumPy for new reference cases: generate.py TO --seed N [--count N] [--section NAME]...

Writes NAME.json, NAME.npy and manifest.json in the format that tests/conformance replays. The net is wider than that of
the cases kept beside this file: longer axes (around vector and block sizes), more axes, all dtypes and layouts, special
values, every elementwise function and reduction. The same seed and NumPy version give the same folder. Needs NumPy 2.4,
and SciPy 1.17 for distances.
"""
import argparse
import json
import pathlib
import random
import warnings

import numpy as np

import generate_arrays as arrays
import generate_cdist
import generate_einsum
import generate_sorting
import generate_values as values

ORDERS = ("C", "F", "A", "K")


class Store:
    """The blob of a section: arrays go in, references to them come out."""

    def __init__(self):
        self.data = bytearray()

    def reference(self, x):
        x = np.asarray(x)
        place = len(self.data)
        self.data += x.tobytes() + bytes(-x.nbytes % 16)
        return {"dtype": x.dtype.str, "shape": list(x.shape), "at": place}


def error_name(error):
    for kind in (np.exceptions.AxisError, IndexError, OverflowError, MemoryError, TypeError, ValueError):
        if isinstance(error, kind):
            return kind.__name__
    raise error


def answered(case, call):
    """The case with the error of call() or what call() adds to it."""
    try:
        case.update(call())
    except (ValueError, IndexError, TypeError, OverflowError, MemoryError) as error:
        case["error"] = error_name(error)
    return case


def strides_of(x):
    """None where a stride carries no meaning."""
    return [stride if x.size and extent > 1 else None for extent, stride in zip(x.shape, x.strides)]


def broadcasting(r, store):
    ndim = r.choice([0, 1, 2, 3, 4, 6, 8, 10])
    whole = [r.choice([0, 1, 1, 2, 3, 5, 17]) if ndim > 2 else r.choice([0, 1, 4, 64, 257, 3000]) for _ in range(ndim)]
    while np.prod(whole) > 100_000:
        whole[r.randrange(ndim)] = 1
    shapes = []
    for _ in range(r.choice([1, 2, 2, 3, 4, 7, 20])):
        shape = [1 if r.random() < 0.3 else n for n in whole[r.randint(0, ndim) if r.random() < 0.4 else 0:]]
        if shape and r.random() < 0.05:
            shape[r.randrange(len(shape))] += 1
        shapes.append(shape)

    def result():
        common = np.broadcast_shapes(*map(tuple, shapes))
        return {"result": list(common),
                "strides": [strides_of(np.broadcast_to(np.empty(shape), common)) for shape in shapes]}

    return answered({"shapes": shapes}, result)


def slice_token(r, extent):
    def bound():
        return None if r.random() < 0.3 else r.randint(-extent - 3, extent + 3) if r.random() < 0.95 else r.choice([-2**62, 2**62])

    step = r.choice([None, None, 1, 2, 3, -1, -1, -2, -3, extent + 1, -extent - 1, 2**62, -2**62])
    if r.random() < 0.01:
        step = 0
    return [bound(), bound(), step]


def basic_tokens(r, shape):
    """Index tokens that mostly fit a shape."""
    tokens, axis = [], 0
    for extent in shape[:r.randint(0, len(shape))] if r.random() < 0.5 else shape:
        if r.random() < 0.3 and extent > 0:
            tokens.append(r.randint(-extent, extent - 1))
        else:
            tokens.append({"slice": slice_token(r, extent)})
        axis += 1
    if r.random() < 0.05:
        tokens.append(r.choice([0, 7, -9, 2**62]))
    for _ in range(r.choice([0, 0, 0, 1, 1, 2, 3])):
        tokens.insert(r.randint(0, len(tokens)), "newaxis")
    if r.random() < 0.4:
        tokens.insert(r.randint(0, len(tokens)), "...")
        if r.random() < 0.03:
            tokens.append("...")
    return tokens


def index_of(tokens):
    def one(token):
        if token == "newaxis":
            return None
        if token == "...":
            return Ellipsis
        return slice(*token["slice"]) if isinstance(token, dict) else token

    return tuple(map(one, tokens))


def layout_of(x, base, origin):
    """Shape, strides and flags of x, its offset from the base where it is a view."""
    view = bool(np.shares_memory(x, base)) if x.size else None
    offset = arrays.address(x) - origin if view else None
    return view, {"result": list(x.shape), "strides": strides_of(x), "c_contiguous": x.flags.c_contiguous,
                  "f_contiguous": x.flags.f_contiguous, "offset": offset}


def slicing(r, store):
    shape = arrays.shape(r, limit=4000)
    layout = r.choice("CFT")
    base = arrays.counted(shape, layout)
    tokens = basic_tokens(r, shape)

    def result():
        x = base[(*index_of(tokens), Ellipsis)] if "..." not in tokens else base[index_of(tokens)]
        view, facts = layout_of(x, base, arrays.address(base))
        scalar = len(tokens) == len(shape) and all(isinstance(t, int) for t in tokens)
        return {**facts, "shares_memory": view is not None, "is_scalar": scalar, "values": store.reference(x)}

    return answered({"shape": shape, "layout": layout, "index": tokens}, result)


def fancy_tokens(r, shape, store):
    """Index tokens with arrays and masks, and the same index for NumPy."""
    joint = [[], [3], [1], [4, 3], [2, 1, 3], [0], [200]][r.choice([0, 1, 1, 1, 2, 3, 3, 4, 5, 6])]
    tokens, index, axis = [], [], 0

    def add(token, value):
        tokens.append(token)
        index.append(value)

    def add_array(x):
        add({"array": store.reference(x)}, x)

    def integers(extent):
        own = [1 if r.random() < 0.2 else n for n in joint[r.randint(0, len(joint)) if r.random() < 0.2 else 0:]]
        dtype = r.choice(["i8", "i8", "i8", "i4", "i2", "i1", "u1", "u4", "u8"])
        low = 0 if dtype[0] == "u" else -extent
        top = extent + (r.random() < 0.02)
        x = np.array([r.randint(low, top - 1) if top > low else 0 for _ in range(int(np.prod(own)))], "i8")
        return x.astype(dtype).reshape(own)

    while axis < len(shape) and r.random() > 0.08:
        choice = r.random()
        if choice < 0.35:
            add_array(integers(shape[axis]))
            axis += 1
        elif choice < 0.5:
            covered = r.randint(0 if r.random() < 0.3 else 1, min(2, len(shape) - axis))
            extents = shape[axis:axis + covered]
            if extents and r.random() < 0.03:
                extents = [extents[0] + 1, *extents[1:]]
            count = int(np.prod(joint)) if r.random() < 0.5 else None
            mask = np.zeros(int(np.prod(extents)), bool)
            if count is None:
                mask[:] = [r.random() < 0.4 for _ in mask]
            else:
                mask[r.sample(range(mask.size), min(count, mask.size))] = True
            add_array(mask.reshape(extents))
            axis += covered
        elif choice < 0.75:
            bounds = slice_token(r, shape[axis])
            add({"slice": bounds}, slice(*bounds))
            axis += 1
        elif choice < 0.85 and shape[axis]:
            place = r.randint(-shape[axis], shape[axis] - 1)
            add(place, place)
            axis += 1
        elif choice < 0.92:
            add("newaxis", None)
        elif "..." not in tokens:
            add("...", Ellipsis)
            axis += r.randint(0, len(shape) - axis)
    if r.random() < 0.02:
        add(0, 0)
    return tokens, tuple(index)


def index_read(r, store):
    dtype = r.choice(values.DTYPES)
    a = values.random_array(r, dtype, arrays.shape(r, limit=3000, most=7), "mixed")
    tokens, index = fancy_tokens(r, a.shape, store)
    case = {"kind": "read", "a": store.reference(a), "layout": r.choice(arrays.LAYOUTS), "index": tokens}
    return answered(case, lambda: {"result": store.reference(a[index])})


def index_write(r, store, kind="write"):
    a = values.random_array(r, r.choice(values.DTYPES), arrays.shape(r, limit=1500, most=6), "plain")
    tokens, index = fancy_tokens(r, a.shape, store)
    if all(isinstance(t, int) for t in tokens) and len(tokens) == a.ndim:  # an element in NumPy, a view in Tessera
        tokens, index = tokens + ["..."], (*index, Ellipsis)
    dtype = a.dtype if r.random() < 0.6 else np.dtype(r.choice(values.DTYPES))
    if kind == "add_at" and not np.can_cast(np.result_type(a, dtype), a.dtype, "same_kind"):
        dtype = a.dtype  # NumPy truncates silently, Tessera refuses
    shape = [r.randint(0, 3)]
    try:
        shape = list(a[index].shape)
    except (IndexError, ValueError):
        pass
    whole = shape
    if r.random() < 0.3:
        shape = shape[r.randint(0, len(shape)):]
    shape = [1 if r.random() < 0.15 else n for n in shape]
    fits = shape == whole
    if r.random() < 0.1 and 0 not in shape and kind == "write":
        shape = [1] + shape
    if shape and r.random() < 0.05:
        shape[-1] += 1
    if kind == "add_at" and not fits:
        shape = []  # NumPy 2.4.6 reads past the end of values that it ought to repeat
    value = values.random_array(r, dtype, shape, "plain")
    if a.dtype.kind in "bu" and value.dtype.kind in "fc":  # a negative float as an unsigned integer is undefined in C
        value = np.abs(value.real).astype(value.dtype)
    case = {"kind": kind, "a": store.reference(a), "layout": r.choice(arrays.LAYOUTS), "index": tokens,
            "value": store.reference(value)}

    def result():
        after = a.copy()
        if kind == "write":
            after[index] = value
        else:
            np.add.at(after, index, value)
        return {"after": store.reference(after)}

    return answered(case, result)


def index_add_at(r, store):
    return index_write(r, store, "add_at")


def small_operand(r, store, kind):
    a = values.random_array(r, r.choice(values.DTYPES), arrays.shape(r, limit=1500, most=6), "mixed")
    return a, {"kind": kind, "a": store.reference(a), "layout": r.choice(arrays.LAYOUTS)}


def random_axis(r, ndim, wrong=0.03):
    if r.random() < wrong:
        return r.choice([ndim, -ndim - 1, 9])
    return r.randint(-ndim, ndim - 1) if ndim else None


def index_take(r, store):
    a, case = small_operand(r, store, "take")
    axis = None if r.random() < 0.2 else random_axis(r, a.ndim)
    extent = a.size if axis is None or not -a.ndim <= axis < a.ndim else a.shape[axis]
    mode = r.choice(["raise", "wrap", "clip"])
    reach = extent if mode == "raise" and r.random() < 0.9 else 3 * extent + 2
    if mode == "wrap" and not a.size:
        mode = "raise"  # NumPy may wrap for ever
    dtype = r.choice(["i8", "i8", "i4", "i1", "u2", "u8", "?", "f8"])
    shape = r.choice([[], [0], [1], [5], [3, 4], [2, 1, 2], [90]])
    if dtype == "f8" and not shape:
        shape = [1]  # NumPy lets a 0-d float pass
    places = np.array([r.randint(-reach, max(reach - 1, 0)) for _ in range(int(np.prod(shape)))]).reshape(shape)
    if dtype[0] in "u?":
        places = np.abs(places) % max(extent, 1)
    places = np.clip(places, -128, 127).astype(dtype)
    case |= {"indices": store.reference(places), "axis": axis, "mode": mode}
    return answered(case, lambda: {"result": store.reference(np.take(a, places, axis=axis, mode=mode))})


def index_put(r, store):
    a, case = small_operand(r, store, "put")
    mode = r.choice(["raise", "wrap", "clip"])
    reach = a.size if mode == "raise" and r.random() < 0.9 else 3 * a.size + 2
    if mode == "wrap" and not a.size:
        mode = "raise"
    places = np.array([r.randint(-reach, max(reach - 1, 0)) for _ in range(r.choice([0, 1, 5, 40]))], "i8")
    value = values.random_array(r, a.dtype, [r.choice([0, 1, 2, 5, 7])], "plain")
    case |= {"indices": store.reference(places), "mode": mode, "value": store.reference(value)}

    def result():
        after = a.copy()
        np.put(after, places, value, mode=mode)
        return {"after": store.reference(after)}

    return answered(case, result)


def index_compress(r, store):
    a, case = small_operand(r, store, "compress")
    axis = None if r.random() < 0.2 else random_axis(r, a.ndim)
    extent = a.size if axis is None or not -a.ndim <= axis < a.ndim else a.shape[axis]
    condition = np.array([r.random() < 0.5 for _ in range(max(0, extent + r.choice([0, 0, 0, -1, 2])))], bool)
    case |= {"condition": store.reference(condition), "axis": axis}
    return answered(case, lambda: {"result": store.reference(np.compress(condition, a, axis=axis))})


def index_along(r, store):
    a, case = small_operand(r, store, "take_along_axis")
    axis = random_axis(r, a.ndim)
    shape = list(a.shape)
    if axis is not None and -a.ndim <= axis < a.ndim:
        extent = shape[axis]
        shape[axis] = r.choice([0, 1, 2, 9])
        shape = [1 if r.random() < 0.1 else n for n in shape]
    else:
        extent = 1
    count = int(np.prod(shape))
    top = extent + (r.random() < 0.05)
    places = np.array([r.randint(-extent, top - 1) if extent else 0 for _ in range(count)], "i8").reshape(shape)
    case |= {"indices": store.reference(places), "axis": axis}
    return answered(case, lambda: {"result": store.reference(np.take_along_axis(a, places, axis=axis))})


def index_nonzero(r, store):
    a, case = small_operand(r, store, "nonzero")
    return answered(case, lambda: {"result": [store.reference(x) for x in np.nonzero(a)],
                                   "argwhere": store.reference(np.argwhere(a)),
                                   "flatnonzero": store.reference(np.flatnonzero(a))})


def index_where(r, store):
    a, case = small_operand(r, store, "where3")
    x = values.random_array(r, r.choice(values.DTYPES), arrays.broadcastable(r, a.shape), "mixed")
    y = values.random_array(r, r.choice(values.DTYPES), arrays.broadcastable(r, a.shape), "mixed")
    case |= {"x": store.reference(x), "y": store.reference(y)}
    return answered(case, lambda: {"result": store.reference(np.where(a, x, y))})


def indexing(r, store):
    makers = [index_read] * 8 + [index_write] * 6 + [index_add_at] * 3 + [index_take] * 2 + [
        index_put, index_compress, index_along, index_nonzero, index_where]
    return r.choice(makers)(r, store)


def random_step(r, v):
    """One step that makes another view of v, and that view."""
    kind = r.choice(["newaxis", "transpose", "slice", "slice", "broadcast_to", "reshape", "index"])
    if kind == "newaxis":
        place = r.randint(0, v.ndim)
        return {"newaxis": place}, np.expand_dims(v, place)
    if kind == "transpose":
        axes = r.sample(range(v.ndim), v.ndim)
        return {"transpose": axes}, v.transpose(axes)
    if kind == "broadcast_to":
        shape = [r.choice([1, 2, 3]) if n == 1 else n for n in v.shape]
        shape = r.choice([[], [2], [0]]) + shape
        if np.prod(shape) > 4000:
            shape = list(v.shape)
        return {"broadcast_to": shape}, np.broadcast_to(v, shape)
    if kind == "reshape" and v.flags.c_contiguous:
        shape = arrays.regrouped(r, v.shape)
        return {"reshape": shape}, v.reshape(shape)
    if kind == "index":
        tokens = [{"slice": [None, None, r.choice([1, -1, 2])]} for _ in v.shape] + ["newaxis"]
        return {"index": tokens}, v[index_of(tokens)]
    if not v.ndim:
        return None, v
    axis = r.randrange(v.ndim)
    bounds = [r.choice([None, 0, 1]), None, r.choice([1, 1, 2, -1])] if r.random() < 0.8 else slice_token(r, v.shape[axis])
    if bounds[2] == 0:
        bounds[2] = 1
    return {"slice_axis": axis, "slice": bounds}, v[(slice(None),) * axis + (slice(*bounds),)]


def reshaping(r, store):
    shape = arrays.shape(r, limit=1200, most=6)
    layout = r.choice("CFT")
    base = arrays.counted(shape, layout)
    v, steps = base, []
    for _ in range(r.choice([0, 0, 1, 1, 2, 3])):
        step, v = random_step(r, v)
        if step:
            steps.append(step)
    op = r.choice(list(arrays.OPERATIONS))
    arguments, call = arrays.OPERATIONS[op](r, v)
    case = {"op": op, "shape": shape, "layout": layout, "steps": steps, "args": arguments}

    def result():
        x = call(v)
        view, facts = layout_of(np.asarray(x), base, arrays.address(base))
        if not isinstance(x, np.ndarray):  # a NumPy scalar, which Tessera does not have
            view = None
        if view is None:
            del facts["offset"]
        return {**facts, "view": view, "values": store.reference(x)}

    return answered(case, result)


def printing(r, store):
    x = values.printed_array(r, arrays)
    options = values.print_options(r)
    scalar = x.ndim == 0 and r.random() < 0.7
    shown = x[()] if scalar else x
    with np.printoptions(**options):
        return {"array": store.reference(x), "scalar": scalar, "options": options, "repr": repr(shown), "str": str(shown)}


SECTIONS = {
    "broadcasting": (broadcasting, 500),
    "cdist": (lambda r, store: generate_cdist.distances(r, store, answered), 3000),
    "einsum": (lambda r, store: generate_einsum.einsum(r, store, answered, arrays), 3000),
    "promotion": (lambda r, store: values.promotion(r, store, answered, arrays), 3000),
    "slicing": (slicing, 1500),
    "indexing": (indexing, 3000),
    "reductions": (lambda r, store: values.reductions(r, store, answered, arrays), 3000),
    "reshaping": (reshaping, 3000),
    "printing": (printing, 2000),
    "sorting": (lambda r, store: generate_sorting.sorting(r, store, answered), 3000),
}


def write_section(folder, name, seed, count):
    maker, usual = SECTIONS[name]
    r, store = random.Random(f"{seed} {name}"), Store()
    cases = [maker(r, store) for _ in range(count or usual)]
    head = {"section": name, "about": f"new cases of generate.py, seed {seed}", "blob": f"{name}.npy", "count": len(cases)}
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    text = json.dumps(head)[:-1] + ', "cases": [\n' + lines + "\n]}\n"
    (folder / f"{name}.json").write_text(text, encoding="utf-8")
    np.save(folder / f"{name}.npy", np.frombuffer(bytes(store.data), np.uint8))
    return {"cases": len(cases), "manifest": f"{name}.json", "blob": f"{name}.npy"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path, metavar="TO")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, help="cases of each section (default: a few thousand)")
    parser.add_argument("--section", action="append", choices=SECTIONS, help="only this one; may be repeated")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    sections = {name: write_section(options.folder, name, options.seed, options.count)
                for name in options.section or SECTIONS}
    manifest = {"numpy": np.__version__, "seed": options.seed, "byte_order": "little", "sections": sections}
    (options.folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


if __name__ == "__main__":
    main()
