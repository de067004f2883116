"""The reader and the producer of raw structs against NumPy: what they say of others can be relied upon."""
import numpy as np
import pytest

import raw_dlpack
from raw_dlpack import LegacyOnly, Producer


def test_reads_a_versioned_capsule():
    x = np.arange(12, dtype=np.int16).reshape(3, 4)[:, ::2]
    seen = raw_dlpack.read(x.__dlpack__(max_version=(1, 3)))
    assert seen == raw_dlpack.Seen(version=(1, 0), flags=0, pointer=x.ctypes.data, device=(1, 0), dtype=(0, 16, 1),
                                   shape=(3, 2), strides=(4, 2))


def test_reads_a_legacy_capsule():
    x = np.ones(3, dtype=np.complex128)
    seen = raw_dlpack.read(x.__dlpack__())
    assert (seen.version, seen.pointer, seen.dtype, seen.shape) == (None, x.ctypes.data, (5, 128, 1), (3,))


def test_reads_the_flags():
    x = np.zeros(2)
    x.flags.writeable = False
    assert raw_dlpack.read(x.__dlpack__(max_version=(1, 3))).flags == raw_dlpack.READ_ONLY
    assert raw_dlpack.read(x.__dlpack__(max_version=(1, 3), copy=True)).flags == raw_dlpack.IS_COPIED


@pytest.mark.parametrize("versioned", [True, False])
def test_produces_what_numpy_takes_and_deletes_once(versioned):
    producer = Producer(versioned=versioned)
    x = np.from_dlpack(producer)
    assert x.tolist() == [[0, 1, 2], [3, 4, 5]]
    producer.numbers[1] = 7
    assert x[0, 1] == 7
    view = x[0]
    del x
    assert producer.deleted == 0
    del view
    assert producer.deleted == 1


def test_a_struct_numpy_refuses_is_not_deleted():
    producer = Producer(lanes=4)
    with pytest.raises(RuntimeError):
        np.from_dlpack(producer)
    assert producer.deleted == 0


def test_legacy_only_asks_for_no_version():
    assert raw_dlpack.capsule_name(LegacyOnly(np.zeros(1)).__dlpack__()) == "dltensor"
