// Random equations of one to four operands, of any dtype and any strides, against plain loops over all labels.
#include <algorithm>
#include <complex>
#include <random>

#include "ops/default_device.hpp"
#include "ops/elements.hpp"

using namespace tessera;

namespace {

using number = std::complex<double>;

const dtype types[] = {bool_,  int8,    int16,    int32,   int64,   uint8,     uint16,    uint32,
                       uint64, float16, bfloat16, float32, float64, complex64, complex128};

/// A random equation. Labels a to f have extents 0 to 4; an operand may have any of them more than once, or with extent 1.
struct problem {
  std::string equation;
  std::vector<std::string> inputs;  // labels of each operand, an ellipsis as capitals
  std::string output;
  std::vector<array> operands;
  std::vector<std::vector<number>> values;  // of the operands, in C order
  std::vector<std::int64_t> extents = std::vector<std::int64_t>(128, 1);
};

class generator {
 public:
  explicit generator(unsigned seed) : random_(seed) {}

  int below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
  bool one_in(int n) { return below(n) == 0; }

  problem make(tessera::device on) {
    problem p;
    for (char l = 'a'; l <= 'f'; ++l) p.extents[index(l)] = one_in(60) ? 0 : 1 + below(4);
    for (char l : {'X', 'Y'}) p.extents[index(l)] = 1 + below(3);
    const bool ellipsis = one_in(3);
    const int count = 1 + below(4);
    for (int k = 0; k < count; ++k) add_operand(p, ellipsis, on);
    make_output(p);
    for (int k = 0; k < count; ++k) {
      std::string text = written(p.inputs[static_cast<std::size_t>(k)]);
      if (ellipsis && text.find('.') == text.npos && one_in(2)) text += "...";  // one that stands for no axes
      p.equation += (k == 0 ? "" : ",") + text;
    }
    if (implicit_) return p;
    std::string text = written(p.output);
    if (text.find('.') == text.npos && (has_capitals(p) || one_in(10))) text += "...";
    p.equation += (one_in(5) ? " -> " : "->") + text;
    return p;
  }

 private:
  static std::size_t index(char l) { return static_cast<std::size_t>(l); }
  static bool is_capital(char l) { return l < 'a'; }
  static bool has_capitals(const problem& p) {
    for (const std::string& labels : p.inputs) {
      for (char l : labels) {
        if (is_capital(l)) return true;
      }
    }
    return false;
  }
  /// "aXYb" as "a...b".
  static std::string written(const std::string& labels) {
    std::string text;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      if (!is_capital(labels[i])) text += labels[i];
      else if (i == 0 || !is_capital(labels[i - 1])) text += "...";
    }
    return text;
  }

  void add_operand(problem& p, bool ellipsis, tessera::device on) {
    std::string labels;
    for (int axes = below(4); axes > 0; --axes) labels += static_cast<char>('a' + below(6));
    shape extents;
    for (char l : labels) extents.push_back(p.extents[index(l)]);
    for (std::size_t i = 0; i < labels.size(); ++i) {  // broadcast: all axes of a label in this operand
      if (labels.find(labels[i]) != i || !one_in(12)) continue;
      for (std::size_t j = i; j < labels.size(); ++j) {
        if (labels[j] == labels[i]) extents[static_cast<int>(j)] = 1;
      }
    }
    if (ellipsis) {
      const std::string axes = std::string("XY").substr(static_cast<std::size_t>(below(3)));
      const int at = below(static_cast<int>(labels.size()) + 1);
      for (std::size_t i = 0; i < axes.size(); ++i) {
        extents.insert(at + static_cast<int>(i), one_in(4) ? 1 : p.extents[index(axes[i])]);
      }
      labels.insert(static_cast<std::size_t>(at), axes);
    }
    p.inputs.push_back(labels);
    add_elements(p, extents, on);
  }

  /// In memory of its own, with strides that are negative, zero, permuted, with gaps, or not multiples of the element's size.
  void add_elements(problem& p, const shape& extents, tessera::device on) {
    if (!one_type_ || p.operands.empty()) type_ = types[below(15)];
    if (p.operands.empty()) one_type_ = one_in(2);
    std::int64_t size = 1;
    for (std::int64_t e : extents) size *= e;
    std::vector<number> values;
    array source = zeros({size}, {.dtype = type_, .device = cpu()});
    for (std::int64_t i = 0; i < size; ++i) {
      const double re = number_of(), im = type_.kind() == 'c' ? number_of() : 0;
      if (type_.kind() == 'c') source(i) = std::complex<double>(re, im);
      else source(i) = re;
      values.emplace_back(re, im);
    }
    p.operands.push_back(placed(reshape(source, extents), values, on));
    p.values.push_back(values);
  }

  double number_of() {
    if (type_ == bool_) return below(2);
    if (type_.kind() == 'u') return below(6);
    return below(11) - 5;
  }

