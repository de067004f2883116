"""Random elements, and the cases of promotion, reductions and printing that generate.py makes from them."""
import numpy as np

DTYPES = ("?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16")
NAMES = tuple(np.dtype(code).name for code in DTYPES)


def specials(dtype):
    """Values at which something goes wrong."""
    if dtype.kind == "b":
        return [False, True]
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        return [v for v in (0, 1, 2, 3, 7, -1, -2, info.min, info.min + 1, info.max, info.max - 1, info.max // 2, dtype.itemsize * 8,
                            dtype.itemsize * 8 - 1) if info.min <= v <= info.max]
    info = np.finfo(dtype)
    return [0.0, -0.0, 1.0, -1.0, 0.5, 1.5, 2.5, -2.5, 3.0, np.inf, -np.inf, np.nan, -np.nan, info.max, info.min, info.tiny,
            info.smallest_subnormal, -info.smallest_subnormal, info.eps, 1 + info.eps, 1 - info.eps / 2, 1e3, -7.25, np.pi]


def real_array(r, dtype, count, flavour):
    g = np.random.default_rng(r.getrandbits(64))
    if flavour == "bits":
        x = np.frombuffer(g.bytes(count * dtype.itemsize), dtype) if dtype.kind != "b" else g.random(count) < 0.5
        if dtype.kind == "f":  # of a signalling NaN NumPy's fmax makes a quiet one, which then loses
            x = np.where(np.isnan(x), np.copysign(dtype.type(np.nan), x), x)
        return x.copy()
    if flavour == "special":
        with np.errstate(all="ignore"):
            pool = np.array(specials(dtype), dtype)
        return pool[g.integers(0, pool.size, count)]
    if flavour == "limits":  # of sums: the answer must not depend on the order
        return np.array([0.0, -0.0, 1.5, -2, np.inf, np.nan, -np.inf, 3])[g.integers(0, r.choice([2, 4, 5, 8]), count)].astype(dtype)
    if flavour == "integral" or dtype.kind in "biu":
        low = 0 if dtype.kind in "bu" else -9
        return g.integers(low, 2 if dtype.kind == "b" else 10, count).astype(dtype)
    x = g.normal(0, 2, count)
    return (np.round(x, 2) if r.random() < 0.5 else x).astype(dtype)


def random_array(r, dtype, shape, flavour):
    """plain, integral, special, bits, limits; mixed: one of them."""
    dtype = np.dtype(dtype)
    if flavour == "mixed":
        flavour = r.choice(["plain", "integral", "special", "bits", "limits" if dtype.kind in "fc" else "bits"])
    count = int(np.prod(shape))
    if dtype.kind == "c":
        part = np.dtype(f"f{dtype.itemsize // 2}")
        x = np.stack([real_array(r, part, count, flavour) for _ in range(2)], -1).copy().view(dtype)
    else:
        x = real_array(r, dtype, count, flavour)
    return x.reshape(shape)


# ---- promotion
EXACT_BINARY = ("add subtract multiply true_divide floor_divide remainder fmod maximum minimum fmax fmin copysign nextafter "
                "heaviside gcd lcm equal not_equal less less_equal greater greater_equal logical_and logical_or logical_xor "
                "bitwise_and bitwise_or bitwise_xor left_shift right_shift ldexp isclose").split()
CLOSE_BINARY = "power float_power arctan2 hypot logaddexp logaddexp2".split()
EXACT_UNARY = ("negative positive absolute fabs sign reciprocal square sqrt rint floor ceil trunc spacing isnan isinf isfinite "
               "signbit nan_to_num conjugate real imag logical_not invert bitwise_count deg2rad rad2deg round").split()
CLOSE_UNARY = ("cbrt exp exp2 expm1 log log2 log10 log1p sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh "
               "arctanh angle").split()
FOLDS = ("sum prod mean var std max min ptp any all argmax argmin count_nonzero median average nansum nanprod nanmean nanvar "
         "nanstd nanmax nanmin nanargmax nanargmin nanmedian cumsum cumprod nancumsum nancumprod diff sort argsort").split()
SCALARS = ("True", "False", "0", "1", "2", "-1", "-2", "3", "127", "128", "-128", "-129", "255", "256", "300", "32767", "32768",
           "65535", "65536", "2147483647", "2147483648", "-2147483649", "4294967296", "1099511627776", "9223372036854775807",
           "9223372036854775808", "18446744073709551615", "-9223372036854775808", "1.5", "-2.75", "0.1", "1e+300", "1e-300", "-0.0", "70000.0",
           "1e39", "inf", "nan", "1j", "(1+2j)", "(1e+300-1e+300j)")


