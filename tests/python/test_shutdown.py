"""The end of the interpreter, with arrays of ours and of others still alive in every direction."""
import subprocess
import sys

import pytest

PROGRAMS = {
    "ours over NumPy's": "n = np.arange(1000.0); x = ts.asarray(n)[1:]; y = ts.from_dlpack(n)",
    "NumPy's over ours": "x = ts.zeros(1000); n = np.asarray(x); m = np.from_dlpack(x); v = memoryview(x)",
    "a chain": "n = np.asarray(ts.from_dlpack(np.asarray(ts.asarray(np.zeros(1000)))))",
    "capsules": "c = [ts.zeros(3).__dlpack__(), np.zeros(3).__dlpack__(), "
                "ts.asarray(np.zeros(3)).__dlpack__(max_version=(1, 3))]",
    "cycles": "class Box: pass\nb = Box(); b.self = b; b.x = ts.zeros(9); b.n = np.asarray(b.x)\n"
              "b.y = ts.from_dlpack(np.zeros(9))",
    "in builtins": "import builtins\n"
                   "builtins.kept = [ts.asarray(np.zeros(9)), np.asarray(ts.zeros(9)), ts.float32, ts.device('cpu')]",
    "at exit": "import atexit; x = ts.zeros(9); atexit.register(lambda: np.asarray(x + 1).sum())",
    "a thread that still works": "import threading; x = ts.zeros(9)\ndef work():\n  while True: np.asarray(x + 1)\n"
                                 "threading.Thread(target=work, daemon=True).start()",
    "a thread that hears of progress": "import threading; x = ts.zeros((300, 3))\ndef work():\n"
                                       "  while True: ts.cdist(x, x, progress=lambda done, of: None)\n"
                                       "threading.Thread(target=work, daemon=True).start()",
    "PyTorch's over ours": "import torch; t = torch.from_dlpack(ts.asarray(np.zeros(9))); torch.kept = t",
    "ours over PyTorch's": "import torch; x = ts.from_dlpack(torch.zeros(9)); sys.kept = x[1:]",
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_program_ends_quietly(program):
    if "torch" in PROGRAMS[program]:
        pytest.importorskip("torch")
    text = f"import sys, numpy as np, tessera as ts\n{PROGRAMS[program]}\n"
    ended = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=120)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_memory_of_a_python_object_is_let_go_of_by_a_thread_without_the_gil():
    program = """
import ctypes, gc, threading, weakref, numpy as np, tessera as ts
class Managed(ctypes.Structure):  # DLManagedTensor
    _fields_ = [("tensor", ctypes.c_byte * 48), ("context", ctypes.c_void_p), ("deleter", ctypes.c_void_p)]
get = ctypes.pythonapi.PyCapsule_GetPointer
get.restype, get.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
rename = ctypes.pythonapi.PyCapsule_SetName
rename.argtypes = [ctypes.py_object, ctypes.c_char_p]
n = np.arange(9.0)
seen = weakref.ref(n)
capsule = ts.asarray(n).__dlpack__()
tensor = Managed.from_address(get(capsule, b"dltensor"))
used = b"used_dltensor"
rename(capsule, used)
delete = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(tensor.deleter)  # releases the GIL around the call
del n
gc.collect()
assert seen() is not None
worker = threading.Thread(target=delete, args=(ctypes.addressof(tensor),))
worker.start()
worker.join()
gc.collect()
assert seen() is None
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert (ended.returncode, ended.stderr) == (0, "")
