// Masks and index arrays on a device that read: against the host's results, for every kind of layout; operands in different
// places; errors.
#include "cuda/device_operands.hpp"

#include <cmath>

namespace {

using namespace tessera;
using namespace tessera_test;

class picking_on_gpu : public indexing_on_gpu {};
class masks_on_gpu : public indexing_on_gpu {};
class index_errors_on_gpu : public indexing_on_gpu {};

// ---- reading

TEST_F(picking_on_gpu, moves_every_dtype_aligned_or_not) {
  for (const dtype& type : all_dtypes) {
    for (const bool shifted : {false, true}) {
      const auto source = [&](const move_to& on, const shape& extents) {
        const array x = on(numbers(extents, type));
        return shifted ? misaligned(x) : x;
      };
      const std::string what = std::string(type.name()) + (shifted ? " misaligned" : "");
      expect_same(what + " elements", [&](const move_to& on) { return source(on, {300})[on(positions({77}, 300))]; });
      expect_same(what + " rows", [&](const move_to& on) { return source(on, {20, 13})[on(positions({30}, 20))]; });
      expect_same(what + " aligned rows", [&](const move_to& on) {
        return source(on, {20, 16})[on(positions({30}, 20))];
      });
    }
  }
}

TEST_F(picking_on_gpu, reads_any_strides) {
  const std::function<array(const array&)> layouts[] = {
      [](const array& x) { return x; },
      [](const array& x) { return x.T(); },
      [](const array& x) { return array(x(slice(none, none, -1), ellipsis, slice(none, none, -2))); },
      [](const array& x) { return broadcast_to(array(x(0)), x.shape()); },
      [](const array& x) { return broadcast_to(array(x(slice(0, 1), slice(0, 1))), x.shape()); },
      [](const array& x) { return array(x(slice(1, none, 3), slice(none, 5))); },
  };
  int number = 0;
  for (const auto& layout : layouts) {
    for (const dtype& type : one_of_each_size) {
      expect_same("layout " + std::to_string(number) + " " + type.name(), [&](const move_to& on) {
        const array x = layout(on(numbers({9, 8, 7}, type)));
        return x(on(positions({4, 1}, x.shape()[0])), all, on(positions({3}, x.shape()[2])));
      });
    }
    ++number;
  }
}

TEST_F(picking_on_gpu, takes_several_arrays_with_slices_between) {
  const auto x = [](const move_to& on) { return on(numbers({6, 7, 8, 5})); };
  const auto i = [](const move_to& on, const shape& extents, std::int64_t extent) {
    return on(positions(extents, extent));
  };
  expect_same("first", [&](const move_to& on) { return x(on)[i(on, {3, 4}, 6)]; });
  expect_same("two", [&](const move_to& on) { return x(on)(i(on, {4}, 6), i(on, {3, 1}, 7)); });
  expect_same("all", [&](const move_to& on) {
    return x(on)(i(on, {4}, 6), i(on, {3, 1}, 7), i(on, {2, 1, 1}, 8), i(on, {1, 4}, 5));
  });
  expect_same("last", [&](const move_to& on) { return x(on)(ellipsis, i(on, {9}, 5)); });
  expect_same("apart", [&](const move_to& on) { return x(on)(i(on, {4}, 6), all, i(on, {3, 1}, 8)); });
  expect_same("with integers", [&](const move_to& on) { return x(on)(2, all, i(on, {3}, 8), -1); });
  expect_same("with newaxis", [&](const move_to& on) { return x(on)(all, newaxis, i(on, {3}, 7), slice(1, 7, 3)); });
  expect_same("backwards", [&](const move_to& on) { return x(on)(i(on, {3}, 6), slice(none, none, -1)); });
  expect_same("0-d", [&](const move_to& on) { return x(on)(on(full({}, 3, int64)), i(on, {3}, 7)); });
  expect_same("small integers", [&](const move_to& on) { return x(on)[on(positions({5}, 6).astype(int8))]; });
  expect_same("none", [&](const move_to& on) { return x(on)[on(zeros({0, 2}, int64))]; });
  expect_same("of none", [&](const move_to& on) { return on(zeros({4, 0}))[on(positions({3}, 4))]; });
}

TEST_F(picking_on_gpu, works_along_an_axis) {
  const auto x = [](const move_to& on) { return on(numbers({6, 7, 8})); };
  for (int axis = 0; axis < 3; ++axis) {
    const std::int64_t extent = numbers({6, 7, 8}).shape()[axis];
    expect_same("take", [&](const move_to& on) { return take(x(on), on(positions({2, 5}, extent)), axis); });
    expect_same("wrap",
                [&](const move_to& on) { return take(x(on), on(numbers({11}, int64)), axis, take_mode::wrap); });
    expect_same("clip",
                [&](const move_to& on) { return take(x(on), on(numbers({11}, int64)), axis, take_mode::clip); });
    expect_same("compress", [&](const move_to& on) {
      return compress(on(array{true, false, true, true}), x(on), axis);
    });
    expect_same("take_along_axis", [&](const move_to& on) {
      shape extents{6, 7, 8};
      extents[axis] = 3;
      return take_along_axis(x(on), on(positions(extents, extent)), axis);
    });
  }
  expect_same("flat", [&](const move_to& on) { return take(x(on), on(positions({20}, 336))); });
  expect_same("flat of a transposed array",
              [&](const move_to& on) { return take(x(on).T(), on(positions({20}, 336))); });
  expect_same("extract", [&](const move_to& on) { return extract(x(on) > 5, x(on)); });
}

TEST_F(picking_on_gpu, by_so_many_arrays_that_parameters_lie_in_memory) {
  constexpr int axes = 11, more = 33;  // of extent 2, and of extent 1
  shape extents = shape::filled(axes, 2);
  while (extents.size() < axes + more) extents.push_back(1);
  const auto indices = [&](const move_to& on) {
    std::vector<any_index> all;
    for (int axis = 0; axis < axes + more; ++axis) {
      shape own = shape::filled(axes, 1);
      if (axis < axes) own[axis] = 2;
      all.push_back(any_index(operand(on(reshape(axis < axes ? array{1, 0} : array{0}, own))).recipe()));
    }
    return all;
  };
  expect_same("read and written", [&](const move_to& on) {
    const std::vector<any_index> all = indices(on);
    array x = on(numbers(extents)).copy();
    const array read = x.select_at(all);
    x.select_at(all) = read * 2;
    add_at(x, all, read);
    return x;
  });
  expect_same("where", [&](const move_to& on) { return argwhere(on(numbers(extents))); });
}

TEST_F(picking_on_gpu, of_more_than_a_block) {
  expect_same("elements",
              [](const move_to& on) { return on(numbers({40000}, float32))[on(positions({30001}, 40000))]; });
  expect_same("rows", [](const move_to& on) { return on(numbers({500, 33}, float64))[on(positions({300}, 500))]; });
}

// ---- masks

TEST_F(masks_on_gpu, find_what_is_not_zero_of_every_dtype) {
  for (const dtype& type : all_dtypes) {
    for (const bool shifted : {false, true}) {
      const auto source = [&](const move_to& on, const shape& extents) {
        const array x = on(numbers(extents, type));
        return shifted ? misaligned(x) : x;
      };
      expect_same(type.name(), [&](const move_to& on) { return flatnonzero(source(on, {5, 333})); });
      expect_same(type.name(), [&](const move_to& on) {
        return argwhere(source(on, {7, 11, 13})(all, slice(none, none, -1)));
      });
    }
  }
  for (const dtype& type : {float16, bfloat16, float32, float64, complex64, complex128}) {
    expect_same("-0 and NaN", [&](const move_to& on) {
      return flatnonzero(on(array{0.0, -0.0, 1.0, std::nan(""), -0.0, 1e-7, 0.0}.astype(type)));
    });
  }
}

TEST_F(masks_on_gpu, of_sizes_around_blocks) {
  for (const std::int64_t n : {1, 2, 15, 16, 17, 255, 256, 257, 4095, 4096, 16385, 70001}) {
    expect_same(std::to_string(n), [&](const move_to& on) { return flatnonzero(on(numbers({n}) > 3)); });
    expect_same(std::to_string(n), [&](const move_to& on) { return flatnonzero(on(numbers({n})) > 100); });
    expect_same(std::to_string(n), [&](const move_to& on) { return flatnonzero(on(numbers({n})) < 100); });
  }
}

TEST_F(masks_on_gpu, pick_and_count) {
  const auto x = [](const move_to& on) { return on(numbers({6, 7, 8})); };
  expect_same("whole", [&](const move_to& on) { return x(on)[x(on) > 4]; });
  expect_same("transposed", [&](const move_to& on) { return x(on).T()[x(on).T() > 4]; });
  expect_same("whole, another layout", [&](const move_to& on) { return x(on).T()[array(x(on) > 4).T().copy()]; });
  expect_same("rows", [&](const move_to& on) { return x(on)[x(on)(all, 0, 0) > 4]; });
  expect_same("two axes", [&](const move_to& on) { return x(on)[x(on)(ellipsis, 0) > 4]; });
  expect_same("two axes at the end", [&](const move_to& on) { return x(on)(all, x(on)(0) > 4); });
  expect_same("with an index array", [&](const move_to& on) {
    return x(on)(on(array{true, false, true, true, false, false}), on(array{1, 0, -1}));
  });
  expect_same("none of it", [&](const move_to& on) { return x(on)[x(on) > 1000]; });
  expect_same("0-d", [&](const move_to& on) { return x(on)[on(full({}, true, bool_))]; });
  expect_same("of none", [&](const move_to& on) { return on(zeros({0, 3}))[on(zeros({0}, bool_))]; });
  EXPECT_EQ(count_nonzero(numbers({100}).to(cuda()) > 4).item<int>(), count_nonzero(numbers({100}) > 4).item<int>());
}

TEST_F(masks_on_gpu, assign) {
  const auto changed = [](const move_to& on, const std::function<void(array&)>& change) {
    array x = on(numbers({6, 7, 8}).copy());
    change(x);
    return x;
  };
  const auto same = [&](const char* what, const std::function<void(array&, const move_to&)>& change) {
    expect_same(what, [&](const move_to& on) { return changed(on, [&](array& x) { change(x, on); }); });
  };
  same("a number", [](array& x, const move_to&) { x[x > 4] = -1; });
  same("values", [](array& x, const move_to& on) {
    const array mask = x > 4;
    x[mask] = on(arange(count_nonzero(mask).item<int>(), {.device = cpu()}));
  });
  same("values of another dtype", [](array& x, const move_to&) { x[x > 4] = array(x[x > 4]) * 0.5; });
  same("rows", [](array& x, const move_to& on) { x[x(all, 0, 0) > 4] = on(numbers({7, 8})); });
  same("the other axes", [](array& x, const move_to& on) { x(all, x(0) > 4) = on(numbers({6, 1})); });
  same("in place", [](array& x, const move_to&) { x[x > 4] += 100; });
  same("in place, rows", [](array& x, const move_to& on) { x[x(all, 0, 0) > 4] *= on(numbers({8})); });
  same("a view", [](array& x, const move_to&) { x(slice(1, 3))[x(slice(1, 3)) % 2 == 1] *= 10; });
  same("nothing", [](array& x, const move_to&) { x[x > 1000] = 5; });
  same("by where", [](array& x, const move_to&) { x = where(x > 4, x, -x); });
}

// ---- operands in different places

class mixed_indices_on_gpu : public indexing_on_gpu {};

TEST_F(mixed_indices_on_gpu, those_on_the_host_pick_from_a_device) {
  const array host = numbers({6, 7}), there = host.to(cuda()), rows = array{4, -1, 0}, mask = array(host > 4);
  expect_bits(there[rows], host[rows], "index array");
  expect_bits(there(all, rows), host(all, rows), "index array of the second axis");
  expect_bits(there[mask], host[mask], "mask");
  expect_bits(there[mask(all, 0)], host[mask(all, 0)], "mask of rows");
  expect_bits(take(there, rows, 1), take(host, rows, 1), "take");
  expect_bits(take(there, 3), take(host, 3), "take a number");
  expect_bits(compress(mask(0), there, 1), compress(mask(0), host, 1), "compress");
  expect_bits(extract(mask, there), extract(mask, host), "extract");
  expect_bits(repeat(there, array{1, 0, 2, 1, 1, 3}, 0), repeat(host, array{1, 0, 2, 1, 1, 3}, 0), "repeat");
  array x = there.copy(), y = host.copy();
  const auto change = [&](array& z) {
    z[mask] = -1;
    z[rows] += 5;
    z(all, rows) = full({}, 8, int32);  // a 0-d array on the host
    add_at(z, rows, 3);
    put(z, array{1, -2}, 9);
  };
  change(x);
  change(y);
  expect_bits(x, y, "changed");
}

TEST_F(mixed_indices_on_gpu, others_name_both_devices) {
  array host = numbers({6, 7}), there = host.to(cuda());
  const array before = host.copy(), i = array{4, -1, 0};
  const char* const index = "index: operands on cpu and cuda:0; to() copies from one device to another";
  EXPECT_EQ(message_of<device_error>([&] { array y = host[i.to(cuda())]; }), index);
  EXPECT_EQ(message_of<device_error>([&] { array y = host[array(there > 4)]; }), index);
  EXPECT_EQ(message_of<device_error>([&] { take(host, i.to(cuda())); }), index);
  EXPECT_EQ(message_of<device_error>([&] { host[i.to(cuda())] = 1; }), index);
  EXPECT_EQ(message_of<device_error>([&] { add_at(host, i.to(cuda()), 1); }), index);
  EXPECT_EQ(message_of<device_error>([&] { host[array(there > 4)] = 1; }), index);
  EXPECT_EQ(message_of<device_error>([&] { host[i] = there[i]; }), index);
  EXPECT_EQ(message_of<device_error>([&] { there[i] = host[i]; }),
            "index: operands on cuda:0 and cpu; to() copies from one device to another");
  EXPECT_EQ(message_of<device_error>([&] { add_at(host, i, there[i]); }),
            "add_at: operands on cpu and cuda:0; to() copies from one device to another");
  EXPECT_TRUE(bool(array_equal(host, before)));
  expect_bits(there, before, "untouched");
}

TEST_F(mixed_indices_on_gpu, host_arrays_stay_there_where_new_ones_are_made_on_a_device) {
  const array x = numbers({6, 7});
  const device_scope on(cuda());
  for (const array& y : {pad(x, 2, {.mode = pad_mode::wrap}), take(x, 3), repeat(x, 2, 0), roll(x, 2)})
    EXPECT_EQ(y.device(), cpu());
}

// ---- errors

TEST_F(index_errors_on_gpu, of_positions_elsewhere_know_the_line) {
  const array here = numbers({4}), there = positions({2}, 4).to(cuda());
  const int line = __LINE__ + 2;
  try {
    (void)array(here(there));
    FAIL() << "no error";
  } catch (const device_error& e) {
    EXPECT_EQ(static_cast<int>(e.where().line()), line);
  }
}

TEST_F(index_errors_on_gpu, name_index_axis_and_extent_and_change_nothing) {
  array x = numbers({4, 5}).to(cuda());
  const array before = x.copy();
  const array bad = array{0, 9, -7}.to(cuda());
  EXPECT_EQ(message_of<index_error>([&] { array y = x[bad]; }), "index: 9 is out of bounds for axis 0 with extent 4");
  EXPECT_EQ(message_of<index_error>([&] {
              array y = x(all, array{1, -6}.to(cuda()));
            }),
            "index: -6 is out of bounds for axis 1 with extent 5");
  EXPECT_EQ(message_of<index_error>([&] { x[bad] = 1; }), "index: 9 is out of bounds for axis 0 with extent 4");
  EXPECT_EQ(message_of<index_error>([&] { add_at(x, bad, 1); }), "index: 9 is out of bounds for axis 0 with extent 4");
  EXPECT_EQ(message_of<index_error>([&] { x[bad] += 1; }), "index: 9 is out of bounds for axis 0 with extent 4");
  EXPECT_EQ(message_of<index_error>([&] {
              take(x, array{{1}, {20}}.to(cuda()));
            }),
            "take: 20 is out of bounds for axis 0 with extent 20");
  EXPECT_EQ(message_of<index_error>([&] {
              put(x, array{1, -21}.to(cuda()), 5);
            }),
            "put: -21 is out of bounds for axis 0 with extent 20");
  EXPECT_EQ(message_of<index_error>([&] {
              put_along_axis(x, array{{1}, {7}}.to(cuda()), 5, 0);
            }),
            "put_along_axis: 7 is out of bounds for axis 0 with extent 4");
  EXPECT_EQ(message_of<index_error>([&] {
              compress(array{false, false, false, false, true}.to(cuda()), x, 0);
            }),
            "compress: 4 is out of bounds for axis 0 with extent 4");
  // Of many bad ones the first, whichever thread finds one first.
  array many = zeros({20000}, {.dtype = int64, .device = cuda()});
  many(slice(12345, none)) = 50;
  many(12345) = 49;
  EXPECT_EQ(message_of<index_error>([&] { array y = x[many]; }), "index: 49 is out of bounds for axis 0 with extent 4");
  expect_bits(x, before.to(cpu()), "untouched");
  EXPECT_EQ(message_of<index_error>([&] {
              array y = x[array{true, false}.to(cuda())];
            }),
            "index: mask of shape (2,) does not match an array of shape (4, 5): axis 0 has extents 2 and 4");
}

}  // namespace