def scalar_of(text):
    return {"True": True, "False": False}.get(text, None) if text in ("True", "False") else (
        complex(text) if "j" in text else float(text) if any(c in text for c in ".en") else int(text))


def ulps(result, count):
    """Tolerance of so many units in the last place, relative to each value or (complex) to the largest."""
    result = np.asarray(result)
    if result.dtype.kind not in "fc":
        return {}
    info = np.finfo(result.dtype)
    allowed = {"rtol": float(count * info.eps), "atol": float(info.smallest_subnormal)}
    if result.dtype.kind == "c":
        with np.errstate(all="ignore"):
            sizes = np.abs(result)
            sizes = sizes[np.isfinite(sizes)]
        allowed["atol"] = float(count * info.eps * sizes.max(initial=0))
    return allowed


def promoted(r, name):
    op = r.choice(EXACT_BINARY + CLOSE_BINARY)
    a, b = r.choice(NAMES), r.choice(NAMES)
    return {"kind": "binary", "op": op, "a": a, "b": b}, lambda: {
        "result": getattr(np, op)(np.ones(1, a), np.ones(1, b)).dtype.name}


def promoted_unary(r, name):
    op, a = r.choice(EXACT_UNARY + CLOSE_UNARY + FOLDS), r.choice(NAMES)
    return {"kind": "unary", "op": op, "a": a}, lambda: {"result": np.asarray(getattr(np, op)(np.ones(1, a))).dtype.name}


def promoted_scalar(r, store):
    op, dtype, text, order = r.choice(EXACT_BINARY + CLOSE_BINARY), r.choice(NAMES), r.choice(SCALARS), r.choice(
        ["array_scalar", "scalar_array"])
    scalar = scalar_of(text)
    if op == "isclose" and np.abs(scalar) > 65000:
        text, scalar = "1.5", 1.5  # NumPy compares with infinity
    if (scalar == 2**63 or scalar == 2**64 - 1) and op.startswith("logical") or op == "ldexp":
        op = "add"  # NumPy's truth of such an integer is an OverflowError

    def result():
        one = np.ones(1, dtype)
        x = getattr(np, op)(one, scalar) if order == "array_scalar" else getattr(np, op)(scalar, one)
        close = ulps(x, 4) if op in CLOSE_BINARY or x.dtype.kind == "c" else {}
        return {"result": x.dtype.name, "value": store.reference(x), **close}

    return {"kind": "scalar", "op": op, "array": dtype, "scalar": text, "scalar_type": type(scalar).__name__,
            "order": order}, result


def castable(x, target):
    """x with what C leaves undefined (floats out of an integer's range) set to 1."""
    if x.dtype.kind not in "fc" or target.kind not in "iu":
        return x
    info, part = np.iinfo(target), x.real.astype("f8")
    with np.errstate(invalid="ignore"):
        inside = (part > float(info.min) - 1) & (part < float(info.max)) if target.itemsize < 8 else (
            (part >= float(info.min)) & (part < float(info.max)))
    return np.where(inside, x, 1).astype(x.dtype)


def cast_values(r, store, arrays):
    source, target = np.dtype(r.choice(DTYPES)), np.dtype(r.choice(DTYPES))
    x = castable(random_array(r, source, arrays.shape(r), r.choice(["special", "bits", "plain"])), target)
    return {"kind": "values", "op": "astype", "a": store.reference(x), "dtype": target.name,
            "layout": r.choice(arrays.LAYOUTS)}, lambda: {"result": store.reference(x.astype(target))}


def operand_flavour(r, dtype, exact):
    """Complex results of extreme values depend on the formula; tolerances only fit moderate ones."""
    if np.dtype(dtype).kind == "c":
        return r.choice(["plain", "integral", "limits"])
    return r.choice(["plain", "special", "bits", "integral"])


def ufunc_values(r, store, arrays):
    binary = r.random() < 0.6
    op = r.choice(EXACT_BINARY * 2 + CLOSE_BINARY if binary else EXACT_UNARY + CLOSE_UNARY)
    exact = op in EXACT_BINARY or op in EXACT_UNARY
    shape = [100_003] if r.random() < 0.003 else arrays.shape(r)
    first = r.choice(DTYPES)
    a = random_array(r, first, shape, operand_flavour(r, first, exact))
    case = {"kind": "values", "op": op, "a": store.reference(a), "layout": r.choice(arrays.LAYOUTS)}
    operands = [a]
    if binary:
        second = first if r.random() < 0.7 else r.choice(DTYPES)
        if op == "ldexp":
            second = r.choice(["i1", "i2", "i4", "i8"])
        b = random_array(r, second, arrays.broadcastable(r, shape), operand_flavour(r, second, exact))
        if op == "power" and b.dtype.kind == "i" and r.random() < 0.95:
            b = np.maximum(np.abs(b), b.dtype.type(0))
        case["b"] = store.reference(b)
        operands.append(b)

    def result():
        x = np.asarray(getattr(np, op)(*operands))
        complex_ = any(o.dtype.kind == "c" for o in operands)
        close = ulps(x, 8 if complex_ else 4) if not exact or complex_ else {}
        return {"result": store.reference(x), **close}

    return case, result


