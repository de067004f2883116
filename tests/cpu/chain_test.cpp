// Chains: the plan of known stages, and random programs in every layout against one kernel after the other.
#include "cpu/chain.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "cpu/block_program.hpp"
#include "cpu/kernels/table.hpp"
#include "hand_made.hpp"

namespace tessera::detail {
namespace {

using cpu::chain;
using cpu::chain_builder;
using cpu::find_segments;
using cpu::register_role;
using cpu::segment;

/// A stage without operands: what plans need.
class hand_written {
 public:
  hand_written(std::vector<dtype> inputs, std::vector<dtype> constants) {
    for (const dtype type : inputs) {
      stage_.inputs.push_back({nullptr, type, {}});
      stage_.register_types.push_back(type);
    }
    for (const dtype type : constants) {
      stage_.constants.push_back({type, {}});
      stage_.register_types.push_back(type);
    }
  }
  reg add(op code, dtype loop, std::initializer_list<reg> sources, dtype result) {
    instruction i{code, loop};
    std::copy(sources.begin(), sources.end(), i.source);
    i.result = static_cast<reg>(stage_.register_types.size());
    stage_.register_types.push_back(result);
    stage_.instructions.push_back(i);
    return i.result;
  }
  /// The only chain, `stored` leaving it; constants are uniform.
  std::string chain_text(std::vector<reg> stored) const {
    cpu::register_roles roles(stage_.register_types.size());
    for (std::size_t i = 0; i < stage_.constants.size(); ++i) roles[stage_.inputs.size() + i].uniform = true;
    for (const reg r : stored) roles[r].leaves = true;
    const cpu::segments parts = find_segments(stage_);
    return parts.size() == 1 && parts[0].is_chain() ? to_string(chain_builder(stage_, roles).build(parts[0])) : "";
  }
  const stage& get() const { return stage_; }
  std::string segment_text() const {
    std::string text;
    for (const segment& part : find_segments(stage_)) {
      text +=
          std::to_string(part.first) + "-" + std::to_string(part.last) + (part.is_chain() ? " chain\n" : " kernel\n");
    }
    return text;
  }

