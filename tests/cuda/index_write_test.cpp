// Masks and index arrays on a device that write or accumulate, against the host's results; arrays joined, moved, padded.
#include "cuda/device_operands.hpp"

namespace {

using namespace tessera;
using namespace tessera_test;

class placing_on_gpu : public indexing_on_gpu {};

// ---- writing

TEST_F(placing_on_gpu, the_last_of_duplicates_wins) {
  for (const dtype& type : one_of_each_size) {
    for (const bool shifted : {false, true}) {
      const auto target = [&](const move_to& on, const shape& extents) {
        const array x = on(numbers(extents, type));
        return shifted ? misaligned(x) : x.copy();
      };
      const std::string what = std::string(type.name()) + (shifted ? " misaligned" : "");
      expect_same(what + " elements", [&](const move_to& on) {
        array x = target(on, {50});
        x[on(positions({3000}, 50))] = on(numbers({3000}, type));
        return x;
      });
      expect_same(what + " all at one place", [&](const move_to& on) {
        array x = target(on, {50});
        x[on(full({1500}, 7, int64))] = on(arange(0, 1500, 1, {.dtype = int64, .device = cpu()}).astype(type));
        return x;
      });
      expect_same(what + " rows", [&](const move_to& on) {
        array x = target(on, {10, 16});
        x[on(positions({100}, 10))] = on(numbers({100, 16}, type));
        return x;
      });
      expect_same(what + " columns", [&](const move_to& on) {
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
    expect_same(what, [&](const move_to& on) {
      array whole = on(numbers({9, 8, 7})).copy();
      array x = layout(whole);
      x(on(positions({4, 1}, x.shape()[0])), all, on(positions({3}, x.shape()[2]))) = on(numbers({4, 3, x.shape()[1]}));
      return whole;
    });
    expect_same(what + " in place", [&](const move_to& on) {
      array whole = on(numbers({9, 8, 7})).copy();
      array x = layout(whole);
      x(on(positions({4}, x.shape()[0])), all, on(positions({4}, x.shape()[2]))) += on(numbers({x.shape()[1]}));
      return whole;
    });
  }
  expect_same("broadcast values", [&](const move_to& on) {
    array x = on(numbers({9, 8})).copy();
    x(all, on(positions({30}, 8))) = on(numbers({30}));
    x(on(positions({3, 1}, 9)), on(positions({4}, 8))) = 5;
    return x;
  });
  expect_same("one element twice along an axis", [&](const move_to& on) {
    array x = on(numbers({9, 8})).copy();
    x(on(array{{3}, {3}}), on(array{{1, 2}})) = on(array{{10, 11}, {12, 13}});
    return x;
  });
  expect_same("a source that overlaps itself", [&](const move_to& on) {
    array whole = on(numbers({40})).copy();
    array x = as_strided(whole, {10, 6}, {12, 4});
    x[on(array{0, 4, 0, 1})] = on(numbers({4, 6}));
    return whole;
  });
  expect_same("none", [&](const move_to& on) {
    array x = on(numbers({9, 8})).copy();
    x[on(zeros({0}, int64))] = on(zeros({0, 8}, int32));
    return x;
  });
}

TEST_F(placing_on_gpu, more_than_a_table_holds) {
  expect_same("elements", [](const move_to& on) {
    array x = on(zeros({5000}, {.dtype = int32, .device = cpu()}));
    const std::int64_t n = (1 << 20) + 4321;
    x[on(remainder(arange(0, n, 1, {.device = cpu()}) * 7919, 5000))] =
        on(arange(0, n, 1, {.dtype = int32, .device = cpu()}));
    return x;
  });
}

TEST_F(placing_on_gpu, works_along_an_axis) {
  expect_same("put", [](const move_to& on) {
    array x = on(numbers({6, 7})).copy();
    put(x, on(positions({30}, 42)), on(numbers({30})));
    put(x.T(), on(positions({5}, 42)), on(array{1, 2}));
    put(x, on(array{100, -100}), -5, take_mode::wrap);
    put(x, on(array{100, -100}), on(array{8, 9}), take_mode::clip);
    return x;
  });
  for (int axis = 0; axis < 2; ++axis) {
    expect_same("put_along_axis", [&](const move_to& on) {
      array x = on(numbers({6, 7})).copy();
      shape extents{6, 7};
      const std::int64_t extent = extents[axis];
      extents[axis] = 20;
      put_along_axis(x, on(positions(extents, extent)), on(numbers(extents)), axis);
      return x;
    });
  }
  expect_same("put_along_axis flat", [&](const move_to& on) {
    array x = on(numbers({6, 7})).copy();
    put_along_axis(x, on(positions({30}, 42)), on(numbers({30})), axes());
    return x;
  });
}

// ---- accumulating

class accumulating_on_gpu : public indexing_on_gpu {};

using accumulation = void (*)(array, const operand&, const operand&);
constexpr accumulation accumulations[] = {add_at,     subtract_at,    multiply_at,   maximum_at,
                                          minimum_at, logical_and_at, logical_or_at, logical_xor_at};

TEST_F(accumulating_on_gpu, takes_duplicates_each_in_turn) {
  for (const dtype& type : all_dtypes) {
    int number = 0;
    for (const accumulation f : accumulations) {
      if (type == bool_ && f == accumulations[1]) continue;  // bools are not subtracted
      expect_same(std::string(type.name()) + " accumulation " + std::to_string(number++), [&](const move_to& on) {
        array x = on(numbers({5, 10}, type)).copy();
        // Quotients: sums of these round, differently in another order.
        f(x(3), on(positions({200}, 10)), on(array(numbers({200}, float64) / 7).astype(type)));
        return x;
      });
    }
  }
}

TEST_F(accumulating_on_gpu, casts_each_time_where_values_are_wider) {
  expect_same("float32 by float64", [](const move_to& on) {
    array x = on(full({4}, 16777216, float32)).copy();
    add_at(x, on(positions({50}, 4)), on(full({50}, 1.0, float64)));
    return x;
  });
  expect_same("float16 by float32", [](const move_to& on) {
    array x = on(numbers({4}, float16)).copy();
    multiply_at(x, on(positions({50}, 4)), on(array(numbers({50}, float32) / 50 + 1)));
    return x;
  });
  expect_same("int64 by int8", [](const move_to& on) {
    array x = on(numbers({4}, int64)).copy();
    add_at(x, on(positions({50}, 4)), on(numbers({50}, int8)));
    return x;
  });
  expect_same("int8 by a number", [](const move_to& on) {
    array x = on(numbers({4}, int8)).copy();
    add_at(x, on(positions({50}, 4)), 100);
    return x;
  });
}

TEST_F(accumulating_on_gpu, at_any_layout) {
  for (const dtype& type : {float32, int32, int16, complex128}) {
    for (const bool shifted : {false, true}) {
      const auto target = [&](const move_to& on, const shape& extents) {
        const array x = on(numbers(extents, type));
        return shifted ? misaligned(x) : x.copy();
      };
      const std::string what = std::string(type.name()) + (shifted ? " misaligned" : "");
      expect_same(what + " rows", [&](const move_to& on) {
        array x = target(on, {10, 7});
        add_at(x, on(positions({40}, 10)), on(array(numbers({40, 7}, float64) / 3).astype(type)));
        return x;
      });
      expect_same(what + " columns, backwards", [&](const move_to& on) {
        array x = target(on, {6, 10, 3});
        add_at(array(x(slice(none, none, -1), ellipsis, slice(none, none, 2))), {all, on(positions({40}, 10))},
               on(array(numbers({6, 40, 1}, float64) / 3).astype(type)));
        return x;
      });
      expect_same(what + " several arrays", [&](const move_to& on) {
        array x = target(on, {6, 5, 4});
        add_at(x, {on(positions({20, 1}, 6)), all, on(positions({9}, 4))},
               on(array(numbers({20, 9, 5}, float64) / 3).astype(type)));
        return x;
      });
      expect_same(what + " mask", [&](const move_to& on) {
        array x = target(on, {6, 5});
        add_at(x, on(numbers({6, 5}) > 4), on(full({}, 3, type)));
        return x;
      });
      expect_same(what + " overlapping itself", [&](const move_to& on) {
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
    expect_same(type.name(), [&](const move_to& on) {
      array x = on(zeros({17}, {.dtype = type, .device = cpu()}));
      add_at(x, on(positions({20000}, 17)), 1);
      return x;
    });
  }
  expect_same("nothing", [](const move_to& on) {
    array x = on(numbers({5})).copy();
    add_at(x, on(zeros({0}, int64)), 1);
    return x;
  });
}

// ---- joining and moving

class moving_on_gpu : public indexing_on_gpu {};

TEST_F(moving_on_gpu, joins_and_splits) {
  const auto x = [](const move_to& on) { return on(numbers({4, 5, 6})); };
  const auto y = [](const move_to& on) { return on(numbers({4, 5, 6}, float32)); };
  for (int axis = 0; axis < 3; ++axis) {
    expect_same("concatenate", [&](const move_to& on) { return concatenate({x(on), y(on), x(on)}, axis); });
    expect_same("stack", [&](const move_to& on) { return stack({x(on), y(on)}, axis); });
    expect_same("split", [&](const move_to& on) { return array(split(x(on), {1, 3}, axis)[1] + 0); });
    expect_same("array_split", [&](const move_to& on) { return array(array_split(x(on), 3, axis)[2] + 0); });
    expect_same("flip", [&](const move_to& on) { return flip(x(on), axis); });
    expect_same("unstack", [&](const move_to& on) { return array(unstack(x(on), axis)[1] + 0); });
    expect_same("repeat", [&](const move_to& on) { return repeat(x(on), 3, axis); });
    expect_same("roll", [&](const move_to& on) { return roll(x(on), -2, axis); });
  }
  expect_same("flat", [&](const move_to& on) { return concatenate_flat({x(on).T(), y(on)}); });
  expect_same("hstack", [&](const move_to& on) { return hstack({x(on), y(on)}); });
  expect_same("vstack", [&](const move_to& on) { return vstack({x(on), y(on)}); });
  expect_same("dstack", [&](const move_to& on) { return dstack({x(on), y(on)}); });
  expect_same("columns", [&](const move_to& on) { return column_stack({on(numbers({4})), on(numbers({4, 3}))}); });
  expect_same("tile", [&](const move_to& on) { return tile(x(on), {2, 1, 3}); });
  expect_same("roll all", [&](const move_to& on) { return roll(x(on), 17); });
  expect_same("roll two", [&](const move_to& on) { return roll(x(on), {1, -2}, {0, 2}); });
  expect_same("repeat each", [&](const move_to& on) { return repeat(x(on), on(array{0, 2, 1, 3}), 0); });
  expect_same("rot90", [&](const move_to& on) { return rot90(x(on), 3); });
  expect_same("diagonal", [&](const move_to& on) {
    array z = x(on).copy();
    diagonal(z) = -1;
    return z;
  });
  expect_same("select", [&](const move_to& on) { return select({x(on) > 10, x(on) < -5}, {x(on) * 2, y(on)}, 7); });
}

TEST_F(moving_on_gpu, pads) {
  const auto x = [](const move_to& on) { return on(numbers({4, 5}, float32)); };
  for (const pad_mode mode :
       {pad_mode::constant, pad_mode::edge, pad_mode::reflect, pad_mode::symmetric, pad_mode::wrap,
        pad_mode::linear_ramp, pad_mode::maximum, pad_mode::minimum, pad_mode::mean}) {
    expect_same("mode " + std::to_string(static_cast<int>(mode)), [&](const move_to& on) {
      return pad(x(on), {{1, 2}, {3, 0}}, {.mode = mode});
    });
  }
}

}  // namespace