  /// Memory is filled on the host and goes to the device as it is; the views are made there, so that nothing is compiled.
  array placed(const array& source, std::vector<number>& values, tessera::device on) {
    const int ndim = source.ndim();
    std::vector<int> order;
    for (int axis = 0; axis < ndim; ++axis) order.insert(order.begin() + below(axis + 1), axis);
    if (one_in(3)) std::sort(order.begin(), order.end());
    shape extents;  // in memory: axes in another order, twice as long where there are gaps
    std::vector<subscript> pick(static_cast<std::size_t>(ndim), all);
    std::vector<int> back(static_cast<std::size_t>(ndim));
    for (int k = 0; k < ndim; ++k) {
      const auto place = static_cast<std::size_t>(k);
      back[static_cast<std::size_t>(order[place])] = k;
      const std::int64_t e = source.shape()[order[place]];
      const int kind = below(4);
      extents.push_back(kind == 0 ? 2 * e : e);
      if (kind == 0) pick[place] = slice(0, none, 2);
      if (kind == 1) pick[place] = slice(none, none, -1);
    }
    std::int64_t size = 1;
    for (std::int64_t e : extents) size *= e;
    const int itemsize = source.itemsize();
    const bool misaligned = itemsize > 1 && size > 0 && one_in(4);
    const array bytes = zeros({size * itemsize + misaligned}, {.dtype = uint8, .device = cpu()});
    const auto view_of = [&](const array& memory) {
      const array elements = memory(slice(misaligned ? 1 : 0, none)).view(source.dtype());
      return transpose(reshape(elements, extents).view_at(pick), axes(back));
    };
    array x = view_of(bytes);
    x() = source;
    x = view_of(bytes.to(on));
    return ndim > 0 && one_in(5) ? with_zero_stride(x, values) : x;
  }

  /// The first position of an axis for all of it.
  array with_zero_stride(const array& x, std::vector<number>& values) {
    const int axis = below(x.ndim());
    const std::int64_t extent = x.shape()[axis];
    if (extent == 0) return x;
    std::int64_t inner = 1;
    for (int k = axis + 1; k < x.ndim(); ++k) inner *= x.shape()[k];
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto at = static_cast<std::int64_t>(i);
      values[i] = values[static_cast<std::size_t>(at - at / inner % extent * inner)];
    }
    std::vector<subscript> first(static_cast<std::size_t>(x.ndim()), all);
    first[static_cast<std::size_t>(axis)] = slice(0, 1);
    return broadcast_to(x.view_at(first), x.shape());
  }

  void make_output(problem& p) {
    implicit_ = one_in(4);
    std::string seen, once;
    for (const std::string& labels : p.inputs) {
      for (char l : labels) {
        const std::size_t at = seen.find(l);
        if (at == seen.npos) once += l;
        else if (once.find(l) != once.npos) once.erase(once.find(l), 1);
        if (at == seen.npos) seen += l;
      }
    }
    std::string capitals;
    for (char l : {'X', 'Y'}) {
      if (seen.find(l) != seen.npos) capitals += l;
    }
    std::string letters;
    for (char l = 'a'; l <= 'f'; ++l) {
      if (implicit_ ? once.find(l) != once.npos : seen.find(l) != seen.npos && one_in(2)) letters += l;
    }
    if (!implicit_) {
      std::shuffle(letters.begin(), letters.end(), random_);
      if (!letters.empty() && letters.size() < 4 && one_in(8)) letters += letters[0];  // beyond NumPy
    }
    p.output = letters;
    p.output.insert(implicit_ ? 0 : static_cast<std::size_t>(below(static_cast<int>(letters.size()) + 1)), capitals);
  }

  std::mt19937 random_;
  bool implicit_ = false, one_type_ = false;
  dtype type_;
};

struct answer {
  shape extents;
  std::vector<number> sums;
  std::vector<double> scale;  // sums of absolute products
};