 private:
  stage stage_;
};

bool has_chains() { return find_chain_kernels(4) != nullptr; }

TEST(chain, keeps_in_registers_what_the_next_instruction_reads) {
  if (!has_chains()) GTEST_SKIP() << "no chains for this instruction set or compiler";
  hand_written s({float32}, {float32, float32});  // (0.1 * x + 0.2) * x
  const reg a = s.add(op::multiply, float32, {1, 0}, float32);
  const reg b = s.add(op::add, float32, {a, 2}, float32);
  const reg c = s.add(op::multiply, float32, {b, 0}, float32);
  EXPECT_EQ(s.chain_text({c}), "load r0\nmultiply r1\nadd r2\nmultiply r0\nstore r5\nend\n");
}

TEST(chain, parks_what_is_read_later) {
  if (!has_chains()) GTEST_SKIP() << "no chains for this instruction set or compiler";
  hand_written s({float32}, {float32, float32});  // where(x > 0, x, 0.1 * x)
  const reg mask = s.add(op::greater, float32, {0, 1}, bool_);
  const reg scaled = s.add(op::multiply, float32, {2, 0}, float32);
  const reg result = s.add(op::where, float32, {mask, 0, scaled}, float32);
  EXPECT_EQ(s.chain_text({result}), "load r0\ngreater r1\npark s0\nload r0\nmultiply r2\nwhere s0 r0\nstore r5\nend\n");
}

TEST(chain, reads_back_what_is_stored_anyway) {
  if (!has_chains()) GTEST_SKIP() << "no chains for this instruction set or compiler";
  hand_written s({float64, float64}, {});
  const reg sum = s.add(op::add, float64, {0, 1}, float64);
  const reg root = s.add(op::sqrt, float64, {0}, float64);
  const reg quotient = s.add(op::divide, float64, {root, sum}, float64);
  EXPECT_EQ(s.chain_text({sum, quotient}), "load r0\nadd r1\nstore r2\nload r0\nsqrt\ndivide r2\nstore r4\nend\n");
}

TEST(chain, ends_where_lanes_change_and_where_there_are_no_steps) {
  if (!has_chains()) GTEST_SKIP() << "no chains for this instruction set or compiler";
  hand_written s({float32, float32, int8}, {});
  const reg a = s.add(op::add, float32, {0, 1}, float32);
  const reg b = s.add(op::multiply, float32, {a, 1}, float32);
  const reg c = s.add(op::exp, float32, {b}, float32);
  const reg d = s.add(op::cast, float64, {c}, float64);
  const reg e = s.add(op::negative, float64, {d}, float64);
  s.add(op::add, int8, {2, 2}, int8);
  s.add(op::square, float64, {e}, float64);
  EXPECT_EQ(s.segment_text(), "0-3 chain\n3-5 chain\n5-6 kernel\n6-7 chain\n");
}

TEST(chain, calls_the_kernels_of_operations_without_steps) {
  if (!has_chains()) GTEST_SKIP() << "no chains for this instruction set or compiler";
  hand_written s({float32, float32}, {float32});
  const reg difference = s.add(op::subtract, float32, {0, 1}, float32);
  const reg exponential = s.add(op::exp, float32, {difference}, float32);
  const reg power = s.add(op::pow, float32, {exponential, 2}, float32);
  EXPECT_EQ(s.chain_text({power}),
            "load r0\nsubtract r1\npark s0\nexp s0 s0\ninto s1\npark s0\nload r2\npark s1\npow s0 s1\ninto s2\n"
            "store r5\nend\n");
  hand_written alone({float32}, {});
  alone.add(op::exp, float32, {alone.add(op::log, float32, {0}, float32)}, float32);
  EXPECT_EQ(alone.segment_text(), "0-1 kernel\n1-2 kernel\n");
}

TEST(chain, computes_16_bit_floats_as_floats_and_rounds_each_result) {
  if (!has_chains()) GTEST_SKIP() << "no chains for this instruction set or compiler";
  hand_written s({float16, float16}, {float16});
  const reg sum = s.add(op::add, float16, {0, 1}, float16);
  const reg product = s.add(op::multiply, float16, {sum, 2}, float16);
  const reg result = s.add(op::maximum, float16, {product, sum}, float16);
  EXPECT_EQ(s.chain_text({result}), "load r0\nadd r1\nround\npark s0\nmultiply r2\nround\nmaximum s0\nstore r5\nend\n");
}

/// As the backend does, but for its own way with few elements.
void run_in_blocks(const stage& s) {
  std::vector<int> axes(static_cast<std::size_t>(s.extents.size()));
  std::iota(axes.begin(), axes.end(), 0);
  const cpu::block_program blocks(s, axes, cpu::block_size::of(512), cpu::block_program::numbering::panels);
  const cpu::scratch memory(blocks.scratch_bytes());
  cpu::block_program::worker worker(blocks, memory.data());
  for (std::int64_t i = 0; i < blocks.blocks().count(); ++i) worker.run(cpu::block(blocks.blocks(), i));
  worker.finish();
}

// ---- random programs ----------------------------------------------------------------------------------------------

/// A value that is often special.
void draw(dtype type, std::byte* to, std::mt19937_64& random) {
  const auto pick = random() % 16;
  const double special[] = {0.0,
                            -0.0,
                            1.0,
                            -1.0,
                            std::numeric_limits<double>::infinity(),
                            -std::numeric_limits<double>::infinity(),
                            std::numeric_limits<double>::quiet_NaN(),
                            2.5};
  const double real = pick < 8 ? special[pick] : std::uniform_real_distribution<double>(-50, 50)(random);
  const auto whole = static_cast<std::int64_t>(pick < 12 ? random() % 7 - 3 : random());
  switch (type.code()) {
    case dtype_code::bool_: *to = static_cast<std::byte>(pick < 8 ? 0 : pick); break;  // any byte but 0 is true
    case dtype_code::float32: {
      const auto value = static_cast<float>(real);
      std::memcpy(to, &value, sizeof value);
      break;
    }
    case dtype_code::float64: std::memcpy(to, &real, sizeof real); break;
    case dtype_code::float16:
    case dtype_code::bfloat16:
      if (random() % 4 == 0) {  // any bits
        std::memcpy(to, &whole, 2);
      } else {
        find_cast(float64, type)(to, &real, nullptr, nullptr, 1);
      }
      break;
    default: std::memcpy(to, &whole, static_cast<std::size_t>(type.itemsize()));
  }
}

/// Elements of a space in memory of their own.
struct random_operand {
  std::vector<std::byte> bytes;
  strided view;
};

enum class form { contiguous, misaligned, row, column, scalar, reversed, strided_, count };

class random_program {
 public:
  random_program(std::uint64_t seed, dtype wide, dtype whole, dtype natural)
      : random_(seed), numbers_{wide, whole, natural} {
    const std::int64_t lengths[] = {1, 7, 31, 64, 65, 127, 128, 129, 200, 333, 1024, 1500, 5000};
    const std::int64_t n = lengths[random_() % std::size(lengths)];
    stage_.extents = random_() % 2 ? shape{n} : shape{static_cast<std::int64_t>(random_() % 5 + 2), n};
    stage_.folded.assign(static_cast<std::size_t>(stage_.extents.size()), false);
    add_inputs();
    add_constants();
    add_instructions();
    add_results();
  }

