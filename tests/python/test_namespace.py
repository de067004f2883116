"""What stands around the functions: limits of dtypes, inspection, random numbers, text, files, errors."""
import json
import math
import pickle

import numpy as np
import pytest

import tessera as ts
from conftest import DTYPES, FLOATS, INTEGERS, as_numpy

# ---- dtypes


@pytest.mark.parametrize("name", INTEGERS)
def test_iinfo_is_numpys(name):
    ours, expected = ts.iinfo(name), np.iinfo(name)
    assert (ours.bits, ours.min, ours.max) == (expected.bits, expected.min, expected.max)
    assert ours.dtype == getattr(ts, name)
    assert ts.iinfo(ts.ones(2, dtype=name)).max == expected.max


@pytest.mark.parametrize("name", FLOATS + ["complex64", "complex128"])
def test_finfo_is_numpys(name):
    ours, expected = ts.finfo(name), np.finfo(name)
    for attribute in ("bits", "eps", "epsneg", "iexp", "machep", "max", "maxexp", "min", "minexp", "negep", "nexp",
                      "nmant", "precision", "resolution", "smallest_normal", "smallest_subnormal", "tiny"):
        value = getattr(expected, attribute)
        found = getattr(ours, attribute)
        assert type(value)(found) == value if attribute == "resolution" else found == value, attribute
    assert ours.dtype == expected.dtype
    assert isinstance(ours.max, float)


def test_finfo_of_bfloat16_is_ml_dtypes():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    ours, expected = ts.finfo(ts.bfloat16), ml_dtypes.finfo(ml_dtypes.bfloat16)
    for attribute in ("bits", "eps", "max", "min", "smallest_normal", "smallest_subnormal", "nmant"):
        assert getattr(ours, attribute) == float(getattr(expected, attribute)), attribute


def test_limits_refuse_other_kinds():
    with pytest.raises(ValueError, match=r"^iinfo: expected an integer dtype, not float32$"):
        ts.iinfo("f4")
    with pytest.raises(ValueError, match=r"^finfo: expected a floating dtype, not bool$"):
        ts.finfo(ts.bool)
    assert repr(ts.iinfo("i1")) == "iinfo(min=-128, max=127, dtype=int8)"


KINDS = ["bool", "signed integer", "unsigned integer", "integral", "real floating", "complex floating", "numeric"]


@pytest.mark.parametrize("name", DTYPES)
def test_isdtype_is_numpys(name):
    for kind in KINDS:
        assert ts.isdtype(getattr(ts, name), kind) == np.isdtype(np.dtype(name), kind), kind
    assert ts.isdtype(ts.dtype(name), ("bool", "integral")) == np.isdtype(np.dtype(name), ("bool", "integral"))
    assert ts.isdtype(ts.dtype(name), ts.dtype(name))
    with pytest.raises(ValueError, match=r"^isdtype: expected one of 'bool', .*, not 'kind'$"):
        ts.isdtype(ts.dtype(name), "kind")


def test_can_cast_and_result_type_of_all_pairs_are_numpys():
    for a in DTYPES:
        for b in DTYPES:
            assert ts.result_type(a, b) == np.result_type(a, b), (a, b)
            for rule in ("no", "equiv", "safe", "same_kind", "unsafe"):
                assert ts.can_cast(a, b, rule) == np.can_cast(a, b, rule), (a, b, rule)
        for number in (True, 1, 1.0, 1j):
            assert ts.result_type(a, number) == np.result_type(np.dtype(a), number), (a, number)
    with pytest.raises(TypeError, match=r"^can_cast: expected an array or a dtype, not a Python number$"):
        ts.can_cast(1, "i4")
    with pytest.raises(ValueError, match=r"^result_type: expected at least one array, dtype or number$"):
        ts.result_type()


# ---- the namespace itself


def test_the_namespace_is_that_of_its_arrays():
    assert ts.ones(1).__array_namespace__() is ts
    assert ts.__array_api_version__ == "2025.12"
    assert (ts.pi, ts.e, ts.inf, ts.newaxis) == (math.pi, math.e, math.inf, None)
    assert math.isnan(ts.nan)
    assert ts.bool_ is ts.bool
    assert isinstance(ts.ones(1), ts.array) and isinstance(ts.ones(1).flags, ts.flags)
    assert isinstance(ts.random.default_rng(1), ts.random.Generator)
    assert issubclass(ts.AxisError, (ValueError, IndexError)) and issubclass(ts.DeviceError, RuntimeError)