/// A loop over every combination of labels.
answer looped(const problem& p) {
  std::string labels = p.output;
  std::sort(labels.begin(), labels.end());
  for (const std::string& input : p.inputs) labels += input;
  std::string distinct;
  for (char l : labels) {
    if (distinct.find(l) == distinct.npos) distinct += l;
  }
  std::vector<std::int64_t> extent(128, 1), at(128, 0);
  for (std::size_t k = 0; k < p.inputs.size(); ++k) {
    for (std::size_t i = 0; i < p.inputs[k].size(); ++i) {
      std::int64_t& e = extent[static_cast<std::size_t>(p.inputs[k][i])];
      const std::int64_t own = p.operands[k].shape()[static_cast<int>(i)];
      if (own != 1) e = own;
    }
  }
  answer a;
  std::int64_t size = 1;
  for (char l : p.output) {
    a.extents.push_back(extent[static_cast<std::size_t>(l)]);
    size *= extent[static_cast<std::size_t>(l)];
  }
  a.sums.resize(static_cast<std::size_t>(size));
  a.scale.resize(static_cast<std::size_t>(size));
  for (char l : distinct) {
    if (extent[static_cast<std::size_t>(l)] == 0) return a;
  }
  for (bool more = true; more;) {
    number product = 1;
    for (std::size_t k = 0; k < p.inputs.size(); ++k) {
      std::int64_t offset = 0;
      for (std::size_t i = 0; i < p.inputs[k].size(); ++i) {
        const std::int64_t own = p.operands[k].shape()[static_cast<int>(i)];
        offset = offset * own + (own == 1 ? 0 : at[static_cast<std::size_t>(p.inputs[k][i])]);
      }
      product *= p.values[k][static_cast<std::size_t>(offset)];
    }
    std::int64_t to = 0;
    for (char l : p.output) to = to * extent[static_cast<std::size_t>(l)] + at[static_cast<std::size_t>(l)];
    a.sums[static_cast<std::size_t>(to)] += product;
    a.scale[static_cast<std::size_t>(to)] += std::abs(product);
    more = false;
    for (char l : distinct) {
      if (++at[static_cast<std::size_t>(l)] < extent[static_cast<std::size_t>(l)]) {
        more = true;
        break;
      }
      at[static_cast<std::size_t>(l)] = 0;
    }
  }
  return a;
}

/// The sum as an element of the dtype: modulo 2**bits, any of all for bool.
number rounded(number x, dtype type) {
  if (type == bool_) return x != 0.0;
  if (type.kind() != 'i' && type.kind() != 'u') return x;
  const auto bits = 8 * type.itemsize();
  if (bits == 64) return x;  // below 2**53 in magnitude; a negative one is compared as int64
  const double modulus = std::ldexp(1.0, bits);
  double value = std::fmod(x.real(), modulus);
  if (value < 0) value += modulus;
  if (type.kind() == 'i' && value >= modulus / 2) value -= modulus;
  return value;
}

/// Allowed error relative to the sum of absolute products: halves are rounded once.
double precision(dtype type) {
  if (type == bfloat16) return 1.0 / 256 + 1e-5;
  if (type == float16) return 1.0 / 2048 + 1e-5;
  return type == float32 || type == complex64 ? 1e-5 : 1e-13;
}

bool common_dtype_exists(const problem& p) {
  bool bfloat = false, other = false;
  for (const array& x : p.operands) {
    bfloat |= x.dtype() == bfloat16;
    other |= x.dtype() == float16 || ((x.dtype().kind() == 'i' || x.dtype().kind() == 'u') && x.itemsize() > 1);
  }
  return !bfloat || !other;
}

/// Replays `count` equations; `every` seed's own.
void replay(unsigned seed, int count, tessera::device on) {
  generator make(seed);
  const einsum_search searches[] = {einsum_search::automatic, einsum_search::none, einsum_search::greedy,
                                    einsum_search::optimal};
  for (int n = 0; n < count; ++n) {
    const problem p = make.make(on);
    std::string about = "seed " + std::to_string(seed) + ", number " + std::to_string(n) + ": " + p.equation;
    for (const array& x : p.operands) {
      about += std::string(" ") + x.dtype().name() + to_string(x.shape()) + "/" + to_string(x.strides());
    }
    SCOPED_TRACE(about);
    const std::vector<operand> operands(p.operands.begin(), p.operands.end());
    const einsum_options options = {.optimize = searches[make.below(4)], .memory_limit = make.one_in(4) ? 4 : -1};
    if (!common_dtype_exists(p)) continue;
    const array got = einsum_list(p.equation, operands, options).to(cpu());
    const answer expected = looped(p);
    ASSERT_EQ(got.shape(), expected.extents);
    const std::vector<number> values = tessera_test::values<number>(got.astype(complex128));
    const bool exact = got.dtype().kind() == 'b' || got.dtype().kind() == 'i' || got.dtype().kind() == 'u';
    for (std::size_t i = 0; i < values.size(); ++i) {
      const number e = rounded(expected.sums[i], got.dtype());
      number v = values[i];
      if (got.dtype() == uint64 && v.real() > 1e19) v -= std::ldexp(1.0, 64);
      const double bound = exact ? 0 : precision(got.dtype()) * expected.scale[i] + 1e-300;
      ASSERT_LE(std::abs(v - e), bound) << "element " << i << ": " << v << ", expected " << e;
    }
  }
}

#ifndef TESSERA_TEST_ON_DEVICE
class einsum_random : public testing::TestWithParam<unsigned> {};
TEST_P(einsum_random, equals_plain_loops) { replay(GetParam(), 1000, cpu()); }
INSTANTIATE_TEST_SUITE_P(seeds, einsum_random, testing::Range(1u, 11u));
#else
class einsum_random_on_device : public on_test_device {};
TEST_F(einsum_random_on_device, equals_plain_loops) { replay(11, 30, cuda()); }
#endif

}  // namespace