  /// Runs it, and compares with one kernel after the other.
  void check(const std::string& what) {
    const std::vector<std::vector<std::byte>> expected = evaluate();
    run_in_blocks(stage_);
    for (const result& r : stage_.results) {
      const std::vector<std::byte> got = gather(r.target);
      const std::size_t size = static_cast<std::size_t>(r.target.type.itemsize());
      for (std::size_t i = 0; i < got.size() / size; ++i) {
        if (r.mask != no_reg && expected[r.mask][i] == std::byte{0}) continue;
        ASSERT_TRUE(same(r.target.type, &got[i * size], &expected[r.value][i * size]))
            << what << ": r" << r.value << ", point " << i << " of " << to_string(stage_.extents) << "\n"
            << to_string(program{{stage_}, {}});
      }
    }
  }

 private:
  std::size_t points() const { return static_cast<std::size_t>(points_of(stage_.extents)); }
  dtype any_number() { return numbers_[random_() % std::size(numbers_)]; }

  random_operand& new_operand(dtype type, form how) {
    const int ndim = stage_.extents.size();
    const std::int64_t itemsize = type.itemsize();
    operands_.emplace_back(std::make_unique<random_operand>());
    random_operand& x = *operands_.back();
    x.view.type = type;
    x.view.strides = shape::filled(ndim, 0);
    std::int64_t step = itemsize * (how == form::strided_ ? 2 : 1);
    for (int axis = ndim - 1; axis >= 0; --axis) {
      const bool last = axis == ndim - 1;
      if (how == form::scalar || (how == form::row && !last) || (how == form::column && last)) continue;
      x.view.strides[axis] = step;
      step *= stage_.extents[axis];
    }
    x.bytes.resize(static_cast<std::size_t>(step + 64 + itemsize));
    const auto start = reinterpret_cast<std::uintptr_t>(x.bytes.data());
    x.view.data = x.bytes.data() + (64 - start % 64) % 64 + (how == form::misaligned ? 1 : 0);
    const std::int64_t count = (step + itemsize - 1) / itemsize - 1;
    for (std::int64_t i = 0; i < std::max<std::int64_t>(count, 1); ++i) {
      if (x.view.data + (i + 1) * itemsize > x.bytes.data() + x.bytes.size()) break;
      draw(type, x.view.data + i * itemsize, random_);
    }
    if (how == form::reversed) {
      for (int axis = 0; axis < ndim; ++axis) {
        x.view.data += (stage_.extents[axis] - 1) * x.view.strides[axis];
        x.view.strides[axis] = -x.view.strides[axis];
      }
    }
    return x;
  }

