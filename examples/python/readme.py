# What README.md shows of the Python module: an array and NumPy write into the same memory.
import numpy as np

import tessera as ts

x = ts.reshape(ts.arange(6.0), (2, 3))
np.asarray(x)[0] = 9  # nothing is copied
print(x)
print(ts.mean(x, axis=0))
