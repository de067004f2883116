"""Objects that lie, change while they are read or do not end: errors as NumPy's, never a crash."""
import subprocess
import sys

import numpy as np
import pytest

import tessera as ts


class Spoiler:
    """An array by __array__ that changes the list it lies in when it is asked for the n-th time."""

    def __init__(self, change, when=1, elements=1.0):
        self.change, self.when, self.elements, self.asked = change, when, elements, 0

    def __array__(self, dtype=None, copy=None):
        self.asked += 1
        if self.asked == self.when:
            self.change()
        return np.array(self.elements)


@pytest.mark.parametrize("entries", [0, 3, 1000])
@pytest.mark.parametrize("when", [1, 2])
def test_lists_that_shrink_while_they_are_read(entries, when):
    wrong = []
    wrong += [Spoiler(wrong.clear, when)] + [float(i) for i in range(entries)]
    if entries == 0 and when == 2:
        assert ts.asarray(wrong).tolist() == [1.0]  # it was read by then
        return
    with pytest.raises(ValueError, match="^array: the list changed while it was read$"):
        ts.asarray(wrong)


def test_lists_that_grow_while_they_are_read():
    wrong = []
    wrong.append(Spoiler(lambda: wrong.append(1.0), when=2))
    with pytest.raises(ValueError, match="^array: the list changed while it was read$"):
        ts.asarray(wrong)


def test_lists_that_become_their_own_entry_while_they_are_read():
    wrong = []
    wrong.append(Spoiler(lambda: wrong.append(wrong), when=2))
    with pytest.raises(ValueError, match="^array: the list changed while it was read$"):
        ts.asarray(wrong)


def test_array_methods_without_end():
    class Endless:
        def __array__(self, dtype=None, copy=None):
            return self

    for use in (ts.asarray, lambda x: ts.ones(3) + x, lambda x: ts.ones(3)[x], lambda x: ts.asarray([x])):
        with pytest.raises(RecursionError):
            use(Endless())


@pytest.mark.parametrize("scalar", [np.datetime64(1, "s"), np.timedelta64(2, "D"), np.str_("abc"), np.bytes_(b"abc"),
                                    np.array([(1, "x")], "i4, U3")[0], np.void(b"abc")], ids=repr)
def test_scalars_of_numpy_are_what_they_say(scalar):
    found = ts.asarray(scalar)
    assert found.dtype == scalar.dtype and found.shape == ()
    assert found.item() == scalar.item()
    assert ts.asarray(np.zeros(8, np.uint8)).shape == (8,)


@pytest.mark.parametrize("index", [np.int64(1), np.uint8(1), np.int8(-1)])
def test_integers_of_numpy_index_like_pythons(index):
    x = ts.zeros((3, 2))
    x[index][...] = 5  # a view
    assert x[index].tolist() == [5, 5] and x.sum().item() == 10
    element = x[index, np.int64(0)]
    x[...] = 0
    assert element.item() == 5  # an element of its own
    assert x[np.int64(0), 1:].base is not None


def test_a_subclass_of_tuple_is_an_index_of_several_axes():
    class Pair(tuple):
        pass

    assert ts.asarray([[1, 2], [3, 4]])[Pair((1, 0))].item() == 3


@pytest.mark.parametrize("dtype", ["int8", "int64", "uint64", "float32", "float64"])
@pytest.mark.parametrize("huge", [2**64, -2**63 - 1, 10**30, -10**30])
def test_integers_beyond_64_bits_compare_and_divide(dtype, huge):
    n = np.array([0, 1, 2, np.iinfo(dtype).max if np.dtype(dtype).kind in "iu" else 1], dtype)
    x = ts.asarray(n)
    for name in ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__truediv__"):
        assert getattr(x, name)(huge).tolist() == getattr(n, name)(huge).tolist(), name
    assert (huge in x) is (huge in n)
    if np.dtype(dtype).kind != "f":
        with pytest.raises(OverflowError):
            x + huge


@pytest.mark.parametrize("text", ["a", b"a"])
def test_texts_are_no_numbers(text):
    x = ts.asarray(3)
    for operation in (lambda: x + text, lambda: text + x, lambda: x / text, lambda: text - x):
        with pytest.raises(TypeError, match="^(add|divide|subtract): not supported for dtypes "):
            operation()
    assert (x == text).item() is False and (x != text).item() is True


def test_products_in_place_have_two_axes_on_the_right():
    x = ts.ones(3)
    few = r"matmul: in place the array needs at least one axis and the other operand two; shapes are \(3,\) and \(3,\)$"
    with pytest.raises(ValueError, match=few):
        x @= x
    with pytest.raises(ValueError, match=r"^matmul: in place the result of shape \(1,\) is not of the array's \(3,\)$"):
        x @= ts.ones((3, 1))
    assert x.tolist() == [1, 1, 1]
    x @= 2 * ts.eye(3)
    assert x.tolist() == [2, 2, 2]


def test_shapes_are_sequences_of_integers():
    assert ts.zeros(np.array([2, 3])).shape == ts.zeros(ts.asarray([2, 3])).shape == (2, 3)
    for wrong in ({2, 3}, {2: 3}, iter([2, 3]), 1.5, "2", np.array([2.0]), object()):
        with pytest.raises(TypeError):
            ts.zeros(wrong)


@pytest.mark.parametrize("copy", [0, 1, np.True_, np.False_, None, True, False])
def test_copy_is_whatever_is_true_or_false(copy):
    n = np.arange(3.0)
    for x in (ts.asarray(n, copy=copy), ts.from_dlpack(n, copy=copy), ts.from_dlpack(ts.asarray(n), copy=copy)):
        assert np.shares_memory(np.asarray(x), n) == (not copy)
    with pytest.raises(ValueError, match="^copy: expected True, False or None, not a text$"):
        ts.asarray(n, copy="no")


def test_large_integers_become_floats_where_floats_are_asked_for():
    assert ts.asarray(10**30, dtype="float64").item() == 1e30
    with pytest.raises(OverflowError):
        ts.asarray(10**30)


def test_subinterpreters_are_refused():
    """And leave the main interpreter's module as it was."""
    interpreters = pytest.importorskip("_xxsubinterpreters")
    del interpreters
    program = """
import _xxsubinterpreters as interpreters
import tessera as ts
x = ts.ones(2)
other = interpreters.create()
try:
    interpreters.run_string(other, "import tessera")
except Exception as refused:
    print(refused)
interpreters.destroy(other)
print((x + 1).tolist(), ts.zeros(1).dtype)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "tessera works in the main interpreter only, not in subinterpreters" in done.stdout
    assert done.stdout.endswith("[2.0, 2.0] float64\n")


def test_lists_of_no_numbers_are_no_indices():
    x = ts.ones((2, 3))
    for empty in ((), [], range(0)):
        assert x[0, empty].shape == (0,)
    assert x[0, range(2)].shape == (2,)
    for wrong in (["a"], [None], [object()], ["a", 1], (0, ["a"])):
        with pytest.raises(IndexError, match="^index: expected integers, slices, None, ..., or arrays of integers"):
            x[wrong]