  void add_inputs() {
    const auto count = random_() % 4 + 1;
    for (std::uint64_t i = 0; i < count; ++i) {
      const dtype other[] = {bool_, int8, uint16, int32, float32, float16};
      const dtype type = random_() % 3 ? any_number() : other[random_() % std::size(other)];
      stage_.inputs.push_back(new_operand(type, static_cast<form>(random_() % static_cast<int>(form::count))).view);
      stage_.register_types.push_back(type);
    }
  }

  void add_constants() {
    for (const dtype type : numbers_) {
      constant c{type, {}};
      draw(type, c.bytes, random_);
      stage_.constants.push_back(c);
      stage_.register_types.push_back(type);
    }
  }

  reg any_register(dtype type) {
    std::vector<reg> fitting;
    for (std::size_t r = 0; r < stage_.register_types.size(); ++r) {
      if (stage_.register_types[r] == type) fitting.push_back(static_cast<reg>(r));
    }
    if (fitting.empty()) return no_reg;
    // The newest ones often: long dependent chains.
    return random_() % 2 ? fitting.back() : fitting[random_() % fitting.size()];
  }

  reg emit(op code, dtype loop, std::initializer_list<reg> sources, dtype gives) {
    instruction i{code, loop};
    std::copy(sources.begin(), sources.end(), i.source);
    i.result = static_cast<reg>(stage_.register_types.size());
    stage_.register_types.push_back(gives);
    stage_.instructions.push_back(i);
    return i.result;
  }

  void add_cast() {
    const auto from = static_cast<reg>(random_() % stage_.register_types.size());
    const dtype to = random_() % 4 ? any_number() : bool_;
    if (stage_.register_types[from] != to) emit(op::cast, to, {from}, to);
  }

  void add_instructions() {
    const auto count = random_() % 14 + 1;
    while (stage_.instructions.size() < count) {
      const dtype loop = random_() % 4 ? any_number() : bool_;
      const op code = static_cast<op>(random_() % static_cast<unsigned>(op_count));
      if (code == op::cast || random_() % 16 == 0) {
        add_cast();
        continue;
      }
      // Slow and inexact ones seldom: kernels between chains.
      const bool in_chains =
          find_chain_kernels(4) &&
          find_chain_kernels(4)->operations[static_cast<int>(lane_kind_of(loop))][static_cast<int>(code)][0] != nullptr;
      if (!in_chains && random_() % 4 != 0) continue;
      if (find_kernel(code, loop) == nullptr || info(code).notes == note::integer_second) continue;
      const reg a = any_register(code == op::where ? bool_ : loop), b = any_register(loop), c = any_register(loop);
      if (a == no_reg || b == no_reg) continue;
      const dtype gives = info(code).result == gives::bool_   ? bool_
                          : info(code).result == gives::uint8 ? uint8
                          : info(code).result == gives::int32 ? int32
                                                              : loop;
      switch (info(code).arity) {
        case 1: emit(code, loop, {a}, gives); break;
        case 2: emit(code, loop, {a, b}, gives); break;
        default: emit(code, loop, {a, b, c}, gives);
      }
    }
  }

  void add_results() {
    const std::size_t first = stage_.inputs.size() + stage_.constants.size();
    const auto last = static_cast<reg>(stage_.register_types.size() - 1);
    add_result(last);
    if (random_() % 3 == 0) add_result(static_cast<reg>(first + random_() % stage_.instructions.size()));
    if (random_() % 4 == 0) add_result(static_cast<reg>(random_() % stage_.register_types.size()));
  }

