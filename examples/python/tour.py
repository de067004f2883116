"""Tessera's arrays handed to NumPy, PyTorch, scikit-learn, pandas, JAX and TensorFlow and back."""
import importlib.util
import os

import numpy as np

import tessera as ts

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def numpy_sees_the_same_memory():
    a = ts.reshape(ts.arange(6.0), (2, 3))
    view = np.asarray(a[:, ::-1])  # strides, negative ones too
    view[0, 0] = 99
    print(a)
    ours = ts.from_dlpack(np.linspace(0, 1, 5))
    print(ours, ours.dtype)


def torch_writes_and_the_array_shows_it():
    import torch
    a = ts.zeros(4)
    tensor = torch.from_dlpack(a)
    tensor[0] = 99
    print(a)
    weights = torch.from_dlpack(ts.asarray([1.0, 2.0, 3.0])).requires_grad_()
    (weights ** 2).sum().backward()
    print(ts.from_dlpack(weights.grad))


def scikit_learn_fits_a_line():
    from sklearn.linear_model import LinearRegression
    x = ts.reshape(ts.arange(1.0, 6.0), (5, 1))
    y = ts.asarray([2.1, 3.9, 6.2, 7.8, 10.1])
    model = LinearRegression().fit(x, y)
    print(f"slope {model.coef_[0]:.2f}, intercept {model.intercept_:.2f}")


def pandas_shows_a_frame():
    import pandas
    a = ts.reshape(ts.arange(6.0), (3, 2))
    frame = pandas.DataFrame(np.asarray(a), columns=["x", "y"], copy=False)
    a[0, 0] = 99
    print(frame)


def jax_differentiates():
    import jax
    a = ts.asarray([1.0, 2.0, 3.0], dtype=ts.float32)
    print(ts.from_dlpack(jax.grad(lambda x: (x ** 3).sum())(jax.dlpack.from_dlpack(a))))


def tensorflow_sums():
    import tensorflow as tf
    a = ts.asarray([1.0, 2.0, 3.0], dtype=ts.float32)
    print(ts.from_dlpack(tf.math.cumsum(tf.experimental.dlpack.from_dlpack(a.__dlpack__()))))


for module, show in (("numpy", numpy_sees_the_same_memory), ("torch", torch_writes_and_the_array_shows_it),
                     ("sklearn", scikit_learn_fits_a_line), ("pandas", pandas_shows_a_frame),
                     ("jax", jax_differentiates), ("tensorflow", tensorflow_sums)):
    print(f"-- {module}")
    if importlib.util.find_spec(module):
        show()
    else:
        print("not installed")
