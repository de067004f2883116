# What docs/python.md shows of tables: records, their fields, texts and times, memory shared with NumPy.
import numpy as np

import tessera as ts

trades = ts.array([("ACME", 187.5, 300), ("Bolt", 92.25, 1200), ("ACME", 189.0, 150)],
                  dtype=[("name", "U8"), ("price", "f8"), ("volume", "i8")])

trades["price"] *= 2                                  # a field is a view
print(trades[trades["name"] == "ACME"])
print(ts.sort(trades, order=["volume", "name"])["volume"].tolist(), trades[1].item())
print(ts.where(trades["price"] > 200, "sell", "hold").tolist(), ts.strings.lower(trades["name"]).tolist())

shared = np.asarray(trades)                           # the same memory
shared["volume"][0] = 0
print(trades["volume"].tolist(), repr(trades.dtype))