  void add_result(reg value) {
    const dtype type = stage_.register_types[value];
    // Into an input of that dtype, as x += y does; each element of a target exists once.
    if (random_() % 3 == 0) {
      for (std::size_t i = 0; i < stage_.inputs.size(); ++i) {
        const strided& x = stage_.inputs[i];
        const bool repeated = std::count(x.strides.begin(), x.strides.end(), 0) != 0;
        const bool taken = std::any_of(stage_.results.begin(), stage_.results.end(),
                                       [&](const result& r) { return r.target.data == x.data; });
        if (x.type != type || repeated || taken) continue;
        stage_.results.push_back({value, fold::none, x, no_reg});
        return;
      }
    }
    const form forms[] = {form::contiguous, form::contiguous, form::misaligned, form::strided_, form::reversed};
    const strided& target = new_operand(type, forms[random_() % std::size(forms)]).view;
    const reg mask = random_() % 6 == 0 ? any_register(bool_) : no_reg;
    stage_.results.push_back({value, fold::none, target, mask});
  }

  std::vector<std::byte> gather(const strided& x) const {
    const std::size_t size = static_cast<std::size_t>(x.type.itemsize());
    std::vector<std::byte> all(points() * size);
    for (std::size_t i = 0; i < points(); ++i) {
      std::int64_t offset = 0, rest = static_cast<std::int64_t>(i);
      for (int axis = stage_.extents.size() - 1; axis >= 0; --axis) {
        offset += rest % stage_.extents[axis] * x.strides[axis];
        rest /= stage_.extents[axis];
      }
      std::memcpy(&all[i * size], x.data + offset, size);
    }
    return all;
  }

  /// All registers, by kernels over the whole space.
  std::vector<std::vector<std::byte>> evaluate() const {
    std::vector<std::vector<std::byte>> values;
    for (const strided& x : stage_.inputs) values.push_back(gather(x));
    for (const constant& c : stage_.constants) {
      const auto size = static_cast<std::size_t>(c.type.itemsize());
      values.emplace_back(points() * size);
      for (std::size_t i = 0; i < points(); ++i) std::memcpy(&values.back()[i * size], c.bytes, size);
    }
    for (const instruction& i : stage_.instructions) {
      const auto source = [&](int k) { return i.source[k] == no_reg ? nullptr : values[i.source[k]].data(); };
      const dtype gives = stage_.register_types[i.result], from = stage_.register_types[i.source[0]];
      std::vector<std::byte> out(points() * static_cast<std::size_t>(gives.itemsize()));
      const kernel run = i.code == op::cast ? find_cast(from, i.loop) : find_kernel(i.code, i.loop);
      run(out.data(), source(0), source(1), source(2), points());
      values.push_back(std::move(out));
    }
    return values;
  }

  /// Bits, but any NaN for a NaN: which of two an addition keeps is left to the compiler.
  static bool same(dtype type, const std::byte* a, const std::byte* b) {
    if (std::memcmp(a, b, static_cast<std::size_t>(type.itemsize())) == 0) return true;
    if (type == float32) return std::isnan(read<float>(a)) && std::isnan(read<float>(b));
    if (type == float64) return std::isnan(read<double>(a)) && std::isnan(read<double>(b));
    if (type == float16 || type == bfloat16) {
      float x[2];
      for (int k = 0; k < 2; ++k) find_cast(type, float32)(x + k, k == 0 ? a : b, nullptr, nullptr, 1);
      return std::isnan(x[0]) && std::isnan(x[1]);
    }
    return false;
  }
  template <class T> static T read(const std::byte* from) {
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
  }

  std::mt19937_64 random_;
  dtype numbers_[3];
  std::vector<std::unique_ptr<random_operand>> operands_;
  stage stage_;
};

class chains : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { use_simd_target(GetParam()); }
  void TearDown() override { use_simd_target(simd_targets().front()); }
};

TEST_P(chains, give_the_bits_of_one_kernel_after_the_other) {
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const std::string what = "seed " + std::to_string(seed);
    random_program(seed, float32, int32, uint32).check(what);
    random_program(seed, float64, int64, uint64).check(what);
    if (seed % 4 == 0) random_program(seed, float64, float32, int32).check(what + ", mixed");
    if (seed % 2 == 0) random_program(seed, float16, float32, int32).check(what + ", float16");
    if (seed % 2 == 0) random_program(seed, bfloat16, bfloat16, float16).check(what + ", bfloat16");
    if (HasFatalFailure()) return;
  }
}