def test_the_standards_inspection():
    info = ts.__array_namespace_info__()
    assert info.capabilities() == {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 64}
    assert info.default_device() == ts.default_device()
    assert info.devices() == tuple(ts.devices())
    assert info.default_dtypes()["real floating"] == ts.float64
    assert list(info.dtypes(kind="unsigned integer")) == ["uint8", "uint16", "uint32", "uint64"]
    assert set(info.dtypes(device="cpu")) == set(DTYPES) - {"float16"}


# ---- devices, memory, threads


def test_creation_takes_a_device():
    cpu = ts.device("cpu")
    for made in (ts.zeros(2, device="cpu"), ts.arange(3, device=cpu), ts.eye(2, device=cpu), ts.full(2, 1, device=cpu),
                 ts.linspace(0, 1, 2, device=cpu), ts.zeros_like([1], device=cpu), ts.asarray([1], device=cpu),
                 ts.random.default_rng(1).random(2, device=cpu), ts.astype(ts.ones(1), "f4", device=cpu)):
        assert made.device == cpu


def test_memory_is_counted_and_limited():
    before = ts.memory_stats()
    kept = ts.ones((512, 1024))
    assert ts.memory_stats()["bytes_in_use"] >= before["bytes_in_use"] + kept.nbytes
    limit = ts.set_memory_limit(1 << 40)
    assert ts.memory_stats()["memory_limit"] == 1 << 40
    assert ts.set_memory_limit(limit) == 1 << 40
    cache = ts.set_cache_limit(0)
    ts.release_cached_memory("cpu")
    assert ts.memory_stats("cpu")["bytes_cached"] == 0 or ts.memory_stats()["cache_limit"] == 0
    ts.set_cache_limit(cache)
    del kept
    ts.reset_peak_memory()
    assert ts.memory_stats()["peak_bytes_in_use"] < before["peak_bytes_in_use"] + (1 << 22)


def test_threads_and_backends():
    count = ts.num_threads()
    ts.set_num_threads(1)
    assert ts.num_threads() == 1
    ts.set_num_threads(count)
    with pytest.raises(ValueError):
        ts.set_num_threads(0)
    assert ts.backends()[0]["name"] == "cpu" and ts.backends()[0]["available"]
    assert ts.device_properties("cpu")["processors"] >= 1


def test_config_has_the_sections_of_numpys(capsys):
    config = ts.show_config(mode="dicts")
    assert set(config) == set(np.show_config(mode="dicts")) - {"Python Information"}
    assert set(config["SIMD Extensions"]["usable"]) <= set(config["SIMD Extensions"]["compiled"])
    assert config["SIMD Extensions"]["in use"] == config["SIMD Extensions"]["usable"][0]
    assert "LAPACK" in config["Build Dependencies"]
    assert ts.show_config() is None
    assert json.loads(capsys.readouterr().out) == config
    with pytest.raises(ValueError, match="mode must be 'stdout' or 'dicts', not 'yaml'"):
        ts.show_config(mode="yaml")
    assert ts.__version__.count(".") == 2


def test_streams_of_the_host_are_the_calling_thread():
    stream = ts.stream("cpu")
    with stream:
        x = ts.ones(3) + 1
    point = stream.record()
    stream.wait_for(point)
    point.wait()
    stream.synchronize()
    ts.synchronize("cpu")
    assert isinstance(point, ts.event) and point.done() and stream.handle == 0
    assert stream.device == point.device == ts.device("cpu")
    assert x.tolist() == [2, 2, 2]


@pytest.mark.parametrize("scope", [ts.stream("cpu"), ts.device_scope("cpu")], ids=["stream", "device"])
def test_only_what_was_entered_is_left(scope):
    with scope, scope:
        pass
    with pytest.raises(ValueError, match="^__exit__: nothing was entered$"):
        scope.__exit__(None, None, None)


def test_default_device_of_thread_and_process():
    before = ts.set_default_device("cpu")
    with ts.device_scope("cpu"):
        assert ts.default_device() == ts.device("cpu")
    ts.set_default_device(before)


# ---- files and text


