"""Orders, searches, distinct elements, sets of two arrays and bins that generate.py asks NumPy for."""
import numpy as np

import generate_arrays as arrays
import generate_values as values


def few(r, dtype, shape):
    """Elements of which many are equal; of floats zeros of both signs, NaN and infinities too."""
    dtype = np.dtype(dtype)
    g = np.random.default_rng(r.getrandbits(64))
    if dtype.kind == "c":
        part = f"f{dtype.itemsize // 2}"
        return np.stack([few(r, part, shape) for _ in range(2)], -1).copy().view(dtype)[..., 0]
    low = 0 if dtype.kind in "bu" else -6
    x = g.integers(low, 2 if dtype.kind == "b" else 7, shape).astype(dtype)
    if dtype.kind == "f" and r.random() < 0.5:
        for place, value in ((6, np.nan), (5, np.inf), (-5, -np.inf), (-4, -0.0)):
            x[x == place] = value
    return x


def operand(r, dtypes=values.DTYPES, limit=3000):
    shape, dtype = arrays.shape(r, limit=limit, most=6), r.choice(dtypes)
    return few(r, dtype, shape) if r.random() < 0.5 else values.random_array(r, dtype, shape, "mixed")


def vector(r, dtype, flavour=None):
    n = r.choice([0, 1, 2, 3, 8, 33, 257, r.randint(1, 3000)])
    if flavour == "numbers":
        return np.random.default_rng(r.getrandbits(64)).normal(0, 5, n).astype(dtype)
    return few(r, dtype, n) if r.random() < 0.5 else values.random_array(r, dtype, [n], "mixed")


def some_axis(r, ndim):
    if r.random() < 0.03:
        return r.choice([ndim, -ndim - 1])
    return None if r.random() < 0.1 or not ndim else r.randint(-ndim, ndim - 1)


def sort(r, store, answered):
    a = operand(r)
    axis = some_axis(r, a.ndim)
    case = {"op": "sort", "a": store.reference(a), "layout": r.choice(arrays.LAYOUTS), "axis": axis}
    return answered(case, lambda: {"result": store.reference(np.sort(a, axis, kind="stable"))})


def argsort(r, store, answered):
    a = operand(r)
    axis = some_axis(r, a.ndim)
    case = {"op": "argsort", "kind": "stable", "a": store.reference(a), "layout": r.choice(arrays.LAYOUTS),
            "axis": axis}
    return answered(case, lambda: {"result": store.reference(np.argsort(a, axis, kind="stable"))})


def searchsorted(r, store, answered):
    dtype = r.choice(values.DTYPES)
    a = vector(r, dtype)
    other = dtype if r.random() < 0.7 else r.choice(values.DTYPES)
    v = operand(r, [other], 500)
    sorter = np.argsort(a, kind="stable") if r.random() < 0.4 else None
    if sorter is None:
        a = np.sort(a)
    side = r.choice(["left", "right"])
    case = {"op": "searchsorted", "a": store.reference(a), "v": store.reference(v), "side": side,
            "sorter": None if sorter is None else store.reference(sorter), "layout": r.choice(arrays.LAYOUTS)}
    return answered(case, lambda: {"result": store.reference(np.searchsorted(a, v, side, sorter))})


def unique(r, store, answered):
    a = operand(r)
    axis = some_axis(r, a.ndim) if r.random() < 0.4 else None
    if axis is not None:  # few columns, so that rows can be equal
        a = few(r, a.dtype, [r.choice([0, 1, 2, 3, 7]) for _ in a.shape]) if a.ndim < 5 else a
    equal_nan = r.random() < 0.5
    case = {"op": "unique", "a": store.reference(a), "axis": axis, "equal_nan": equal_nan,
            "layout": r.choice(arrays.LAYOUTS)}

    def result():
        found = np.unique(a, True, True, True, axis, equal_nan=equal_nan)
        return dict(zip(("values", "index", "inverse", "counts"), map(store.reference, found)))

    return answered(case, result)


def lexsort(r, store, answered):
    n = r.choice([0, 1, 5, 70, 400])
    keys = [few(r, r.choice(values.DTYPES), n) for _ in range(r.randint(1, 4))]
    return {"op": "lexsort", "keys": [store.reference(k) for k in keys], "result": store.reference(np.lexsort(keys))}


def partition(r, store, answered):
    a = vector(r, r.choice(values.DTYPES))
    while not a.size:
        a = vector(r, r.choice(values.DTYPES))
    kth = r.randint(-a.size, a.size - 1)
    return {"op": "partition", "a": store.reference(a), "kth": kth % a.size, "layout": r.choice(arrays.LAYOUTS),
            "kth_value": store.reference(np.sort(a)[kth])}


