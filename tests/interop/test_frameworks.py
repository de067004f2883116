"""Our arrays in the hands of scikit-learn, pandas, matplotlib, PyTorch, JAX and TensorFlow, and theirs in ours."""
import gc

import numpy as np
import pytest

import tessera as ts


def pointer(x) -> int:
    return x.__array_interface__["data"][0]


# ---- scikit-learn, pandas, matplotlib: through NumPy's view of our memory

def test_linear_regression_of_scikit_learn():
    linear_model = pytest.importorskip("sklearn.linear_model")
    x = ts.reshape(ts.arange(1.0, 6.0), (5, 1))
    y = ts.asarray([2.1, 3.9, 6.2, 7.8, 10.1])
    model = linear_model.LinearRegression().fit(x, y)
    assert (f"{model.coef_[0]:.2f}", f"{model.intercept_:.2f}") == ("1.99", "0.05")
    line = np.polyfit(np.arange(1.0, 6.0), [2.1, 3.9, 6.2, 7.8, 10.1], 1)
    assert np.allclose(model.predict(x), np.polyval(line, np.arange(1.0, 6.0)))


def test_nearest_neighbours_of_scikit_learn_take_distances():
    neighbors = pytest.importorskip("sklearn.neighbors")
    points = ts.asarray([[0.0, 0.0], [1.0, 0.0], [5.0, 5.0], [6.0, 5.0]])
    model = neighbors.KNeighborsClassifier(1).fit(points, ts.asarray([0, 0, 1, 1]))
    assert model.predict(ts.asarray([[0.4, 0.0], [5.4, 5.0]])).tolist() == [0, 1]


def test_a_pandas_series_shares_memory():
    pandas = pytest.importorskip("pandas")
    a = ts.arange(4.0)
    series = pandas.Series(np.asarray(a), copy=False)
    assert np.shares_memory(series.to_numpy(), np.asarray(a))
    a[0] = 99
    assert series.tolist() == [99, 1, 2, 3]


def test_a_pandas_frame_shares_memory():
    pandas = pytest.importorskip("pandas")
    a = ts.reshape(ts.arange(6.0), (3, 2))
    frame = pandas.DataFrame(np.asarray(a), columns=["x", "y"], copy=False)
    a[1, 1] = -1
    assert frame["y"].tolist() == [1, -1, 5]
    assert frame.describe().loc["max"].tolist() == [4, 5]


def test_pandas_takes_arrays_as_columns():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"n": ts.arange(3), "r": ts.asarray([0.5, 1.5, 2.5], dtype=ts.float32)})
    assert frame.dtypes.astype(str).to_dict() == {"n": "int64", "r": "float32"}
    assert frame["r"].sum() == 4.5


def test_columns_of_pandas_come_in_without_a_copy():
    pandas = pytest.importorskip("pandas")
    column = pandas.Series([1.0, 2.0, 3.0]).to_numpy()
    assert pointer(ts.asarray(column)) == column.ctypes.data


def test_matplotlib_plots_arrays():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot
    figure, axes = pyplot.subplots()
    x = ts.linspace(0.0, 1.0, 50)
    line, = axes.plot(x, x * x)
    image = axes.imshow(ts.reshape(ts.arange(6.0), (2, 3)))
    figure.canvas.draw()
    assert np.array_equal(line.get_ydata(), np.linspace(0, 1, 50) ** 2)
    assert np.array_equal(image.get_array(), np.arange(6.0).reshape(2, 3))
    pyplot.close(figure)


# ---- PyTorch

def test_torch_sets_and_the_array_shows_it():
    torch = pytest.importorskip("torch")
    a = ts.zeros(3)
    torch.from_dlpack(a)[0] = 99
    assert a.tolist() == [99, 0, 0]


def test_torch_autograd_over_shared_memory():
    torch = pytest.importorskip("torch")
    a = ts.asarray([1.0, 2.0, 3.0])
    weights = torch.from_dlpack(a).requires_grad_()
    loss = (weights ** 2).sum()
    loss.backward()
    assert ts.from_dlpack(weights.grad).tolist() == [2, 4, 6]
    with torch.no_grad():
        weights -= 0.5 * weights.grad  # a step of gradient descent, in our memory
    assert a.tolist() == [0, 0, 0]


def test_a_tensor_that_needs_gradients_is_refused():
    torch = pytest.importorskip("torch")
    with pytest.raises(BufferError):
        ts.from_dlpack(torch.ones(2, requires_grad=True))


def test_torch_tensors_outlive_arrays_and_the_other_way_round():
    torch = pytest.importorskip("torch")
    a = ts.arange(1000.0)
    tensor = torch.from_dlpack(a)
    del a
    gc.collect()
    assert tensor.sum().item() == 499500
    b = ts.from_dlpack(tensor)
    del tensor
    gc.collect()
    assert b[999] == 999


def test_torch_views_of_one_storage_overlap_in_ours():
    torch = pytest.importorskip("torch")
    tensor = torch.arange(6.0)
    evens, tail = ts.from_dlpack(tensor[::2]), ts.from_dlpack(tensor[2:])
    evens[1] = 50
    assert tail.tolist() == [50, 3, 4, 5] and tensor.tolist() == [0, 1, 50, 3, 4, 5]


# ---- JAX and TensorFlow

def test_jax_computes_on_shared_memory():
    jax = pytest.importorskip("jax")
    a = ts.asarray([[1.0, 2.0], [3.0, 4.0]], dtype=ts.float32)
    x = jax.dlpack.from_dlpack(a)
    assert x.unsafe_buffer_pointer() == pointer(a)
    back = ts.from_dlpack(jax.numpy.linalg.inv(x) @ x)
    assert np.allclose(np.asarray(back), np.eye(2), atol=1e-6)


def test_jax_gradients_as_arrays():
    jax = pytest.importorskip("jax")
    gradient = jax.grad(lambda x: (x ** 3).sum())(jax.dlpack.from_dlpack(ts.asarray([1.0, 2.0], dtype=ts.float32)))
    assert ts.from_dlpack(gradient).tolist() == [3, 12]


def test_tensorflow_both_ways():
    pytest.importorskip("tensorflow")
    import tensorflow as tf
    a = ts.asarray([1.0, 2.0, 3.0], dtype=ts.float32)
    tensor = tf.experimental.dlpack.from_dlpack(a.__dlpack__())
    a[0] = 99
    assert tensor.numpy().tolist() == [99, 2, 3]
    back = ts.from_dlpack(tf.math.cumsum(tensor))
    assert back.tolist() == [99, 101, 104]