def test_files_are_numpys(tmp_path):
    for name in DTYPES:
        path = tmp_path / f"{name}.npy"
        x = ts.astype(ts.reshape(ts.arange(6), (2, 3)), name)
        ts.save(path, x)
        np.testing.assert_array_equal(np.load(path), as_numpy(x))
        np.save(path, as_numpy(x).T)
        assert ts.load(str(path)).tolist() == x.T.tolist()
        assert not ts.load(path, mmap_mode="r").flags.writeable
        mapped = ts.load(path, mmap_mode="c", device="cpu")
        mapped[0, 0] = 1
        assert ts.load(path).tolist() == x.T.tolist()
    with pytest.raises(ValueError, match=r"^load: mmap_mode: expected one of 'r', 'c', 'r\+', not 'w'$"):
        ts.load(path, mmap_mode="w")
    with pytest.raises(OSError, match="missing.npy"):
        ts.load(tmp_path / "missing.npy")


def test_raw_files_are_numpys(tmp_path):
    path = tmp_path / "raw"
    for name in DTYPES:
        x = ts.astype(ts.reshape(ts.arange(6), (2, 3)), name)
        expected = as_numpy(x)
        x.T.tofile(path)
        assert path.read_bytes() == expected.T.tobytes()
        assert x.T.tobytes() == expected.T.tobytes() and x.T.tobytes("A") == expected.T.tobytes("A")
        for options in ({}, {"count": 4}, {"count": 99}, {"offset": 2 * expected.itemsize, "count": 2}):
            found = ts.fromfile(path, name, **options)
            np.testing.assert_array_equal(as_numpy(found), np.fromfile(path, expected.dtype, **options))
    with pytest.raises(OSError, match="missing: cannot be opened"):
        ts.fromfile(tmp_path / "missing")


def test_memory_maps_are_numpys(tmp_path):
    path = tmp_path / "raw"
    path.write_bytes(bytes(range(25)))
    for options in ({}, {"offset": 1, "dtype": "i4"}, {"offset": 1, "shape": (2, 3), "dtype": "i2", "order": "F"}):
        for mode in "rc":
            found, expected = ts.memmap(path, mode=mode, **options), np.memmap(path, mode=mode, **options)
            np.testing.assert_array_equal(as_numpy(found), expected)
            assert found.flags.writeable == expected.flags.writeable and found.strides == expected.strides
    ts.memmap(path, "u1", shape=(2, 20))[1, 0] = 255
    assert path.read_bytes() == bytes(range(20)) + bytes([255, 21, 22, 23, 24]) + bytes(15)
    ts.memmap(path, "u1", "w+", shape=3)[0] = 7
    assert path.read_bytes() == bytes([7, 0, 0])
    with pytest.raises(ValueError, match="^memmap: mode: expected one of 'r', 'c', 'r\\+', 'w\\+', not 'x'$"):
        ts.memmap(path, mode="x")


def test_buffers_are_seen_as_numpy_does():
    memory = bytearray(range(20))
    for options in ({}, {"count": 2}, {"count": 2, "offset": 3}, {"offset": 20}, {"count": 0}):
        found, expected = ts.frombuffer(memory, "i4", **options), np.frombuffer(memory, "i4", **options)
        np.testing.assert_array_equal(as_numpy(found), expected)
        assert found.flags.writeable == expected.flags.writeable
    ts.frombuffer(memory, "u1")[0] = 9
    assert memory[0] == 9
    assert not ts.frombuffer(bytes(8), "f8").flags.writeable
    for options in ({"offset": 1}, {"offset": -1}, {"offset": 21}, {"count": 6}, {"count": 5, "offset": 1}):
        with pytest.raises(ValueError):
            np.frombuffer(memory, "i4", **options)
        with pytest.raises(ValueError, match="^frombuffer: "):
            ts.frombuffer(memory, "i4", **options)


def test_printing_options_are_numpys():
    x = [1 / 3, 1e-9, -2.5e10, math.nan]
    for options in ({"precision": 3}, {"suppress": True}, {"sign": "+"}, {"floatmode": "fixed"}, {"nanstr": "nothing"},
                    {"linewidth": 20}, {"threshold": 2, "edgeitems": 1}, {"infstr": "x", "precision": 1}):
        with ts.printoptions(**options) as now, np.printoptions(**options):
            assert str(ts.asarray(x)) == str(np.asarray(x)), options
            assert {name: now[name] for name in options} == options
        assert ts.array2string(x, **options) == _with_options(x, options)
    assert ts.get_printoptions()["precision"] == 8
    ts.set_printoptions(precision=2)
    assert str(ts.asarray(x[:1])) == "[0.33]" and ts.array_repr(x[:1], precision=4) == "array([0.3333])"
    ts.set_printoptions(precision=8)
    with pytest.raises(TypeError, match=r"^set_printoptions: there is no option 'width'$"):
        ts.set_printoptions(width=3)


