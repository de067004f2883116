// Contractions for tests of their mapping: equations, operands in memory of their own, an oracle of nested loops. The table
// of what is called was written down by hand from the rules of docs/gpu.md.
#pragma once
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "ops/contraction_plan.hpp"
#include "tessera/shape.hpp"

namespace tessera_test {

using tessera::shape;
using tessera::detail::contraction_axes;
using tessera::detail::contraction_axis;
using tessera::detail::contraction_plan;

enum class layout { contiguous, permuted, windowed };
inline constexpr layout all_layouts[] = {layout::contiguous, layout::permuted, layout::windowed};

/// `calls` by layout: copies before "|" (x, y, r: the result; X: conjugated), then one product (1), strided ones (S and how
/// many) or pointers (P), what cuBLAS does to its first and second matrix, its rows x columns x summed, calls if several.
struct pattern {
  const char *equation, *extents;
  const char* calls[3];
};

inline constexpr pattern patterns[] = {
    // One product, in each orientation.
    {"ij,jk->ik", "i20 j24 k28", {"1 NN 28x20x24", "1 TT 28x20x24", "1 NN 28x20x24"}},
    {"ij,kj->ik", "i20 j24 k28", {"1 TN 28x20x24", "1 NT 28x20x24", "1 TN 28x20x24"}},
    {"ji,jk->ik", "i20 j24 k28", {"1 NT 28x20x24", "1 TN 28x20x24", "1 NT 28x20x24"}},
    {"ij,jk->ki", "i20 j24 k28", {"1 TT 20x28x24", "1 NN 20x28x24", "1 TT 20x28x24"}},
    {"ij,jk->ik", "i20 j24 k2", {"1 NN 2x20x24", "1 TT 2x20x24", "1 NN 2x20x24"}},
    {"iij,jk->ik", "i20 j24 k28", {"1 NN 28x20x24", "x|1 TN 28x20x24", "1 NN 28x20x24"}},
    // Groups that merge, and copies where what is summed does not.
    {"bij,jk->bik", "b6 i20 j24 k28", {"1 NN 28x120x24", "x|1 TN 28x120x24", "S6 NN 28x20x24"}},
    {"abc,dc->abd", "a6 b20 c24 d28", {"1 TN 28x120x24", "x|1 NN 28x120x24", "S6 TN 28x20x24"}},
    {"ijkl,klmn->ijmn", "i4 j6 k5 l7 m8 n3", {"1 NN 24x24x35", "r|1 TT 24x24x35", "xy|1 TN 24x24x35"}},
    {"ijk,ljk->il", "i20 j6 k8 l28", {"1 TN 28x20x48", "1 NT 28x20x48", "xy|1 TN 28x20x48"}},
    {"ijk,kjl->il", "i20 j6 k8 l28", {"x|1 NN 28x20x48", "x|1 TN 28x20x48", "xy|1 TN 28x20x48"}},
    {"kij,kjl->il", "i20 j8 k6 l28", {"x|1 NN 28x20x48", "x|1 TN 28x20x48", "xy|1 TN 28x20x48"}},
    {"ijkl,jl->ik", "i20 j6 k28 l8", {"x|1 NN 1x560x48", "x|1 NN 1x560x48", "xy|1 NN 1x560x48"}},
    // Axes of rows or columns that number products instead.
    {"ij,bjk->bik", "b6 i20 j24 k28", {"S6 NN 28x20x24", "y|S6 TT 28x20x24", "S6 NN 28x20x24"}},
    {"nchw,kc->nkhw", "n3 c24 h5 w7 k28", {"S3 NN 35x28x24", "x|S3 TT 35x28x24", "x|S3 TN 35x28x24"}},
    {"abc,bd->acd", "a6 b24 c20 d28", {"S6 NT 28x20x24", "x|1 TN 28x120x24", "S6 NT 28x20x24"}},
    {"ijkl,jm->imkl", "i6 j20 k5 l8 m24", {"S6 NT 40x24x20", "x|S6 TN 40x24x20", "x|S6 TT 40x24x20"}},
    // Batches.
    {"bij,bjk->bik", "b6 i20 j24 k28", {"S6 NN 28x20x24", "xy|S6 TN 28x20x24", "S6 NN 28x20x24"}},
    {"bij,bjk->bki", "b6 i20 j24 k28", {"S6 TT 20x28x24", "xy|S6 TN 20x28x24", "S6 TT 20x28x24"}},
    {"bij,bjk->ikb", "b6 i20 j24 k28", {"r|S6 NN 28x20x24", "xyr|S6 TN 28x20x24", "r|S6 NN 28x20x24"}},
    {"ijb,jkb->bik", "b6 i20 j24 k28", {"xy|S6 TN 28x20x24", "S6 TT 28x20x24", "xy|S6 TN 28x20x24"}},
    {"jik,kil->ijl", "i6 j20 k24 l28", {"S6 NN 28x20x24", "S6 TT 28x20x24", "S6 NN 28x20x24"}},
    {"abij,abjk->abik", "a3 b4 i20 j24 k28", {"S12 NN 28x20x24", "xy|S12 TN 28x20x24", "S4 NN 28x20x24 3 calls"}},
    {"bhid,bhjd->bhij", "b3 h4 i20 j28 d24", {"S12 TN 28x20x24", "xy|S12 TN 28x20x24", "S4 TN 28x20x24 3 calls"}},
    {"bihd,bjhd->bhij",
     "b3 i20 h4 d24 j28",
     {"S4 TN 28x20x24 3 calls", "xy|S12 TN 28x20x24", "S4 TN 28x20x24 3 calls"}},
    {"bhij,bjhd->bihd",
     "b3 h4 i20 j28 d24",
     {"S4 NN 24x20x28 3 calls", "xy|S4 TN 24x20x28 3 calls", "S4 NN 24x20x28 3 calls"}},
    {"bihd,bjhd->bhij", "b9 i20 h12 d24 j28", {"P108 TN 28x20x24", "xy|S108 TN 28x20x24", "S12 TN 28x20x24 9 calls"}},
    {"bhij,bhjk->bihk", "b9 h12 i20 j24 k28", {"P108 NN 28x20x24", "xy|P108 TN 28x20x24", "P108 NN 28x20x24"}},
    // Vectors, and products without a sum: the rules hold for them, though the fused kernels run them.
    {"ij,ijk->ik", "i6 j24 k28", {"S6 NN 28x1x24", "y|S6 TT 28x1x24", "S6 NN 28x1x24"}},
    {"i,ij->j", "i20 j28", {"1 NN 28x1x20", "1 TN 28x1x20", "1 NN 28x1x20"}},
    {"ijk,k->ij", "i6 j20 k24", {"1 NN 1x120x24", "r|1 NT 1x120x24", "S6 NN 1x20x24"}},
    {"bi,bj->bij", "b6 i20 j28", {"S6 NN 28x20x1", "S6 TN 28x20x1", "S6 NN 28x20x1"}},
};

/// "ij", "jk" and "ik" of an equation, with the extent of each label.
struct equation {
  std::string x, y, to;
  std::map<char, std::int64_t> extents;