// Past the caches: outputs that are larger than what stays there, aligned and not, over whole and broken groups.
TEST(chain, streams_what_no_cache_holds) {
  const std::int64_t count = (6 << 20) + 37;
  std::vector<float> x(static_cast<std::size_t>(count)), out(x.size() + 1);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 1000);
  for (const std::size_t shift : {std::size_t{0}, std::size_t{1}}) {
    for (const std::int64_t rows : {1, 7}) {
      const std::int64_t columns = count / rows;
      std::fill(out.begin(), out.end(), -1.0f);
      stage s;
      s.extents = {rows, columns};
      s.folded = {false, false};
      const std::int64_t pitch = columns * 4;
      s.inputs = {{reinterpret_cast<std::byte*>(x.data()), float32, {pitch, 4}}};
      s.register_types = {float32, float32};
      s.instructions = {{op::square, float32, 1, {0, no_reg, no_reg}}};
      s.results = {{1, fold::none, {reinterpret_cast<std::byte*>(out.data() + shift), float32, {pitch, 4}}, no_reg}};
      cpu_backend().run(s);
      const auto points = static_cast<std::size_t>(rows * columns);
      for (std::size_t i = 0; i < points; ++i) ASSERT_EQ(out[i + shift], x[i] * x[i]) << i;
      if (points + shift < out.size()) {
        ASSERT_EQ(out[points + shift], -1.0f);
      }
    }
  }
}

TEST(chain, streams_16_bit_floats) {
  const std::int64_t count = (12 << 20) + 77;
  std::vector<std::uint16_t> x(static_cast<std::size_t>(count)), out(x.size() + 1);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<std::uint16_t>(i * 7);  // every number, also NaN
  for (const dtype type : {float16, bfloat16}) {
    std::fill(out.begin(), out.end(), std::uint16_t{7});
    stage s;
    s.extents = {count};
    s.folded = {false};
    s.inputs = {{reinterpret_cast<std::byte*>(x.data()), type, {2}}};
    s.register_types = {type, type};
    s.instructions = {{op::add, type, 1, {0, 0, no_reg}}};
    s.results = {{1, fold::none, {reinterpret_cast<std::byte*>(out.data()), type, {2}}, no_reg}};
    cpu_backend().run(s);
    // 2x: one more in the exponent, or the infinity; twice a subnormal is its bits shifted; NaN becomes quiet.
    const int fraction = type == float16 ? 10 : 7;
    const int unit = 1 << fraction, infinity = 0x7fff & ~(unit - 1);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const int sign = x[i] & 0x8000, size = x[i] & 0x7fff;
      const int expected = size > infinity ? size | unit / 2 : size < unit ? 2 * size : std::min(size + unit, infinity);
      ASSERT_EQ(out[i], sign | expected) << type.name() << ", " << x[i];
    }
    EXPECT_EQ(out.back(), 7);
  }
}

TEST(run, streams_results_of_kernels) {
  const std::int64_t count = (9 << 20) + 5;
  std::vector<std::int16_t> x(static_cast<std::size_t>(count)), out(x.size() + 1, -7);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<std::int16_t>(i % 1000);
  stage s;
  s.extents = {count};
  s.folded = {false};
  s.inputs = {{reinterpret_cast<std::byte*>(x.data()), int16, {2}}};
  s.register_types = {int16, int16};
  s.instructions = {{op::add, int16, 1, {0, 0, no_reg}}};
  s.results = {{1, fold::none, {reinterpret_cast<std::byte*>(out.data()), int16, {2}}, no_reg}};
  cpu_backend().run(s);
  for (std::size_t i = 0; i < x.size(); ++i) ASSERT_EQ(out[i], 2 * x[i]) << i;
  EXPECT_EQ(out.back(), -7);
}