def promotion(r, store, answered, arrays):
    kind = r.random()
    if kind < 0.02:
        a, b = r.choice(NAMES), r.choice(NAMES)
        return answered({"kind": "result_type", "a": a, "b": b}, lambda: {"result": np.result_type(a, b).name})
    if kind < 0.04:
        a, b = r.choice(NAMES), r.choice(NAMES)
        return answered({"kind": "can_cast", "a": a, "b": b}, lambda: {
            rule: bool(np.can_cast(a, b, rule)) for rule in ("no", "safe", "same_kind", "unsafe")})
    if kind < 0.12:
        return answered(*promoted(r, None))
    if kind < 0.17:
        return answered(*promoted_unary(r, None))
    if kind < 0.4:
        return answered(*promoted_scalar(r, store))
    if kind < 0.5:
        return answered(*cast_values(r, store, arrays))
    return answered(*ufunc_values(r, store, arrays))


# ---- reductions
SUMS = ("sum", "mean", "nansum", "nanmean", "cumsum", "nancumsum")
PRODUCTS = ("prod", "nanprod", "cumprod", "nancumprod")
MOMENTS = ("var", "std", "nanvar", "nanstd")
EXTREMES = ("max", "min", "nanmax", "nanmin")
PLAIN = ("ptp", "argmax", "argmin", "nanargmax", "nanargmin", "count_nonzero", "median", "nanmedian")
LOGIC = ("any", "all")
REDUCTION_RTOL = {"f2": 5e-3, "f4": 1e-5, "c8": 1e-5}


def reduction_axis(r, op, ndim):
    single = op in ("argmax", "argmin", "nanargmax", "nanargmin", "cumsum", "cumprod", "nancumsum", "nancumprod")
    if r.random() < 0.25:
        return None
    if ndim == 0 or single or r.random() < 0.5:
        return r.choice([ndim, -ndim - 1, 9]) if r.random() < 0.03 else r.randint(-ndim, ndim - 1) if ndim else r.choice([None, 0, -1])
    axes = r.sample(range(ndim), r.randint(0, ndim))
    if axes and r.random() < 0.3:
        axes[0] -= ndim
    if axes and r.random() < 0.03:
        axes.append(axes[0])
    return axes


def reduction_operand(r, op, arrays):
    shape = [100_003] if r.random() < 0.003 else arrays.shape(r)
    dtype = np.dtype(r.choice(DTYPES))
    if op in SUMS:
        flavour = r.choice(["plain", "integral", "limits"]) if dtype.kind in "fc" else r.choice(["plain", "special", "bits"])
    elif op in PRODUCTS or op in MOMENTS:
        flavour = r.choice(["plain", "integral"])
    else:
        flavour = r.choice(["plain", "integral", "special", "bits"])
    if dtype.kind == "c" and flavour in ("special", "bits") and op in EXTREMES + ("ptp", "median", "nanmedian"):
        flavour = "integral"  # which NaN wins, and what becomes of its parts, depends on size and memory order
    x = random_array(r, dtype, shape, flavour)
    if dtype.kind in ("f" if op == "nanmedian" else "fc") and op.startswith("nan") and r.random() < 0.7:
        x[np.random.default_rng(r.getrandbits(32)).random(shape) < r.choice([0.1, 0.9])] = np.nan
    if op in PRODUCTS and (dtype.kind in "fc" or x.size > 15 or r.random() < 0.5):
        x = np.where(np.abs(x) < 0.5, 1, np.where(np.abs(x) > 2, -1, x)).astype(dtype)
    return x, flavour