def bincount(r, store, answered):
    n, top = r.choice([0, 1, 40, 3000]), r.choice([1, 5, 100, 2000])
    dtype = r.choice(["i8", "i4", "u1", "u2"] if top < 200 else ["i8", "u2"])
    a = np.array([r.randrange(top) for _ in range(n)], dtype)
    if n and r.random() < 0.03 and a.dtype.kind == "i":
        a[r.randrange(n)] = -1
    weights, minlength = np.array([r.randint(-8, 8) / 4 for _ in range(n)]), r.choice([0, 0, 3, 50])
    case = {"op": "bincount", "a": store.reference(a), "minlength": minlength, "weights": store.reference(weights)}
    return answered(case, lambda: {"result": store.reference(np.bincount(a, minlength=minlength)),
                                   "weighted": store.reference(np.bincount(a, weights, minlength))})


def histogram(r, store, answered):
    a = vector(r, r.choice(["f8", "f4"]), "numbers")
    if r.random() < 0.3:
        a = np.round(a)
    bins = r.choice([1, 7, 10, 64, 500])
    limits = None if r.random() < 0.5 else sorted([r.randint(-9, 9), r.randint(-9, 9)])
    case = {"op": "histogram", "a": store.reference(a), "bins": bins, "range": limits}

    def result():
        counts, edges = np.histogram(a, bins, limits)
        return {"result": store.reference(counts), "edges": store.reference(edges)}

    return answered(case, result)


def digitize(r, store, answered):
    a = few(r, r.choice(["f8", "f4", "i4"]), r.choice([0, 1, 40, 700]))
    edges = np.sort(np.array([float(r.randint(-7, 7)) for _ in range(r.choice([0, 1, 2, 9]))]))
    if r.random() < 0.4:
        edges = edges[::-1].copy()
    if edges.size > 2 and r.random() < 0.05:
        edges[1] = 50
    right = r.random() < 0.5
    case = {"op": "digitize", "a": store.reference(a), "edges": store.reference(edges), "right": right}
    return answered(case, lambda: {"result": store.reference(np.digitize(a, edges, right))})


def pair(r, store, op):
    """Two operands that share elements; of uint64 beside signed integers, which NumPy compares in float64, none."""
    dtypes = r.choices(values.DTYPES, k=2) if r.random() < 0.4 else [r.choice(values.DTYPES)] * 2
    if "u8" in dtypes and any(d[0] == "i" for d in dtypes):
        dtypes = ["u8", "u8"]
    a, b = (operand(r, [d], 1000) for d in dtypes)
    if dtypes[0] == dtypes[1] and a.size and r.random() < 0.7:
        b = np.concatenate([b.ravel(), a.ravel()[:: r.choice([1, 2, 5])]])
    return a, b, {"op": op, "a": store.reference(a), "b": store.reference(b), "layout": r.choice(arrays.LAYOUTS)}


def union1d(r, store, answered):
    a, b, case = pair(r, store, "union1d")
    joined = np.concatenate((a, b), None)  # values by their first places, as NumPy gives them along with indices
    return answered(case, lambda: {"result": store.reference(np.unique(joined, return_index=True)[0])})


def intersect1d(r, store, answered):
    a, b, case = pair(r, store, "intersect1d")
    case["assume_unique"] = unique = r.random() < 0.3
    if unique:
        a, b = (np.unique(x, return_index=True)[0] for x in (a, b))
        case |= {"a": store.reference(a), "b": store.reference(b)}

    def result():
        found = np.intersect1d(a, b, unique, True)
        return dict(zip(("result", "a_indices", "b_indices"), map(store.reference, found)))

    return answered(case, result)


def member(x, test, invert=False):
    """numpy.isin of what x is beside floats: of two integers that round to one number NumPy would take each other for a member."""
    common = np.result_type(x, test)
    return np.isin(x.astype(common) if test.dtype.kind in "fc" else x, test, invert=invert)


def setdiff1d(r, store, answered):
    a, b, case = pair(r, store, "setdiff1d")
    case["assume_unique"] = False
    kept = np.unique(a, return_index=True)[0]
    return answered(case, lambda: {"result": store.reference(kept[member(kept, b, invert=True)])})


def setxor1d(r, store, answered):
    a, b, case = pair(r, store, "setxor1d")
    a, b = (np.unique(x, return_index=True)[0] for x in (a, b))

    def result():
        joined = np.sort(np.concatenate((a, b)), kind="stable")
        differs = np.concatenate(([True], joined[1:] != joined[:-1], [True]))
        return {"result": store.reference(joined[differs[1:] & differs[:-1]] if joined.size else joined)}

    return answered(case, result)


def isin(r, store, answered):
    a, b, case = pair(r, store, "isin")
    case["invert"] = invert = r.random() < 0.3
    return answered(case, lambda: {"result": store.reference(member(a, b, invert))})


MAKERS = [sort] * 5 + [argsort] * 5 + [searchsorted] * 5 + [unique] * 5 + [histogram] * 2 + [
    lexsort, partition, bincount, digitize, union1d, intersect1d, setdiff1d, setxor1d, isin]


def sorting(r, store, answered):
    return r.choice(MAKERS)(r, store, answered)
