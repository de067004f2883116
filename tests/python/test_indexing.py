"""x[…] and x[…] = …: thousands of random indices against NumPy, errors included."""
import numpy as np
import pytest

import tessera as ts
from conftest import as_numpy, assert_same, values


def random_slice(rng, extent):
    def bound():
        return None if rng.random() < 0.4 else int(rng.integers(-extent - 3, extent + 4))

    step = None if rng.random() < 0.5 else int(rng.choice([-3, -2, -1, 1, 2, 3]))
    return slice(bound(), bound(), step)


def random_basic(rng, shape):
    """A tuple of integers, slices, None and at most one ellipsis; now and then out of bounds or too long."""
    count = int(rng.integers(0, len(shape) + 1 + (rng.random() < 0.05)))
    index = []
    for axis in range(count):
        extent = shape[axis] if axis < len(shape) else 3
        if rng.random() < 0.45:
            slack = 2 if rng.random() < 0.05 else 0
            index.append(int(rng.integers(-extent - slack, extent + slack)) if extent + slack else 0)
        else:
            index.append(random_slice(rng, extent))
    if rng.random() < 0.3:
        index.insert(int(rng.integers(0, len(index) + 1)), Ellipsis)
    for _ in range(int(rng.integers(0, 3)) if rng.random() < 0.3 else 0):
        index.insert(int(rng.integers(0, len(index) + 1)), None)
    return tuple(index)


def random_advanced(rng, shape):
    """As random_basic, with one to three index arrays, lists or masks in places."""
    index, axis = [], 0
    common = tuple(rng.integers(1, 4, int(rng.integers(0, 3))))
    while axis < len(shape):
        extent, dice = shape[axis], rng.random()
        if dice < 0.35 and extent:
            slack = 2 if rng.random() < 0.03 else 0
            picked = rng.integers(-extent - slack, extent + slack, common)
            index.append(picked.tolist() if rng.random() < 0.3 else picked)
        elif dice < 0.45:
            index.append(rng.random(extent) < 0.5)
        elif dice < 0.5 and axis + 1 < len(shape):
            index.append(rng.random(shape[axis:axis + 2]) < 0.5)
            axis += 1
        elif dice < 0.65 and extent:
            index.append(int(rng.integers(-extent, extent)))
        else:
            index.append(random_slice(rng, extent))
        axis += 1
        if rng.random() < 0.3:
            break
    if rng.random() < 0.2:
        index.insert(int(rng.integers(0, len(index) + 1)), None)
    if rng.random() < 0.2:
        index.insert(int(rng.integers(0, len(index) + 1)), Ellipsis)
    if rng.random() < 0.05:
        index.insert(int(rng.integers(0, len(index) + 1)), bool(rng.random() < 0.5))
    return index[0] if len(index) == 1 and rng.random() < 0.5 else tuple(index)


def ours(index):
    """The same index with arrays of ours in place of NumPy's."""
    if isinstance(index, np.ndarray):
        return ts.asarray(index.copy())
    return tuple(ours(i) for i in index) if isinstance(index, tuple) else index


def outcome(f):
    """f's result, or the type of its exception."""
    try:
        return f()
    except (IndexError, ValueError, TypeError) as error:
        return type(error)


def random_shape(rng):
    return tuple(int(n) for n in rng.choice([0, 1, 2, 3, 4, 5], int(rng.integers(1, 5)), p=[.03, .17, .2, .2, .2, .2]))


@pytest.mark.parametrize("make", [random_basic, random_advanced])
@pytest.mark.parametrize("seed", range(20))
def test_reading_gives_what_numpy_gives(make, seed):
    rng = np.random.default_rng(seed)
    for _ in range(200):
        shape = random_shape(rng)
        expected_source = values(rng, shape, "int64")
        x = ts.asarray(expected_source.copy())
        index = make(rng, shape)
        expected = outcome(lambda: expected_source[index])
        for variant in (index, ours(index)):
            result = outcome(lambda: x[variant])
            if isinstance(expected, type):
                assert result is expected, (shape, index)
            else:
                assert not isinstance(result, type), (shape, index, result)
                assert_same(result, expected, (shape, index))


@pytest.mark.parametrize("make", [random_basic, random_advanced])
@pytest.mark.parametrize("seed", range(20))
def test_writing_changes_what_numpy_changes(make, seed):
    rng = np.random.default_rng(seed)
    for _ in range(200):
        shape = random_shape(rng)
        expected = values(rng, shape, "float64")
        x = ts.asarray(expected.copy())
        index = make(rng, shape)
        target = outcome(lambda: expected[index])
        if isinstance(target, type):
            assert outcome(lambda: x.__setitem__(index, 1)) is target, (shape, index)
            continue
        new = values(rng, np.shape(target), "float64") if rng.random() < 0.7 else 7
        expected[index] = new
        x[ours(index)] = new
        np.testing.assert_array_equal(as_numpy(x), expected, err_msg=str((shape, index)))