def _with_options(x, options) -> str:
    with np.printoptions(**options):
        return str(np.asarray(x))


# ---- random numbers


def test_random_numbers_repeat_and_go_on():
    rng = ts.random.Generator(42, stream=3)
    first = rng.random((2, 3)).tolist()
    assert rng.state == (42, 3, 3)
    again = ts.random.Generator(*rng.state)
    assert pickle.loads(pickle.dumps(rng)) == again == rng
    assert rng.random(4).tolist() == again.random(4).tolist()
    assert ts.random.Generator(42, stream=3).random((2, 3)).tolist() == first
    assert ts.random.Generator(42, stream=3).jump(3) == ts.random.Generator(42, 3, 3)
    assert ts.random.default_rng(rng) is rng
    assert ts.random.default_rng().state != ts.random.default_rng().state
    assert repr(rng) == f"Generator(seed=42, stream=3, counter={rng.state[2]})"


def test_random_numbers_have_the_distribution_asked_for():
    rng = ts.random.default_rng(7)
    for x, mean, deviation in ((rng.random(20_000), 0.5, 12**-0.5),
                               (rng.uniform(-1, 3, 20_000, dtype="f4"), 1, 4 * 12**-0.5),
                               (rng.standard_normal(20_000), 0, 1), (rng.normal(10, 2, size=(100, 200)), 10, 2)):
        assert abs(float(ts.mean(x)) - mean) < 5 * deviation / 20_000**0.5
        assert abs(float(ts.std(x)) / deviation - 1) < 0.05
    assert rng.random().shape == () and rng.uniform(size=3, dtype="f4").dtype == ts.float32
    integers = rng.integers(3, 6, 1000, dtype="u1")
    assert integers.dtype == ts.uint8 and sorted(set(integers.tolist())) == [3, 4, 5]
    assert set(rng.integers(2, size=100).tolist()) == {0, 1}
    assert set(rng.integers(0, 2, 100, endpoint=True).tolist()) == {0, 1, 2}
    assert rng.integers(2**64 - 1, 2**64 - 1, dtype="u8", endpoint=True).item() == 2**64 - 1


# Parameters, mean and variance of each distribution.
DISTRIBUTIONS = [
    ("standard_exponential", (), 1, 1), ("exponential", (2,), 2, 4), ("standard_gamma", (3,), 3, 3),
    ("gamma", (3, 2), 6, 12), ("beta", (2, 3), 0.4, 0.04), ("chisquare", (4,), 4, 8), ("f", (5, 12), 1.2, 1.08),
    ("standard_t", (6,), 0, 1.5), ("lognormal", (0, 0.5), math.exp(0.125), (math.exp(0.25) - 1) * math.exp(0.25)),
    ("laplace", (1, 2), 1, 8), ("logistic", (1, 2), 1, 4 * math.pi**2 / 3),
    ("gumbel", (0, 1), 0.5772156649, math.pi**2 / 6),
    ("weibull", (2,), math.gamma(1.5), 1 - math.gamma(1.5) ** 2), ("pareto", (5,), 0.25, 5 / 48),
    ("power", (3,), 0.75, 0.0375),
    ("rayleigh", (2,), 2 * math.sqrt(math.pi / 2), 4 * (2 - math.pi / 2)), ("wald", (2, 3), 2, 8 / 3),
    ("triangular", (0, 1, 3), 4 / 3, 7 / 18), ("poisson", (4.5,), 4.5, 4.5), ("geometric", (0.25,), 4, 12),
    ("binomial", (20, 0.3), 6, 4.2), ("negative_binomial", (5, 0.5), 5, 10),
    ("hypergeometric", (10, 20, 6), 2, 1.10345),
    ("logseries", (0.5,), 1.4427, 0.80402), ("vonmises", (0.5, 4), 0.5, 0.29823),
]


