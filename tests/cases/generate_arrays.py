"""Shapes, layouts and moved arrays of the cases that generate.py makes."""
import numpy as np

LAYOUTS = ("C", "F", "step2", "reversed0")
LENGTHS = (7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 70, 127, 129, 255, 256, 257, 1000, 1023, 1025, 2049, 4097, 5000)


def shape(r, limit=5000, most=10):
    """Extents of a random array of about `limit` elements at most: few and long axes, many and short ones, none."""
    profile = r.random()
    if profile < 0.45:
        extents = [r.choice([0, 1, 1, 2, 3, 4, 5, 6, 7]) if r.random() < 0.95 else 0 for _ in range(r.randint(0, 4))]
    elif profile < 0.65:
        extents = [r.choice(LENGTHS) if r.random() < 0.6 else r.randint(1, 70)]
    elif profile < 0.85:
        extents = [r.choice([1, 2, 3, 5, 17, 40]), r.choice(LENGTHS), r.choice([1, 1, 2, 3])][:r.choice([2, 2, 3])]
        r.shuffle(extents)
    else:
        extents = [r.choice([1, 2, 2, 3]) for _ in range(r.randint(min(5, most), most))]
    while np.prod(extents) > limit:
        i = r.randrange(len(extents))
        extents[i] = max(1, extents[i] // 2)
    return extents


def broadcastable(r, extents):
    """A shape that broadcasts to this one."""
    start = r.randint(0, len(extents)) if r.random() < 0.3 else 0
    return [1 if r.random() < 0.2 else n for n in extents[start:]]


def regrouped(r, extents):
    """Another shape of as many elements."""
    count = int(np.prod(extents))
    if count == 0:
        return r.choice([[0], [0, 3], list(extents)])
    result = []
    while count > 1 and len(result) < 6:
        factors = [n for n in (2, 3, 4, 5, 6, 7, 9, 16, 25) if count % n == 0] + [count]
        result.append(r.choice(factors))
        count //= result[-1]
    if count > 1:
        result.append(count)
    for _ in range(r.choice([0, 0, 1, 2])):
        result.insert(r.randint(0, len(result)), 1)
    r.shuffle(result)
    return result


def counted(extents, layout):
    count = int(np.prod(extents))
    if layout == "T":
        return np.arange(count, dtype=np.int32).reshape(extents[::-1]).T
    return np.arange(count, dtype=np.int32).reshape(extents).copy(layout)


def laid_out(x, layout):
    """x in a layout that tests/conformance can make too."""
    if layout == "F":
        return x.copy("F")
    if layout == "step2" and x.ndim:
        wide = np.zeros(x.shape[:-1] + (2 * x.shape[-1],), x.dtype)[..., ::2]
        wide[...] = x
        return wide
    if layout == "reversed0" and x.ndim:
        return x[::-1].copy()[::-1]
    return x.copy("C")


def address(x):
    return x.__array_interface__["data"][0]


def some_axis(r, ndim):
    return r.choice([ndim, -ndim - 1]) if r.random() < 0.04 else r.randint(-ndim, ndim - 1) if ndim else 0


def random_reshape(r, v):
    target = regrouped(r, v.shape)
    if target and r.random() < 0.4:
        target[r.randrange(len(target))] = -1
    if r.random() < 0.08:
        target.append(r.choice([0, 2, -1, -2]))
    order = r.choice("CFA")
    return {"shape": target, "order": order}, lambda x: x.reshape(target, order=order)


def random_transpose(r, v):
    axes = r.sample(range(v.ndim), v.ndim)
    if axes and r.random() < 0.2:
        axes[0] -= v.ndim
    if r.random() < 0.05:
        axes.append(0)
    return {"axes": axes}, lambda x: np.transpose(x, axes)


def random_swap(r, v):
    a, b = some_axis(r, v.ndim), some_axis(r, v.ndim)
    return {"axis1": a, "axis2": b}, lambda x: np.swapaxes(x, a, b)


def random_move(r, v):
    count = r.randint(0, v.ndim)
    source, target = r.sample(range(v.ndim), count), r.sample(range(v.ndim), count)
    if target and r.random() < 0.3:
        target[0] -= v.ndim
    if source and r.random() < 0.05:
        source[0] = r.choice([v.ndim, source[-1]])
    return {"source": source, "destination": target}, lambda x: np.moveaxis(x, source, target)


def random_squeeze(r, v):
    ones = [i for i, n in enumerate(v.shape) if n == 1]
    axis = None if r.random() < 0.3 else r.sample(ones, r.randint(0, len(ones)))
    if v.ndim and r.random() < 0.15:
        axis = some_axis(r, v.ndim)
    return {"axis": axis}, lambda x: np.squeeze(x, axis if axis is None or isinstance(axis, int) else tuple(axis))


def random_expand(r, v):
    count = r.choice([1, 1, 2, 3])
    axes = r.sample(range(v.ndim + count), count)
    if r.random() < 0.3:
        axes[0] -= v.ndim + count
    if r.random() < 0.05:
        axes[-1] = r.choice([axes[0], v.ndim + count])
    return {"axis": axes}, lambda x: np.expand_dims(x, tuple(axes))


def with_order(name):
    def make(r, v):
        order = r.choice("CFAK")
        return {"order": order}, lambda x: getattr(x, name)(order)
    return make


def whole(call):
    return lambda r, v: ({}, call)


def random_broadcast(r, v):
    target = [r.choice([1, 2, 4]) if n == 1 else n for n in v.shape]
    target = [r.choice([1, 2]) for _ in range(r.choice([0, 0, 1, 2]))] + target
    if target and r.random() < 0.1:
        target[-1] += 1
    return {"shape": target}, lambda x: np.broadcast_to(x, target)


def random_view_dtype(r, v):
    code = r.choice(["u2", "i1", "i8", "f4", "c8", "f8", "c16", "i4", "u4", "f2", "b1"])
    return {"dtype": code}, lambda x: x.view(code)


def join(call):
    def make(r, v):
        axis = some_axis(r, v.ndim)
        note = r.choice(["[v, v]", "[v]", "[v, v[..., ::-1], v]", "[v[..., ::-1], v]"])
        if v.ndim == 0:
            note = "[v, v]"
        return {"axis": axis, "note": note}, lambda x: call(eval(note, {"v": x}), axis=axis)  # the four texts above
    return make


def random_flip(r, v):
    axis = r.choice([None, some_axis(r, v.ndim), r.sample(range(v.ndim), r.randint(0, v.ndim))])
    return {"axis": axis}, lambda x: np.flip(x, tuple(axis) if isinstance(axis, list) else axis)


def random_roll(r, v):
    kind = r.random()
    if kind < 0.3:
        shift, axis = r.randint(-9, 9), None
    elif kind < 0.7 or not v.ndim:
        shift, axis = r.choice([r.randint(-9, 9), 10**12, -10**12 - 1]), some_axis(r, v.ndim)
    else:
        axis = [r.randint(-v.ndim, v.ndim - 1) for _ in range(r.randint(1, 3))]
        shift = r.randint(-5, 5) if r.random() < 0.3 else [r.randint(-9, 9) for _ in axis]
    return {"shift": shift, "axis": axis}, lambda x: np.roll(x, shift, tuple(axis) if isinstance(axis, list) else axis)


def random_diagonal(r, v):
    k, a, b = r.randint(-4, 4), some_axis(r, v.ndim), some_axis(r, v.ndim)
    if r.random() < 0.4:
        return {"k": k}, lambda x: np.diagonal(x, k)
    return {"k": k, "axis1": a, "axis2": b}, lambda x: np.diagonal(x, k, a, b)


def random_tile(r, v):
    repetitions = [r.choice([0, 1, 1, 2, 3]) for _ in range(r.randint(0, min(v.ndim + 2, 5)))]
    while np.prod(repetitions) * v.size > 20_000:
        repetitions[r.randrange(len(repetitions))] = 1
    return {"reps": repetitions}, lambda x: np.tile(x, repetitions)


def random_repeat(r, v):
    repeats = r.choice([0, 1, 2, 3, -1] if r.random() < 0.1 and v.size else [0, 1, 2, 3])
    axis = None if r.random() < 0.3 else some_axis(r, v.ndim)
    return {"repeats": repeats, "axis": axis}, lambda x: np.repeat(x, repeats, axis)


def random_pad(r, v):
    kind = r.random()
    top = 2 if v.ndim > 3 else 7
    if kind < 0.3:
        width = r.randint(0, min(top, 3))
    elif kind < 0.5:
        width = [r.randint(0, top), r.randint(0, 2)]
    else:
        width = [[r.randint(0, top), r.randint(0, 2)] for _ in v.shape]
        if r.random() < 0.05:
            width.append([1, 1])
    if not v.ndim or np.prod([n + 7 for n in v.shape]) > 10**6:
        width = 0
    mode = r.choice(["constant", "edge", "reflect", "symmetric", "wrap", "maximum", "minimum", "mean", "linear_ramp"])
    arguments = {"pad_width": width, "mode": mode}
    options = {}
    if mode == "constant" and r.random() < 0.7:
        arguments["constant_values"] = options["constant_values"] = r.randint(-99, 99)
    return arguments, lambda x: np.pad(x, width, mode, **options)


OPERATIONS = {
    "reshape": random_reshape, "ravel": with_order("ravel"), "flatten": with_order("flatten"), "copy": with_order("copy"),
    "transpose": random_transpose, "swapaxes": random_swap, "moveaxis": random_move, "squeeze": random_squeeze,
    "expand_dims": random_expand, "ascontiguousarray": whole(np.ascontiguousarray),
    "asfortranarray": whole(np.asfortranarray), "flags": whole(lambda x: x), "broadcast_to": random_broadcast,
    "view_dtype": random_view_dtype, "concatenate": join(np.concatenate), "stack": join(np.stack), "flip": random_flip,
    "roll": random_roll, "diagonal": random_diagonal, "tile": random_tile, "repeat": random_repeat, "pad": random_pad,
}