@pytest.mark.parametrize("index", [np.s_[1], np.s_[..., 2], np.s_[::-1], np.s_[1:, None, ::2], np.s_[...],
                                   np.s_[1, ...]])
def test_basic_indices_give_views_that_write_through(index):
    expected = np.arange(12.0).reshape(3, 4)
    x = ts.asarray(expected.copy())
    view = x[index]
    view[...] = -1
    expected[index] = -1
    np.testing.assert_array_equal(as_numpy(x), expected)


def test_integers_for_all_axes_give_an_element_of_its_own():
    x = ts.asarray([1, 2, 3])
    x[0], x[2] = x[2], x[0]
    assert x.tolist() == [3, 2, 1]
    assert x[0].shape == () and x[0].base is None
    x[...][0] = 9
    assert x.tolist() == [9, 2, 1]


@pytest.mark.parametrize("index", [[0, 2], ts.asarray([True, False, True]), [True, False, True]])
def test_index_arrays_give_copies(index):
    x = ts.asarray([1, 2, 3])
    picked = x[index]
    picked[...] = 0
    assert x.tolist() == [1, 2, 3]
    x[index] += 10
    assert x.tolist() == [11, 2, 13]


@pytest.mark.parametrize("index, error, text", [
    (4, IndexError, "index: 4 is out of bounds for axis 0 with extent 3"),
    ((0, 0, 0), IndexError, "index: too many indices for an array of shape (3, 2): 3"),
    ((..., ...), IndexError, "index: more than one ellipsis"),
    (1.5, IndexError,
     "index: expected integers, slices, None, ..., or arrays of integers or bool, not a float"),
    ("a", IndexError,
     "index: expected integers, slices, None, ..., or arrays of integers or bool, not a str"),
    ([1.5], IndexError, "index: arrays used as indices must be integers or bool, not float64"),
    (slice(None, None, 0), ValueError, "slice step cannot be zero"),
    (2**70, IndexError, "cannot fit 'int' into an index-sized integer"),
    ([0, 3], IndexError, "index: 3 is out of bounds for axis 0 with extent 3"),
    ([True, False], IndexError, None),
])
def test_wrong_indices_say_what_is_wrong(index, error, text):
    x = ts.zeros((3, 2))
    for access in (lambda: x[index], lambda: x.__setitem__(index, 1)):
        with pytest.raises(error) as caught:
            access()
        assert type(caught.value) is error
        assert text is None or str(caught.value) == text
    with pytest.raises(error):
        np.zeros((3, 2))[index]
    assert x.tolist() == [[0, 0]] * 3


def test_deleting_elements_is_refused():
    x = ts.zeros(3)
    with pytest.raises(ValueError, match="^index: elements of an array cannot be deleted$"):
        del x[0]


@pytest.mark.parametrize("dtype, value, error", [
    ("int8", 300, OverflowError), ("int8", [1, 300, 2], OverflowError), ("uint8", -1, OverflowError),
    ("int64", 2**70, OverflowError), ("int32", float("nan"), ValueError), ("float64", 1j, TypeError),
    ("int16", [1, 2], ValueError), ("float32", "abc", (ValueError, TypeError)), ("float64", None, TypeError),
])
def test_values_that_do_not_fit_are_refused_and_nothing_is_written(dtype, value, error):
    x = ts.zeros(3, dtype=dtype)
    with pytest.raises(error):
        x[:] = value
    assert x.tolist() == [0, 0, 0]


def test_read_only_arrays_are_not_written():
    x = ts.zeros(3).readonly()
    for index in (0, slice(None), [0], [True, False, True]):
        with pytest.raises(ValueError, match="read-only"):
            x[index] = 1
    with pytest.raises(ValueError, match="read-only"):
        x += 1


def test_iteration_walks_the_first_axis():
    x = ts.asarray(np.arange(6).reshape(3, 2))
    assert [row.tolist() for row in x] == [[0, 1], [2, 3], [4, 5]]
    assert [type(i) for i in ts.asarray([1, 2])] == [ts.array] * 2
    for row in x:
        row[0] = 9
    assert x.tolist() == [[9, 1], [9, 3], [9, 5]]
    with pytest.raises(TypeError):
        iter(ts.asarray(1))
    assert 9 in x and 8 not in x and "a" not in x and None not in x
