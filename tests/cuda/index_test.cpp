// Masks and index arrays on a device: against the host's results, for every kind of layout; errors; what they launch and copy.
#include "cuda/device.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "array_values.hpp"

namespace {

using namespace tessera;
using tessera_test::message_of;

class indexing_on_gpu : public on_gpu {};
class picking_on_gpu : public indexing_on_gpu {};
class placing_on_gpu : public indexing_on_gpu {};
class masks_on_gpu : public indexing_on_gpu {};
class index_errors_on_gpu : public indexing_on_gpu {};

constexpr dtype all_dtypes[] = {bool_,  int8,    int16,    int32,   int64,   uint8,     uint16,    uint32,
                                uint64, float16, bfloat16, float32, float64, complex64, complex128};
constexpr dtype one_of_each_size[] = {int8, float16, float32, int64, complex128};

/// Numbers that look random, some of them zero: on the host.
array numbers(const shape& extents, const dtype& type = int32) {
  std::int64_t n = 1;
  for (const std::int64_t extent : extents) n *= extent;
  const array order = arange(0, n, 1, {.dtype = int64, .device = cpu()});
  return reshape(array(remainder(order * 7919 + floor_divide(order, 3), 61) - 20).astype(type), extents);
}
/// Positions within an extent, also negative ones, with duplicates.
array positions(const shape& extents, std::int64_t extent) {
  return remainder(numbers(extents, int64) * 5 + 3, 2 * extent) - extent;
}

/// The same elements one byte past an aligned address, on the same device.
array misaligned(const array& x) {
  array bytes = zeros({x.size() * x.itemsize() + 1}, {.dtype = uint8, .device = x.device()});
  array moved = reshape(array(bytes(slice(1, none))).view(x.dtype()), x.shape());
  moved(ellipsis) = x;
  return moved;
}

using place = std::function<array(const array&)>;
using work = std::function<array(const place&)>;

void expect_bits(const array& there, const array& here, const std::string& what) {
  SCOPED_TRACE(what);
  ASSERT_EQ(there.device(), cuda());
  ASSERT_EQ(there.dtype(), here.dtype());
  ASSERT_EQ(there.shape(), here.shape());
  const array a = there.to(cpu()).copy(), b = here.copy();
  ASSERT_EQ(std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size() * a.itemsize())), 0)
      << str(a, {.threshold = 40}) << "\nnot\n"
      << str(b, {.threshold = 40});
}
/// `f` makes its operands by on(array of the host); the result on the device has the bits of that on the host.
void expect_same(const std::string& what, const work& f) {
  const array here = f([](const array& x) { return x; });
  expect_bits(f([](const array& x) { return x.to(cuda()); }), here, what);
}

// ---- reading