  equation(const std::string& text, const std::string& sizes) {
    const std::size_t comma = text.find(','), arrow = text.find("->");
    x = text.substr(0, comma);
    y = text.substr(comma + 1, arrow - comma - 1);
    to = text.substr(arrow + 2);
    for (std::size_t at = 0; at != std::string::npos; at = sizes.find(' ', at)) {
      at += sizes[at] == ' ';
      extents[sizes[at]] = std::atoll(sizes.c_str() + at + 1);
    }
  }
  std::string summed() const {
    std::string all;
    for (const char l : x) {
      if (y.find(l) != std::string::npos && to.find(l) == std::string::npos && all.find(l) == std::string::npos)
        all += l;
    }
    return all;
  }
};

/// An array of elements T in memory of its own.
template <class T> struct laid_out {
  std::vector<T> memory;
  std::byte* data = nullptr;
  std::map<char, std::int64_t> strides = {};  // in bytes; of a repeated label the sum

  /// Axes in the order of the labels, last to first (permuted), or in a larger array of two more along each axis (windowed).
  laid_out(const std::string& labels, const equation& e, layout how) {
    std::string order = labels;
    if (how == layout::permuted) std::reverse(order.begin(), order.end());
    std::int64_t next = sizeof(T);
    for (std::size_t i = order.size(); i-- > 0;) {
      strides[order[i]] += next;
      next *= e.extents.at(order[i]) + (how == layout::windowed ? 2 : 0);
    }
    memory.resize(static_cast<std::size_t>(next) / sizeof(T));
    data = reinterpret_cast<std::byte*>(memory.data());
  }
  std::int64_t stride(char label) const {
    const auto found = strides.find(label);
    return found == strides.end() ? 0 : found->second;
  }
};

/// The plan of the equation as the front end orders axes (result by its strides, summed ones by y's), not merged.
template <class T>
contraction_plan plan_of(const equation& e, const laid_out<T>& x, const laid_out<T>& y, laid_out<T>& to,
                         tessera::dtype type) {
  contraction_plan plan;
  plan.type = type;
  plan.x = x.data;
  plan.y = y.data;
  plan.to = to.data;
  const auto axis = [&](char l) { return contraction_axis{e.extents.at(l), x.stride(l), y.stride(l), to.stride(l)}; };
  for (const char l : e.to) {
    const bool in_x = x.strides.contains(l), in_y = y.strides.contains(l);
    (in_x && in_y ? plan.batch : in_x ? plan.rows : plan.columns).push_back(axis(l));
  }
  for (const char l : e.summed()) plan.summed.push_back(axis(l));
  std::stable_sort(plan.summed.begin(), plan.summed.end(), [](const contraction_axis& a, const contraction_axis& b) {
    return a.y != b.y ? std::abs(a.y) > std::abs(b.y) : std::abs(a.x) > std::abs(b.x);
  });
  return plan;
}

/// Calls f(x, y, to) with the byte offsets of every point of these axes.
template <class F> void for_each_point(const std::vector<contraction_axis>& axes, F&& f) {
  std::vector<std::int64_t> index(axes.size(), 0);
  for (;;) {
    std::int64_t x = 0, y = 0, to = 0;
    for (std::size_t i = 0; i < axes.size(); ++i) {
      x += index[i] * axes[i].x;
      y += index[i] * axes[i].y;
      to += index[i] * axes[i].to;
    }
    f(x, y, to);
    std::size_t i = axes.size();
    while (i > 0 && ++index[i - 1] == axes[i - 1].extent) index[--i] = 0;
    if (i == 0) return;
  }
}

/// The contraction by nested loops: take(to, x, y) for each point of the sum, in any order.
template <class F> void nested_loops(const contraction_plan& plan, F&& take) {
  std::vector<contraction_axis> axes;
  for (const contraction_axes* group : {&plan.batch, &plan.rows, &plan.columns, &plan.summed}) {
    axes.insert(axes.end(), group->begin(), group->end());
  }
  for_each_point(axes,
                 [&](std::int64_t x, std::int64_t y, std::int64_t to) { take(plan.to + to, plan.x + x, plan.y + y); });
}

}  // namespace tessera_test