@pytest.mark.parametrize("name, parameters, mean, variance", DISTRIBUTIONS, ids=[row[0] for row in DISTRIBUTIONS])
def test_distributions_have_their_moments_under_numpys_names(name, parameters, mean, variance):
    draw = getattr(ts.random.default_rng(11), name)
    x = draw(*parameters, size=40_000)
    assert x.shape == (40_000,) and x.dtype == getattr(np.random.default_rng(1), name)(*parameters, size=2).dtype
    assert abs(float(ts.mean(x)) - mean) < 5 * (variance / 40_000) ** 0.5
    assert abs(float(ts.var(x)) / variance - 1) < 0.15
    if parameters:  # arrays of parameters broadcast
        assert draw(*(ts.full((3, 1), p) for p in parameters), size=(3, 4)).shape == (3, 4)
        assert draw(*(ts.full((3, 1), p) for p in parameters)).shape == (3, 1)
    assert draw(*parameters).shape == ()


def test_zipf_is_numpys():
    x = ts.random.default_rng(4).zipf(2.5, size=40_000)
    assert x.dtype == ts.int64 and ts.min(x) == 1
    assert abs(float(ts.mean(x == 1)) - 1 / 1.341487257) < 0.012  # the zeta function at 2.5


def test_vectors_are_drawn_along_a_last_axis():
    rng = ts.random.default_rng(3)
    counts = rng.multinomial(10, [0.2, 0.3, 0.5], size=2000)
    assert counts.shape == (2000, 3) and counts.dtype == ts.int64 and set(ts.sum(counts, axis=1).tolist()) == {10}
    np.testing.assert_allclose(ts.mean(counts, axis=0).tolist(), [2, 3, 5], atol=0.2)
    shares = rng.dirichlet([1, 2, 3], size=2000)
    np.testing.assert_allclose(ts.sum(shares, axis=1).tolist(), 1)
    np.testing.assert_allclose(ts.mean(shares, axis=0).tolist(), [1 / 6, 1 / 3, 1 / 2], atol=0.02)
    vectors = rng.multivariate_normal([1, 2], [[2, 1], [1, 3]], size=20_000)
    np.testing.assert_allclose(np.cov(as_numpy(vectors).T), [[2, 1], [1, 3]], atol=0.2)


def test_members_are_chosen():
    rng = ts.random.default_rng(9)
    assert sorted(rng.choice(5, size=5, replace=False).tolist()) == [0, 1, 2, 3, 4]
    assert set(rng.choice([7, 8, 9], size=(20, 3), p=[0.5, 0, 0.5]).ravel().tolist()) == {7, 9}
    assert rng.choice(ts.eye(3), 4, axis=1).shape == (3, 4) and rng.choice(3).shape == ()
    with pytest.raises(ValueError):
        rng.choice(3, 4, replace=False)
    rows = ts.reshape(ts.arange(40), (4, 10))
    assert ts.sort(rng.permuted(rows, axis=1), axis=1).tolist() == rows.tolist() != rng.permuted(rows, axis=1).tolist()
    assert sorted(rng.permuted(rows).ravel().tolist()) == list(range(40))


def test_permutations_keep_what_they_move():
    rng = ts.random.default_rng(5)
    assert sorted(rng.permutation(10).tolist()) == list(range(10))
    x = ts.reshape(ts.arange(40), (10, 4))
    moved = rng.permutation(x)
    assert moved.tolist() != x.tolist() and sorted(moved.tolist()) == x.tolist()
    assert ts.sort(rng.permutation(x, axis=1), axis=1).tolist() == x.tolist()
    shuffled = ts.asarray(x, copy=True)
    rng.shuffle(shuffled)
    assert sorted(shuffled.tolist()) == x.tolist()


# ---- errors, word for word