TEST_F(picking_on_gpu, moves_every_dtype_aligned_or_not) {
  for (const dtype& type : all_dtypes) {
    for (const bool shifted : {false, true}) {
      const auto source = [&](const place& on, const shape& extents) {
        const array x = on(numbers(extents, type));
        return shifted ? misaligned(x) : x;
      };
      const std::string what = std::string(type.name()) + (shifted ? " misaligned" : "");
      expect_same(what + " elements", [&](const place& on) { return source(on, {300})[on(positions({77}, 300))]; });
      expect_same(what + " rows", [&](const place& on) { return source(on, {20, 13})[on(positions({30}, 20))]; });
      expect_same(what + " aligned rows", [&](const place& on) {
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
      expect_same("layout " + std::to_string(number) + " " + type.name(), [&](const place& on) {
        const array x = layout(on(numbers({9, 8, 7}, type)));
        return x(on(positions({4, 1}, x.shape()[0])), all, on(positions({3}, x.shape()[2])));
      });
    }
    ++number;
  }
}

TEST_F(picking_on_gpu, takes_several_arrays_with_slices_between) {
  const auto x = [](const place& on) { return on(numbers({6, 7, 8, 5})); };
  const auto i = [](const place& on, const shape& extents, std::int64_t extent) {
    return on(positions(extents, extent));
  };
  expect_same("first", [&](const place& on) { return x(on)[i(on, {3, 4}, 6)]; });
  expect_same("two", [&](const place& on) { return x(on)(i(on, {4}, 6), i(on, {3, 1}, 7)); });
  expect_same("all", [&](const place& on) {
    return x(on)(i(on, {4}, 6), i(on, {3, 1}, 7), i(on, {2, 1, 1}, 8), i(on, {1, 4}, 5));
  });
  expect_same("last", [&](const place& on) { return x(on)(ellipsis, i(on, {9}, 5)); });
  expect_same("apart", [&](const place& on) { return x(on)(i(on, {4}, 6), all, i(on, {3, 1}, 8)); });
  expect_same("with integers", [&](const place& on) { return x(on)(2, all, i(on, {3}, 8), -1); });
  expect_same("with newaxis", [&](const place& on) { return x(on)(all, newaxis, i(on, {3}, 7), slice(1, 7, 3)); });
  expect_same("backwards", [&](const place& on) { return x(on)(i(on, {3}, 6), slice(none, none, -1)); });
  expect_same("0-d", [&](const place& on) { return x(on)(on(full({}, 3, int64)), i(on, {3}, 7)); });
  expect_same("small integers", [&](const place& on) { return x(on)[on(positions({5}, 6).astype(int8))]; });
  expect_same("none", [&](const place& on) { return x(on)[on(zeros({0, 2}, int64))]; });
  expect_same("of none", [&](const place& on) { return on(zeros({4, 0}))[on(positions({3}, 4))]; });
}

TEST_F(picking_on_gpu, works_along_an_axis) {
  const auto x = [](const place& on) { return on(numbers({6, 7, 8})); };
  for (int axis = 0; axis < 3; ++axis) {
    const std::int64_t extent = numbers({6, 7, 8}).shape()[axis];
    expect_same("take", [&](const place& on) { return take(x(on), on(positions({2, 5}, extent)), axis); });
    expect_same("wrap", [&](const place& on) { return take(x(on), on(numbers({11}, int64)), axis, take_mode::wrap); });
    expect_same("clip", [&](const place& on) { return take(x(on), on(numbers({11}, int64)), axis, take_mode::clip); });
    expect_same("compress", [&](const place& on) { return compress(on(array{true, false, true, true}), x(on), axis); });
    expect_same("take_along_axis", [&](const place& on) {
      shape extents{6, 7, 8};
      extents[axis] = 3;
      return take_along_axis(x(on), on(positions(extents, extent)), axis);
    });
  }
  expect_same("flat", [&](const place& on) { return take(x(on), on(positions({20}, 336))); });
  expect_same("flat of a transposed array", [&](const place& on) { return take(x(on).T(), on(positions({20}, 336))); });
  expect_same("extract", [&](const place& on) { return extract(x(on) > 5, x(on)); });
}

TEST_F(picking_on_gpu, by_so_many_arrays_that_parameters_lie_in_memory) {
  constexpr int axes = 11, more = 33;  // of extent 2, and of extent 1
  shape extents = shape::filled(axes, 2);
  while (extents.size() < axes + more) extents.push_back(1);
  const auto indices = [&](const place& on) {
    std::vector<any_index> all;
    for (int axis = 0; axis < axes + more; ++axis) {
      shape own = shape::filled(axes, 1);
      if (axis < axes) own[axis] = 2;
      all.push_back(any_index(operand(on(reshape(axis < axes ? array{1, 0} : array{0}, own))).recipe()));
    }
    return all;
  };
  expect_same("read and written", [&](const place& on) {
    const std::vector<any_index> all = indices(on);
    array x = on(numbers(extents)).copy();
    const array read = x.select_at(all);
    x.select_at(all) = read * 2;
    add_at(x, all, read);
    return x;
  });
  expect_same("where", [&](const place& on) { return argwhere(on(numbers(extents))); });
}

TEST_F(picking_on_gpu, of_more_than_a_block) {
  expect_same("elements", [](const place& on) { return on(numbers({40000}, float32))[on(positions({30001}, 40000))]; });
  expect_same("rows", [](const place& on) { return on(numbers({500, 33}, float64))[on(positions({300}, 500))]; });
}

// ---- masks

TEST_F(masks_on_gpu, find_what_is_not_zero_of_every_dtype) {
  for (const dtype& type : all_dtypes) {
    for (const bool shifted : {false, true}) {
      const auto source = [&](const place& on, const shape& extents) {
        const array x = on(numbers(extents, type));
        return shifted ? misaligned(x) : x;
      };
      expect_same(type.name(), [&](const place& on) { return flatnonzero(source(on, {5, 333})); });
      expect_same(type.name(), [&](const place& on) {
        return argwhere(source(on, {7, 11, 13})(all, slice(none, none, -1)));
      });
    }
  }
  for (const dtype& type : {float16, bfloat16, float32, float64, complex64, complex128}) {
    expect_same("-0 and NaN", [&](const place& on) {
      return flatnonzero(on(array{0.0, -0.0, 1.0, std::nan(""), -0.0, 1e-7, 0.0}.astype(type)));
    });
  }
}

TEST_F(masks_on_gpu, of_sizes_around_blocks) {
  for (const std::int64_t n : {1, 2, 15, 16, 17, 255, 256, 257, 4095, 4096, 16385, 70001}) {
    expect_same(std::to_string(n), [&](const place& on) { return flatnonzero(on(numbers({n}) > 3)); });
    expect_same(std::to_string(n), [&](const place& on) { return flatnonzero(on(numbers({n})) > 100); });
    expect_same(std::to_string(n), [&](const place& on) { return flatnonzero(on(numbers({n})) < 100); });
  }
}

TEST_F(masks_on_gpu, pick_and_count) {
  const auto x = [](const place& on) { return on(numbers({6, 7, 8})); };
  expect_same("whole", [&](const place& on) { return x(on)[x(on) > 4]; });
  expect_same("transposed", [&](const place& on) { return x(on).T()[x(on).T() > 4]; });
  expect_same("whole, another layout", [&](const place& on) { return x(on).T()[array(x(on) > 4).T().copy()]; });
  expect_same("rows", [&](const place& on) { return x(on)[x(on)(all, 0, 0) > 4]; });
  expect_same("two axes", [&](const place& on) { return x(on)[x(on)(ellipsis, 0) > 4]; });
  expect_same("two axes at the end", [&](const place& on) { return x(on)(all, x(on)(0) > 4); });
  expect_same("with an index array", [&](const place& on) {
    return x(on)(on(array{true, false, true, true, false, false}), on(array{1, 0, -1}));
  });
  expect_same("none of it", [&](const place& on) { return x(on)[x(on) > 1000]; });
  expect_same("0-d", [&](const place& on) { return x(on)[on(full({}, true, bool_))]; });
  expect_same("of none", [&](const place& on) { return on(zeros({0, 3}))[on(zeros({0}, bool_))]; });
  EXPECT_EQ(count_nonzero(numbers({100}).to(cuda()) > 4).item<int>(), count_nonzero(numbers({100}) > 4).item<int>());
}

TEST_F(masks_on_gpu, assign) {
  const auto changed = [](const place& on, const std::function<void(array&)>& change) {
    array x = on(numbers({6, 7, 8}).copy());
    change(x);
    return x;
  };
  const auto same = [&](const char* what, const std::function<void(array&, const place&)>& change) {
    expect_same(what, [&](const place& on) { return changed(on, [&](array& x) { change(x, on); }); });
  };
  same("a number", [](array& x, const place&) { x[x > 4] = -1; });
  same("values", [](array& x, const place& on) {
    const array mask = x > 4;
    x[mask] = on(arange(count_nonzero(mask).item<int>(), {.device = cpu()}));
  });
  same("values of another dtype", [](array& x, const place&) { x[x > 4] = array(x[x > 4]) * 0.5; });
  same("rows", [](array& x, const place& on) { x[x(all, 0, 0) > 4] = on(numbers({7, 8})); });
  same("the other axes", [](array& x, const place& on) { x(all, x(0) > 4) = on(numbers({6, 1})); });
  same("in place", [](array& x, const place&) { x[x > 4] += 100; });
  same("in place, rows", [](array& x, const place& on) { x[x(all, 0, 0) > 4] *= on(numbers({8})); });
  same("a view", [](array& x, const place&) { x(slice(1, 3))[x(slice(1, 3)) % 2 == 1] *= 10; });
  same("nothing", [](array& x, const place&) { x[x > 1000] = 5; });
  same("by where", [](array& x, const place&) { x = where(x > 4, x, -x); });
}

// ---- writing

TEST_F(placing_on_gpu, the_last_of_duplicates_wins) {
  for (const dtype& type : one_of_each_size) {
    for (const bool shifted : {false, true}) {
      const auto target = [&](const place& on, const shape& extents) {
        const array x = on(numbers(extents, type));
        return shifted ? misaligned(x) : x.copy();
      };
      const std::string what = std::string(type.name()) + (shifted ? " misaligned" : "");
      expect_same(what + " elements", [&](const place& on) {
        array x = target(on, {50});
        x[on(positions({3000}, 50))] = on(numbers({3000}, type));
        return x;
      });
      expect_same(what + " all at one place", [&](const place& on) {
        array x = target(on, {50});
        x[on(full({1500}, 7, int64))] = on(arange(0, 1500, 1, {.dtype = int64, .device = cpu()}).astype(type));
        return x;
      });
      expect_same(what + " rows", [&](const place& on) {
        array x = target(on, {10, 16});
        x[on(positions({100}, 10))] = on(numbers({100, 16}, type));
        return x;
      });
      expect_same(what + " columns", [&](const place& on) {
        array x = target(on, {5, 10, 3});
        x(all, on(positions({40}, 10))) = on(numbers({5, 40, 3}, type));
        return x;
      });
    }
  }
}

TEST_F(placing_on_gpu, writes_any_strides) {
  const std::function<array(const array&)> layouts[] = {
      [](const array& x) { return x.T(); },
      [](const array& x) { return array(x(slice(none, none, -1), ellipsis, slice(none, none, -2))); },
      [](const array& x) { return array(x(slice(1, none, 3), slice(none, 5))); },
  };
  int number = 0;
  for (const auto& layout : layouts) {
    const std::string what = "layout " + std::to_string(number++);
    expect_same(what, [&](const place& on) {
      array whole = on(numbers({9, 8, 7})).copy();
      array x = layout(whole);
      x(on(positions({4, 1}, x.shape()[0])), all, on(positions({3}, x.shape()[2]))) = on(numbers({4, 3, x.shape()[1]}));
      return whole;
    });
    expect_same(what + " in place", [&](const place& on) {
      array whole = on(numbers({9, 8, 7})).copy();
      array x = layout(whole);
      x(on(positions({4}, x.shape()[0])), all, on(positions({4}, x.shape()[2]))) += on(numbers({x.shape()[1]}));
      return whole;
    });
  }
  expect_same("broadcast values", [&](const place& on) {
    array x = on(numbers({9, 8})).copy();
    x(all, on(positions({30}, 8))) = on(numbers({30}));
    x(on(positions({3, 1}, 9)), on(positions({4}, 8))) = 5;
    return x;
  });
  expect_same("one element twice along an axis", [&](const place& on) {
    array x = on(numbers({9, 8})).copy();
    x(on(array{{3}, {3}}), on(array{{1, 2}})) = on(array{{10, 11}, {12, 13}});
    return x;
  });
  expect_same("a source that overlaps itself", [&](const place& on) {
    array whole = on(numbers({40})).copy();
    array x = as_strided(whole, {10, 6}, {12, 4});
    x[on(array{0, 4, 0, 1})] = on(numbers({4, 6}));
    return whole;
  });
  expect_same("none", [&](const place& on) {
    array x = on(numbers({9, 8})).copy();
    x[on(zeros({0}, int64))] = on(zeros({0, 8}, int32));
    return x;
  });
}

TEST_F(placing_on_gpu, more_than_a_table_holds) {
  expect_same("elements", [](const place& on) {
    array x = on(zeros({5000}, {.dtype = int32, .device = cpu()}));
    const std::int64_t n = (1 << 20) + 4321;
    x[on(remainder(arange(0, n, 1, {.device = cpu()}) * 7919, 5000))] =
        on(arange(0, n, 1, {.dtype = int32, .device = cpu()}));
    return x;
  });
}

TEST_F(placing_on_gpu, works_along_an_axis) {
  expect_same("put", [](const place& on) {
    array x = on(numbers({6, 7})).copy();
    put(x, on(positions({30}, 42)), on(numbers({30})));
    put(x.T(), on(positions({5}, 42)), on(array{1, 2}));
    put(x, on(array{100, -100}), -5, take_mode::wrap);
    put(x, on(array{100, -100}), on(array{8, 9}), take_mode::clip);
    return x;
  });
  for (int axis = 0; axis < 2; ++axis) {
    expect_same("put_along_axis", [&](const place& on) {
      array x = on(numbers({6, 7})).copy();
      shape extents{6, 7};
      const std::int64_t extent = extents[axis];
      extents[axis] = 20;
      put_along_axis(x, on(positions(extents, extent)), on(numbers(extents)), axis);
      return x;
    });
  }
  expect_same("put_along_axis flat", [&](const place& on) {
    array x = on(numbers({6, 7})).copy();
    put_along_axis(x, on(positions({30}, 42)), on(numbers({30})), axes());
    return x;
  });
}

// ---- accumulating

class accumulating_on_gpu : public indexing_on_gpu {};

using accumulation = void (*)(array, const operand&, const operand&);
constexpr accumulation accumulations[] = {add_at, subtract_at, multiply_at, maximum_at, minimum_at};

TEST_F(accumulating_on_gpu, takes_duplicates_each_in_turn) {
  for (const dtype& type : all_dtypes) {
    int number = 0;
    for (const accumulation f : accumulations) {
      if (type == bool_ && f == accumulations[1]) continue;  // bools are not subtracted
      expect_same(std::string(type.name()) + " accumulation " + std::to_string(number++), [&](const place& on) {
        array x = on(numbers({5, 10}, type)).copy();
        // Quotients: sums of these round, differently in another order.
        f(x(3), on(positions({200}, 10)), on(array(numbers({200}, float64) / 7).astype(type)));
        return x;
      });
    }
  }
}

TEST_F(accumulating_on_gpu, casts_each_time_where_values_are_wider) {
  expect_same("float32 by float64", [](const place& on) {
    array x = on(full({4}, 16777216, float32)).copy();
    add_at(x, on(positions({50}, 4)), on(full({50}, 1.0, float64)));
    return x;
  });
  expect_same("float16 by float32", [](const place& on) {
    array x = on(numbers({4}, float16)).copy();
    multiply_at(x, on(positions({50}, 4)), on(array(numbers({50}, float32) / 50 + 1)));
    return x;
  });
  expect_same("int64 by int8", [](const place& on) {
    array x = on(numbers({4}, int64)).copy();
    add_at(x, on(positions({50}, 4)), on(numbers({50}, int8)));
    return x;
  });
  expect_same("int8 by a number", [](const place& on) {
    array x = on(numbers({4}, int8)).copy();
    add_at(x, on(positions({50}, 4)), 100);
    return x;
  });
}

TEST_F(accumulating_on_gpu, at_any_layout) {
  for (const dtype& type : {float32, int32, int16, complex128}) {
    for (const bool shifted : {false, true}) {
      const auto target = [&](const place& on, const shape& extents) {
        const array x = on(numbers(extents, type));
        return shifted ? misaligned(x) : x.copy();
      };
      const std::string what = std::string(type.name()) + (shifted ? " misaligned" : "");
      expect_same(what + " rows", [&](const place& on) {
        array x = target(on, {10, 7});
        add_at(x, on(positions({40}, 10)), on(array(numbers({40, 7}, float64) / 3).astype(type)));
        return x;
      });
      expect_same(what + " columns, backwards", [&](const place& on) {
        array x = target(on, {6, 10, 3});
        add_at(array(x(slice(none, none, -1), ellipsis, slice(none, none, 2))), {all, on(positions({40}, 10))},
               on(array(numbers({6, 40, 1}, float64) / 3).astype(type)));
        return x;
      });
      expect_same(what + " several arrays", [&](const place& on) {
        array x = target(on, {6, 5, 4});
        add_at(x, {on(positions({20, 1}, 6)), all, on(positions({9}, 4))},
               on(array(numbers({20, 9, 5}, float64) / 3).astype(type)));
        return x;
      });
      expect_same(what + " mask", [&](const place& on) {
        array x = target(on, {6, 5});
        add_at(x, on(numbers({6, 5}) > 4), on(full({}, 3, type)));
        return x;
      });
      expect_same(what + " overlapping itself", [&](const place& on) {
        array x = target(on, {60});
        const std::int64_t size = x.itemsize();
        add_at(as_strided(x, {10, 6}, {3 * size, size}), on(positions({12}, 10)), on(numbers({12, 6}).astype(type)));
        return x;
      });
    }
  }
}

TEST_F(accumulating_on_gpu, counts) {
  for (const dtype& type : {int64, float32}) {
    expect_same(type.name(), [&](const place& on) {
      array x = on(zeros({17}, {.dtype = type, .device = cpu()}));
      add_at(x, on(positions({20000}, 17)), 1);
      return x;
    });
  }
  expect_same("nothing", [](const place& on) {
    array x = on(numbers({5})).copy();
    add_at(x, on(zeros({0}, int64)), 1);
    return x;
  });
}

// ---- joining and moving

class moving_on_gpu : public indexing_on_gpu {};

TEST_F(moving_on_gpu, joins_and_splits) {
  const auto x = [](const place& on) { return on(numbers({4, 5, 6})); };
  const auto y = [](const place& on) { return on(numbers({4, 5, 6}, float32)); };
  for (int axis = 0; axis < 3; ++axis) {
    expect_same("concatenate", [&](const place& on) { return concatenate({x(on), y(on), x(on)}, axis); });
    expect_same("stack", [&](const place& on) { return stack({x(on), y(on)}, axis); });
    expect_same("split", [&](const place& on) { return array(split(x(on), {1, 3}, axis)[1] + 0); });
    expect_same("array_split", [&](const place& on) { return array(array_split(x(on), 3, axis)[2] + 0); });
    expect_same("flip", [&](const place& on) { return flip(x(on), axis); });
    expect_same("unstack", [&](const place& on) { return array(unstack(x(on), axis)[1] + 0); });
    expect_same("repeat", [&](const place& on) { return repeat(x(on), 3, axis); });
    expect_same("roll", [&](const place& on) { return roll(x(on), -2, axis); });
  }
  expect_same("flat", [&](const place& on) { return concatenate_flat({x(on).T(), y(on)}); });
  expect_same("hstack", [&](const place& on) { return hstack({x(on), y(on)}); });
  expect_same("vstack", [&](const place& on) { return vstack({x(on), y(on)}); });
  expect_same("dstack", [&](const place& on) { return dstack({x(on), y(on)}); });
  expect_same("columns", [&](const place& on) { return column_stack({on(numbers({4})), on(numbers({4, 3}))}); });
  expect_same("tile", [&](const place& on) { return tile(x(on), {2, 1, 3}); });
  expect_same("roll all", [&](const place& on) { return roll(x(on), 17); });
  expect_same("roll two", [&](const place& on) { return roll(x(on), {1, -2}, {0, 2}); });
  expect_same("repeat each", [&](const place& on) { return repeat(x(on), on(array{0, 2, 1, 3}), 0); });
  expect_same("rot90", [&](const place& on) { return rot90(x(on), 3); });
  expect_same("diagonal", [&](const place& on) {
    array z = x(on).copy();
    diagonal(z) = -1;
    return z;
  });
  expect_same("select", [&](const place& on) { return select({x(on) > 10, x(on) < -5}, {x(on) * 2, y(on)}, 7); });
}

TEST_F(moving_on_gpu, pads) {
  const auto x = [](const place& on) { return on(numbers({4, 5}, float32)); };
  for (const pad_mode mode :
       {pad_mode::constant, pad_mode::edge, pad_mode::reflect, pad_mode::symmetric, pad_mode::wrap,
        pad_mode::linear_ramp, pad_mode::maximum, pad_mode::minimum, pad_mode::mean}) {
    expect_same("mode " + std::to_string(static_cast<int>(mode)), [&](const place& on) {
      return pad(x(on), {{1, 2}, {3, 0}}, {.mode = mode});
    });
  }
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

// ---- what a statement costs

struct operands {
  array x, table, i, mask, values;
};
struct statement {
  const char* name;
  std::function<void(operands&)> run;
  int launches, reads;  // kernels, copies to the host
};
/// Index arrays are copied, then checked (one number is read), then used; masks are counted (the counts are read).
const statement statements[] = {
    {"nothing", [](operands&) {}, 0, 0},
    {"gather", [](operands& o) { array y = o.x[o.i]; }, 3, 1},
    {"gather_rows", [](operands& o) { array y = o.table[o.i]; }, 3, 1},
    {"gather_by_two", [](operands& o) { array y = o.table(o.i, o.i); }, 5, 2},
    {"scatter", [](operands& o) { o.x[o.i] = o.values; }, 4, 1},
    {"scatter_one_number", [](operands& o) { o.x[o.i] = 5; }, 5, 1},
    {"update", [](operands& o) { o.x[o.i] += o.values; }, 6, 1},
    {"add_at", [](operands& o) { add_at(o.x, o.i, o.values); }, 3, 1},
    {"mask", [](operands& o) { array y = o.x[o.mask]; }, 4, 1},
    {"assign_to_mask", [](operands& o) { o.x[o.mask] = 5; }, 1, 0},
    {"assign_values_to_mask", [](operands& o) { o.x[o.mask] = o.x[o.mask] + 1; }, 9, 2},
    {"positions", [](operands& o) { array y = flatnonzero(o.mask); }, 3, 1},
    {"count", [](operands& o) { array y = count_nonzero(o.mask); }, 1, 0},
    {"take_along_axis", [](operands& o) { array y = take_along_axis(o.x, o.i, 0); }, 3, 1},
    {"compress", [](operands& o) { array y = compress(o.mask, o.table, 1); }, 4, 1},
    {"concatenate",
     [](operands& o) {
       array y = concatenate({o.table, o.table}, 1);
     },
     2, 0},
    {"tile",
     [](operands& o) {
       array y = tile(o.table, {2, 3});
     },
     1, 0},
    {"repeat", [](operands& o) { array y = repeat(o.table, 3, 1); }, 1, 0},
    {"roll", [](operands& o) { array y = roll(o.table, 3, 1); }, 2, 0},
    {"flip", [](operands& o) { array y = flip(o.table, 1) + 0; }, 1, 0},
    {"where", [](operands& o) { array y = where(o.mask, o.x, 0); }, 1, 0},
};

TEST_F(indexing_on_gpu, probe) {
  const char* const name = std::getenv("TESSERA_PROBE");
  if (name == nullptr) GTEST_SKIP() << "run by the tests below";
  operands o{numbers({100}).to(cuda()), numbers({100, 100}).to(cuda()), positions({50}, 100).to(cuda()),
             array(numbers({100}) > 0).to(cuda()), numbers({50}).to(cuda())};
  for (const statement& s : statements) {
    if (name == std::string(s.name)) s.run(o);
  }
  synchronize(cuda());  // what has not run by the end of the process is not counted
}

/// The emulator's statistics of preparing the operands and running a statement; null where there is no emulator.
nlohmann::json statistics_of(const std::string& name) {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("tessera_" + std::to_string(getpid()) + ".json");
  const std::string self = std::filesystem::read_symlink("/proc/self/exe");
  const std::string command = "TESSERA_PROBE=" + name + " CUDAEMU_STATS='" + file.string() + "' '" + self +
                              "' --gtest_filter=indexing_on_gpu.probe >/dev/null 2>&1";
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  nlohmann::json all;
  if (std::ifstream in(file); in) all = nlohmann::json::parse(in);
  std::filesystem::remove(file);
  return all;
}

struct cost {
  int launches = -1, reads = 0, others = 0;
};
/// launches -1 where no emulator counts.
cost cost_of(const std::string& name) {
  const nlohmann::json all = statistics_of(name);
  cost c;
  if (all.is_null()) return c;
  c.launches = 0;
  for (const nlohmann::json& kernel : all["kernels"]) c.launches += kernel["launches"].get<int>();
  const nlohmann::json& copies = all["memcpy"];
  c.reads = copies["device_to_host"]["count"];
  c.others = copies["host_to_device"]["count"].get<int>() + copies["device_to_device"]["count"].get<int>();
  return c;
}

TEST_F(indexing_on_gpu, costs_the_launches_and_copies_it_should) {
  const cost before = cost_of("nothing");
  if (before.launches < 0) GTEST_SKIP() << "no emulator";
  for (const statement& s : statements) {
    const cost c = cost_of(s.name);
    EXPECT_EQ(c.launches - before.launches, s.launches) << s.name;
    EXPECT_EQ(c.reads - before.reads, s.reads) << s.name;
    EXPECT_EQ(c.others, before.others) << s.name;  // nothing goes to the device, or beside the kernels
  }
}

TEST_F(indexing_on_gpu, rows_move_in_pieces_of_sixteen_bytes) {
  const nlohmann::json all = statistics_of("gather_rows");
  if (all.is_null()) GTEST_SKIP() << "no emulator";
  int found = 0;
  for (const nlohmann::json& kernel : all["kernels"]) {
    if (kernel["name"] != "tessera_gather_16_bytes") continue;
    ++found;
    EXPECT_EQ(kernel["instructions"]["st_global"], 50 * 100 / 4);
    EXPECT_EQ(kernel["global"]["store_bytes"], 50 * 100 * 4);
    EXPECT_EQ(kernel["global"]["store_efficiency"], 1.0);
    EXPECT_EQ(kernel["local_bytes"], 0);
  }
  EXPECT_EQ(found, 1);
}

}  // namespace
