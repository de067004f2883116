// Workloads that are sums of products.
#include <complex>

#include "workload.hpp"

namespace bench {
namespace {

using namespace tessera;

/// One label of an equation: how far it runs, and the step of each operand and of the result (in elements) along it.
struct label {
  char name;
  std::int64_t extent = 1;
  std::vector<std::int64_t> steps;
  bool summed = true;
};

/// The equation as loops: "ij,jk->ik" gives i, j (summed) and k.
class loops {
 public:
  explicit loops(const operands& in) {
    const std::string& equation = in.equation;
    const std::size_t arrow = equation.find("->");
    std::string inputs = equation.substr(0, arrow);
    result_ = equation.substr(arrow + 2);
    for (std::size_t begin = 0, operand = 0; begin <= inputs.size(); ++operand) {
      const std::size_t end = std::min(inputs.find(',', begin), inputs.size());
      operands_.push_back(in[std::string(1, static_cast<char>('a' + operand))]);
      add_operand(inputs.substr(begin, end - begin));
      begin = end + 1;
    }
    for (label& l : labels_) {
      l.steps.resize(operands_.size());
      l.summed = result_.find(l.name) == std::string::npos;
    }
  }

  tessera::shape extents() const {
    tessera::shape result;
    for (char name : result_) result.push_back(find(name).extent);
    return result;
  }

  /// The element of the result with flat C index k.
  double operator()(std::int64_t k) const {
    std::vector<std::int64_t> at(operands_.size());
    for (std::size_t axis = result_.size(); axis-- > 0;) {
      const label& l = find(result_[axis]);
      for (std::size_t i = 0; i < at.size(); ++i) at[i] += k % l.extent * l.steps[i];
      k /= l.extent;
    }
    return sum(at, 0);
  }

 private:
  void add_operand(const std::string& names) {
    const input& in = operands_.back();
    std::int64_t step = in.size();
    for (std::size_t axis = 0; axis < names.size(); ++axis) {
      step /= in.extent(static_cast<int>(axis));
      auto l = std::find_if(labels_.begin(), labels_.end(), [&](const label& one) { return one.name == names[axis]; });
      if (l == labels_.end()) l = labels_.insert(l, label{names[axis], in.extent(static_cast<int>(axis)), {}});
      l->steps.resize(operands_.size());
      l->steps.back() += step;
    }
  }

  const label& find(char name) const {
    return *std::find_if(labels_.begin(), labels_.end(), [&](const label& l) { return l.name == name; });
  }

  /// The sum over the summed labels from number `first` on.
  double sum(std::vector<std::int64_t> at, std::size_t first) const {
    while (first < labels_.size() && !labels_[first].summed) ++first;
    double result = 0;
    if (first == labels_.size()) {
      result = 1;
      for (std::size_t i = 0; i < at.size(); ++i) result *= operands_[i](at[i]);
      return result;
    }
    for (std::int64_t j = 0; j < labels_[first].extent; ++j) {
      result += sum(at, first + 1);
      for (std::size_t i = 0; i < at.size(); ++i) at[i] += labels_[first].steps[i];
    }
    return result;
  }

  std::vector<input> operands_;
  std::vector<label> labels_;
  std::string result_;
};

answer contracted(const operands& in) {
  const loops plain(in);
  return {plain.extents(), in.a.dtype(), plain, 50};
}

/// a[:, ::2] @ b[::2, ::2]
array strided_product(const operands& in) {
  return einsum(in.equation, in.a(all, slice(none, none, 2)), in.b(slice(none, none, 2), slice(none, none, 2)));
}
answer strided_product_expected(const operands& in) {
  const input a = in["a"], b = in["b"];
  const std::int64_t n = a.extent(0);
  return {{n, n}, float32, [=](std::int64_t k) {
            double result = 0;
            for (std::int64_t j = 0; j < n; ++j) result += a(k / n * 2 * n + 2 * j) * b(2 * j * 2 * n + 2 * (k % n));
            return result;
          }};
}

/// Complex numbers as pairs of neighbours.
array complex_product(const operands& in) {
  return einsum(in.equation, in.a.view(complex64), in.b.view(complex64)).view(float32);
}
answer complex_product_expected(const operands& in) {
  const input a = in["a"], b = in["b"];
  const std::int64_t n = a.extent(0), width = a.extent(1);
  return {{n, width}, float32, [=](std::int64_t k) {
            const std::int64_t row = k / width * width, column = k % width / 2 * 2;
            std::complex<double> result = 0;
            for (std::int64_t j = 0; j < n; ++j) {
              result += std::complex<double>(a(row + 2 * j), a(row + 2 * j + 1)) *
                        std::complex<double>(b(j * width + column), b(j * width + column + 1));
            }
            return k % 2 == 0 ? result.real() : result.imag();
          }};
}

const entry entries[] = {
    {"mm_strided_.*", strided_product, strided_product_expected},
    {"mm_c64_256", complex_product, complex_product_expected},
    {"mm_.*|bmm_.*|gemv_.*|bmv_f32|rowdot_f32|outer_f32_4096|attn_scores_f32|contract_(ij|cd)_f32",
     [](const operands& in) -> array { return einsum(in.equation, in.a, in.b); }, contracted},
    {"chain3_f32", [](const operands& in) -> array { return einsum(in.equation, in.a, in.b, in.c); }, contracted},
    {"batch_diag_f32", [](const operands& in) -> array { return einsum(in.equation, in.a).copy(); }, contracted},
    {"batch_trace_f32", [](const operands& in) -> array { return einsum(in.equation, in.a); }, contracted},
};

}  // namespace

std::span<const entry> einsum_entries() { return entries; }

}  // namespace bench