// A program with thousands of values that all live at once still runs, in blocks of fewer points.
TEST(chain, cuts_blocks_smaller_where_many_values_live) {
  hand_written s({float32}, {});
  std::vector<float> x(3000), out(x.size());
  std::iota(x.begin(), x.end(), 0.0f);
  stage many = s.get();
  many.extents = {3000};
  many.folded = {false};
  many.inputs[0] = {reinterpret_cast<std::byte*>(x.data()), float32, {4}};
  std::vector<reg> values = {0};
  const auto emit = [&](op code, reg a, reg b) {
    const auto r = static_cast<reg>(many.register_types.size());
    many.register_types.push_back(float32);
    many.instructions.push_back({code, float32, r, {a, b, no_reg}});
    return r;
  };
  for (int i = 0; i < 3000; ++i) values.push_back(emit(op::sin, values.back(), no_reg));
  reg sum = values[0];
  for (std::size_t i = 1; i < values.size(); ++i) sum = emit(op::add, sum, values[i]);
  many.results = {{sum, fold::none, {reinterpret_cast<std::byte*>(out.data()), float32, {4}}, no_reg}};
  const cpu::block_program blocks(many, std::vector<int>{0}, cpu::block_size::of(1024),
                                  cpu::block_program::numbering::panels);
  EXPECT_EQ(blocks.blocks().most(), 64);
  cpu_backend().run(many);
  for (const std::size_t i : {std::size_t{0}, std::size_t{77}, std::size_t{2999}}) {
    float value = x[i], expected = x[i];
    for (int k = 0; k < 3000; ++k) {
      find_kernel(op::sin, float32)(&value, &value, nullptr, nullptr, 1);
      expected += value;
    }
    EXPECT_EQ(out[i], expected);
  }
}

template <class T> void expect_quotients(dtype type) {
  std::vector<T> x, divisors = {0, 1, 3, std::numeric_limits<T>::infinity(), std::numeric_limits<T>::quiet_NaN()};
  constexpr int lowest = std::numeric_limits<T>::min_exponent - std::numeric_limits<T>::digits;
  for (int e = lowest; e <= std::numeric_limits<T>::max_exponent; e += 3) {
    x.insert(x.end(), {std::ldexp(T(1), e - 1), std::ldexp(T(-1.1), e - 1), std::ldexp(T(1.9999), e - 1)});
  }
  for (int e = lowest; e < std::numeric_limits<T>::max_exponent; ++e) divisors.push_back(std::ldexp(T(1), e));
  std::vector<T> out(x.size());
  for (const T size : divisors) {
    for (const T divisor : {size, -size}) {
      hand_written s({type}, {type});
      const reg quotient = s.add(op::divide, type, {0, 1}, type);
      stage one = s.get();
      const auto n = static_cast<std::int64_t>(x.size());
      one.extents = {n};
      one.folded = {false};
      one.inputs[0] = {reinterpret_cast<std::byte*>(x.data()), type, {static_cast<std::int64_t>(sizeof(T))}};
      std::memcpy(one.constants[0].bytes, &divisor, sizeof(T));
      const strided target = {reinterpret_cast<std::byte*>(out.data()), type, {static_cast<std::int64_t>(sizeof(T))}};
      one.results = {{quotient, fold::none, target, no_reg}};
      run_in_blocks(one);
      for (std::size_t i = 0; i < x.size(); ++i) {
        const T expected = x[i] / divisor;
        ASSERT_TRUE(out[i] == expected || (std::isnan(out[i]) && std::isnan(expected))) << x[i] << " / " << divisor;
      }
    }
  }
}

TEST_P(chains, divide_exactly_by_every_power_of_two) {
  expect_quotients<float>(float32);
  expect_quotients<double>(float64);
}

INSTANTIATE_TEST_SUITE_P(targets, chains, testing::ValuesIn(simd_targets()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace tessera::detail
