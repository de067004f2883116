# What docs/python.md shows of the Python module: arrays, views, functions, memory shared with NumPy.
import numpy as np

import tessera as ts

points = ts.reshape(ts.arange(12.0), (4, 3))
distances = ts.sqrt(ts.sum((points[:, None] - points[None]) ** 2, axis=2))
print(distances)

points[:2] = 0                                # a view writes through
far = points[ts.norm(points, axis=1) > 10]    # a mask copies
print(ts.mean(far, axis=0), far.shape, repr(far.dtype))

shared = np.asarray(points)                   # the same memory
shared[3, 2] = 99
print(points[3].tolist(), np.shares_memory(shared, np.asarray(points)))

ts.multiply(points, 2, out=points, where=points > 50)
print(ts.max(points), ts.sort(points[3], descending=True))

rng = ts.random.default_rng(42)
print(rng.integers(1, 7, size=(2, 8)))


def standardized(x):                          # written for the Array API standard: takes arrays of any library
    xp = x.__array_namespace__()
    return (x - xp.mean(x, axis=0)) / xp.std(x, axis=0)


print(standardized(ts.asarray([[1.0, 10.0], [3.0, 30.0]])))