ERRORS = [
    (lambda: ts.add(ts.ones((3, 4)), ts.ones((3, 5))), ValueError,
     "add: shapes (3, 4) and (3, 5) do not broadcast: axis 1 has extents 4 and 5"),
    (lambda: ts.sum(ts.ones((3, 4)), axis=2), ts.AxisError, "sum: axis 2 is out of bounds for an array with 2 axes"),
    (lambda: ts.add(ts.ones(2), 1, where=[True, False]), ValueError,
     "where: needs out: elements that are not chosen would be undefined"),
    (lambda: ts.add(ts.ones(2), 1, out=[0, 0]), TypeError, "out: expected a tessera.array"),
    (lambda: ts.var([1.0], correction=1, ddof=1), ValueError,
     "var: ddof is NumPy's older name of correction: expected one of them"),
    (lambda: ts.cumulative_sum(ts.ones((2, 3))), ValueError,
     "cumulative_sum: needs an axis for an array of shape (2, 3)"),
    (lambda: ts.reshape(ts.ones((2, 3)).T, 6, copy=False), ValueError,
     "reshape: shape (6,) of an array of shape (3, 2) with strides (8, 24) needs a copy, which copy=False forbids"),
    (lambda: ts.concat(3), TypeError, "concat: expected a list or tuple of arrays"),
    (lambda: ts.pad([1, 2], [[1, 2, 3]]), ValueError,
     "pad: widths of shape (1, 3): expected a number, (before, after), or a pair for each axis"),
    (lambda: ts.pad([1, 2], 1, "mirror"), ValueError,
     "pad: mode: expected one of 'constant', 'edge', 'reflect', 'symmetric', 'wrap', 'linear_ramp', 'maximum', "
     "'minimum', 'mean', 'median', 'empty', not 'mirror'"),
    (lambda: ts.put([1, 2], 0, 1), TypeError, "put: expected a tessera.array to write to"),
    (lambda: ts.matmul(ts.ones((2, 3)), ts.ones((2, 3))), ValueError,
     "matmul: inner extents differ: (2, 3) and (2, 3): 3 against 2"),
    (lambda: ts.tensordot(ts.ones((2, 3)), ts.ones((2, 3)), axes=1), ValueError,
     "tensordot: shapes (2, 3) and (2, 3): axis 1 of x has extent 3, axis 0 of y 2"),
    (lambda: ts.tensordot(ts.ones(2), ts.ones(2), axes=2), ValueError,
     "tensordot: 2 axes to sum over of shapes (2,) and (2,)"),
    (lambda: ts.tensordot(ts.ones(2), ts.ones(2), axes=[[0], [1]]), ts.AxisError,
     "tensordot: axis 1 is out of bounds for an array with 1 axis"),
    (lambda: ts.vecdot(ts.ones((2, 3)), ts.ones(2)), ValueError,
     "vecdot: shapes (2, 3) and (2,): axis -1 has extents 3 and 2"),
    (lambda: ts.nan_to_num([1.0], posinf=1.0), ValueError, "nan_to_num: expected both posinf and neginf, or neither"),
    (lambda: ts.random.Generator(1).integers(3, 2**70), OverflowError, "integers: a bound does not fit into 64 bits"),
    (lambda: ts.random.Generator(1).shuffle([1]), TypeError, "shuffle: expected a tessera.array"),
]


@pytest.mark.parametrize("call, kind, text", ERRORS, ids=[text.split(":")[0] for _, _, text in ERRORS])
def test_errors_word_for_word(call, kind, text):
    with pytest.raises(kind) as caught:
        call()
    assert str(caught.value) == text


def test_a_failed_call_writes_nothing():
    target = ts.zeros((2, 3))
    with pytest.raises(ValueError):
        ts.add(ts.ones((2, 3)), ts.ones(4), out=target)
    with pytest.raises(IndexError):
        ts.put(target, [0, 99], 5)
    with pytest.raises(TypeError):
        ts.copyto(target, 1j)
    assert not ts.any(target)


def test_views_are_views_and_copies_are_copies():
    x = ts.reshape(ts.arange(12), (3, 4))
    for view in (ts.reshape(x, 12), ts.ravel(x), ts.permute_dims(x, (1, 0)), ts.flip(x), ts.squeeze(x[:1]),
                 ts.diagonal(x), ts.broadcast_to(x, (2, 3, 4)), *ts.split(x, 3), *ts.unstack(x), ts.real(x),
                 ts.einsum("ij->ji", x), ts.astype(x, "i8", copy=False), ts.matrix_transpose(x), ts.expand_dims(x, 0)):
        assert ts.shares_memory(view, x)
    for copy in (ts.reshape(x, 12, copy=True), ts.astype(x, "i8"), ts.sort(x), ts.clip(x), ts.concat([x]),
                 ts.tile(x, 1)):
        assert not ts.may_share_memory(copy, x)
    with pytest.raises(ValueError):
        ts.broadcast_to(x, (2, 3, 4))[0] = 1
