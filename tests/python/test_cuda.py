"""Arrays on a GPU in Python: where they are, what of theirs crosses and what does not."""
import copy
import pickle

import numpy as np
import pytest

import tessera as ts

pytestmark = pytest.mark.skipif(not any(b["name"] == "cuda" and b["available"] for b in ts.backends()),
                                reason="there is no GPU")


@pytest.fixture
def x():
    return ts.arange(6.0, device="cuda").reshape(2, 3)


class Producer:
    """Exports an array and keeps what it was asked."""

    def __init__(self, x):
        self.x, self.calls = x, []

    def __dlpack_device__(self):
        return self.x.__dlpack_device__()

    def __dlpack__(self, **arguments):
        self.calls.append(arguments)
        return self.x.__dlpack__(**arguments)


def test_computes_where_it_is(x):
    for y in (x + 1, x[1:], x[[1, 0]], x[x > 3], x + [1, 2, 3], x @ x.T, copy.copy(x), pickle.loads(pickle.dumps(x))):
        assert y.device == "cuda:0"
    x[0] = [7, 8, 9]
    x[1, [0, 2]] = 1
    assert x.tolist() == [[7, 8, 9], [1, 4, 1]]
    assert float(x[0, 0]) == 7 and x.item(0, 1) == 8 and bool(x[0, 0]) and 9 in x
    assert str(x) == str(x.to("cpu")) and x.to("cpu").device == "cpu"


def test_is_not_shared_with_the_host(x):
    with pytest.raises(TypeError) as caught:
        np.asarray(x)
    assert str(caught.value) == '__array__: the elements are on cuda:0, not on the host; copy them with .to("cpu")'
    with pytest.raises(BufferError) as caught:
        memoryview(x)
    assert str(caught.value) == 'buffer: the elements are on cuda:0; copy them with .to("cpu")'
    assert not hasattr(x, "__array_interface__")
    with pytest.raises(ts.DeviceError):
        x + np.ones(3)
    assert np.from_dlpack(x.to("cpu")).tolist() == x.tolist()


def test_crosses_by_dlpack_on_our_stream(x):
    assert x.__dlpack_device__() == (2, 0)
    producer = Producer(x)
    y = ts.from_dlpack(producer)
    y[0] = 9
    assert x[0].tolist() == [9, 9, 9] and y.device == "cuda:0"
    (call,) = producer.calls
    assert call["max_version"] == (1, 3) and call["stream"] > 2 and set(call) == {"max_version", "stream"}
    for stream in (None, 1, 2, -1):
        assert ts.from_dlpack(x.__dlpack__(stream=stream)).tolist() == x.tolist()
    with pytest.raises(BufferError, match="stream 0 is not defined"):
        x.__dlpack__(stream=0)


def test_is_copied_to_the_host_by_its_producer(x):
    producer = Producer(x)
    assert ts.from_dlpack(producer, device="cpu").device == "cpu"
    assert producer.calls == [{"max_version": (1, 3), "dl_device": (1, 0)}]
    assert ts.from_dlpack(x, device="cpu").tolist() == x.tolist()
    assert ts.from_dlpack(np.arange(3), device="cuda").device == "cuda:0"
    with pytest.raises(BufferError):
        ts.from_dlpack(np.arange(3), device="cuda", copy=False)


def test_cuda_array_interface_says_where_the_elements_are_and_when(x):
    interface = x.__cuda_array_interface__
    assert interface["shape"] == (2, 3) and interface["typestr"] == "<f8" and interface["version"] == 3
    assert interface["strides"] is None and interface["stream"] > 2 and interface["data"][1] is False
    assert x.T.__cuda_array_interface__["strides"] == (8, 24)
    assert x[1].__cuda_array_interface__["data"][0] == interface["data"][0] + 24


def test_default_device_is_where_lists_go():
    with ts.device_scope("cuda"):
        assert ts.asarray([1, 2]).device == "cuda:0" and ts.zeros(2).device == "cuda:0"
        assert ts.asarray(np.ones(2)).device == "cpu"  # other libraries' memory stays where it is
    assert ts.zeros(2).device == "cpu"


def test_distances_are_computed_where_the_rows_are():
    rng = np.random.default_rng(3)
    x, y = rng.random((20, 3)), rng.random((30, 3))
    on = [ts.asarray(rows, copy=True, device="cuda") for rows in (x, y)]
    full = np.sqrt(((x[:, None] - y[None]) ** 2).sum(2))
    order = np.argsort(full, axis=1, kind="stable")
    found, within, devices = ts.nearest(*on, 3), ts.radius_neighbors(*on, 0.4), []
    results = {
        "cdist": (ts.cdist(*on), full),
        "weights": (ts.cdist(*on, "cityblock", w=[1, 2, 0]), (np.abs(x[:, None] - y[None]) * [1, 2, 0]).sum(2)),
        "indices": (found.indices, order[:, :3]),
        "distances": (found.distances, np.take_along_axis(full, order[:, :3], 1)),
        "within": (within.indices, np.nonzero(full <= 0.4)[1]),
        "least": (ts.pairwise_reduce(*on, "euclidean", "min"), full.min(1)),
    }
    for name, (result, expected) in results.items():
        assert result.device == "cuda:0", name
        np.testing.assert_allclose(np.asarray(result.to("cpu")), expected, rtol=1e-13, err_msg=name)
    ts.for_each_row_block(*on, "euclidean", lambda first, block: devices.append(block.device))
    assert devices == ["cuda:0"]
    with pytest.raises(ts.DeviceError):
        ts.cdist(on[0], y)