def reduction_arguments(r, op, x, store, arrays):
    """The arguments as the case tells them and as NumPy takes them."""
    arguments = {"axis": reduction_axis(r, op, x.ndim)}
    given = {"axis": tuple(arguments["axis"]) if isinstance(arguments["axis"], list) else arguments["axis"]}

    def add(key, value, stored=None):
        arguments[key], given[key] = (value if stored is None else stored), value

    scans = op.startswith("cum") or op.startswith("nancum")
    if r.random() < 0.3 and not scans:
        add("keepdims", r.random() < 0.8)
    if op in SUMS + PRODUCTS + MOMENTS and r.random() < 0.25:
        target = r.choice(NAMES)
        floating = np.dtype(target).kind in "fc"
        if floating or (x.dtype.kind in "biu" and op not in MOMENTS and "mean" not in op):
            add("dtype", target)
    if op in MOMENTS and r.random() < 0.5:
        add("ddof", r.choice([0, 1, 2, 0.5, 40]))
    if op in SUMS + PRODUCTS + EXTREMES and not scans and "mean" not in op and r.random() < 0.3:
        add("initial", r.choice([1, 2, -3, 1.5] if op in PRODUCTS else [0, 1, 2, -3, 100, 1.5]))
    if op in SUMS + PRODUCTS + MOMENTS + EXTREMES + LOGIC and not scans and r.random() < 0.3:
        mask = random_array(r, "?", arrays.broadcastable(r, x.shape), "bits")
        add("where", mask, store.reference(mask))
        if op in EXTREMES and "initial" not in given and r.random() < 0.7:
            add("initial", r.choice([0, 5, -7]))
    return arguments, given


def reductions(r, store, answered, arrays):
    op = r.choice(SUMS + PRODUCTS + MOMENTS + EXTREMES * 2 + PLAIN * 2 + LOGIC)
    x, flavour = reduction_operand(r, op, arrays)
    layout = r.choice(arrays.LAYOUTS)
    arguments, given = reduction_arguments(r, op, x, store, arrays)
    case = {"op": op, "a": store.reference(x), "layout": layout, "args": arguments}

    def result():
        answer = np.asarray(getattr(np, op)(arrays.laid_out(x, layout), **given))
        rough = [REDUCTION_RTOL.get(np.dtype(d).str[1:], 1e-12) for d in (x.dtype, answer.dtype, given.get("dtype", answer.dtype))]
        if op in EXTREMES + PLAIN[:6]:
            rough = [1e-300]  # equal, but which zero wins depends on NumPy's vectors
        allowed = {}
        if op in PRODUCTS and answer.dtype.kind == "c" and answer.size:  # the smaller part cancels
            sizes = np.abs(answer)
            allowed["atol"] = float(max(rough) * sizes[np.isfinite(sizes)].max(initial=0))
        if op in MOMENTS and "f2" in (answer.dtype.str[1:], x.dtype.str[1:]):
            rough = [0.05]  # NumPy adds some of them up in float16
        exact = op in LOGIC or answer.dtype.kind not in "fc"
        return {"result": store.reference(answer), "rtol": 0 if exact else max(rough), **allowed}

    return answered(case, result)


# ---- printing
def print_options(r):
    if r.random() < 0.25:
        return {}
    choices = {"precision": [0, 1, 2, 3, 4, 5, 8, 12, 16, 17, 20], "threshold": [0, 1, 5, 6, 10, 100, 1000, 10**6], "edgeitems": [0, 1, 2, 3, 4, 7],
               "linewidth": [1, 5, 10, 20, 30, 40, 60, 75, 76, 80, 120, 300], "suppress": [True, False], "sign": ["-", "+", " "],
               "floatmode": ["fixed", "unique", "maxprec", "maxprec_equal"], "nanstr": ["nan", "NaN", "-", "not a number"],
               "infstr": ["inf", "oo", "infinity"]}
    return {key: r.choice(choices[key]) for key in r.sample(list(choices), r.choice([1, 1, 1, 2, 2, 3, 4, 6, 9]))}


def printed_array(r, arrays):
    shape = arrays.shape(r, limit=r.choice([1, 3, 10, 10, 30, 30, 100, 1500, 3000]), most=7)
    dtype = np.dtype(r.choice(DTYPES + ("f2", "f4", "f8", "f8", "f8", "c8", "c16", "c16")))
    x = random_array(r, dtype, shape, r.choice(["plain", "integral", "special", "bits", "plain"]))
    if dtype.kind in "fc" and r.random() < 0.5:
        scale = 10.0 ** r.choice([-300, -20, -6, -5, -4, -3, 2, 5, 7, 8, 15, 16, 17, 30, 300])
        with np.errstate(all="ignore"):
            x = np.asarray(x * np.dtype(dtype).type(scale)).astype(dtype)
    if dtype.kind in "fc" and r.random() < 0.2:
        x = np.where(np.random.default_rng(r.getrandbits(32)).random(x.shape) < 0.3, r.choice([0, np.nan, np.inf, 1e16, 1e-5, 123456.75]), x).astype(dtype)
    return x
