// Chooses the axes of the matrices. Docs/gpu.md has the rules; in short, in this order:
//
//   1. Groups merge to one axis where both of their arrays allow it. What is summed has to.
//   2. A matrix has neighbours along one of its axes and any larger stride along the other. Of all pairs of a row and a column
//      axis for which x, y and the result are matrices, the one with the most products per element read is taken.
//   3. Other axes of rows and columns number products, with stride 0 in the operand that lacks them.
//   4. If that leaves less than 16 rows or columns though there are more, or no pair will do, then what it takes is copied:
//      the combination of x, y and the result with the fewest bytes.
#include "cuda/contraction_mapping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/bytes_text.hpp"
#include "ops/contraction_axes.hpp"

namespace tessera::detail::cuda {
namespace {

/// Tiles of tensor cores have 16 rows: a narrower product leaves them idle, where a copy costs one pass.
constexpr std::int64_t enough_rows = 16;
/// Further products are a call each up to here: launches cost less than an array of pointers and the kernel that fills it.
constexpr std::int64_t most_calls = 8;
/// Tensor cores read this many bytes at once; where the host has a pointer cuBLAS looks at it, in an array it does not.
constexpr std::int64_t pointer_alignment = 16;

template <std::int64_t contraction_axis::*Stride> void order_by(contraction_axes& group) {
  std::stable_sort(group.begin(), group.end(), [](const contraction_axis& a, const contraction_axis& b) {
    return magnitude(a.*Stride) > magnitude(b.*Stride);
  });
}

/// How the elements [i, j] of a matrix lie: by rows, neighbours along j and `rows` elements from one i to the next; by columns
/// the other way round; 0 where they do not.
struct matrix_forms {
  std::int64_t by_rows = 0, by_columns = 0;
};

matrix_forms forms_of(std::int64_t m, std::int64_t along_m, std::int64_t n, std::int64_t along_n, std::int64_t item) {
  const auto leading = [item](std::int64_t outer, std::int64_t far, std::int64_t inner, std::int64_t near) {
    if (inner > 1 && near != item) return std::int64_t{0};
    if (outer == 1) return inner;
    return far % item == 0 && far / item >= inner ? far / item : 0;
  };
  return {leading(m, along_m, n, along_n), leading(n, along_n, m, along_m)};
}

/// Two axes that make matrices of all three arrays.
struct matrix_axes {
  std::size_t row = 0, column = 0;  // their places; that of a group without axes is 0
  matrix_forms x = {}, y = {}, to = {};
  std::int64_t m = 0, n = 0;

  /// Products per element read, which is what bounds a large product.
  double quality() const { return static_cast<double>(m) * static_cast<double>(n) / static_cast<double>(m + n); }
};

/// The plan with some of the arrays copied.
class variant {
 public:
  enum : unsigned { copies_x = 1, copies_y = 2, copies_to = 4 };
  variant(const contraction_plan& plan, unsigned copied);

  /// The best pair of axes, if there is one.
  std::optional<matrix_axes> matrices() const;
  bool is_enough(const matrix_axes& a) const {
    return a.m >= std::min(enough_rows, points(rows_)) && a.n >= std::min(enough_rows, points(columns_));
  }
  std::int64_t bytes() const { return map_.copy_of_x.bytes + map_.copy_of_y.bytes + map_.copy_of_to.bytes; }
  contraction_mapping mapping(const matrix_axes& a) const;

 private:
  static constexpr contraction_axis one_point = {1, 0, 0, 0};
  using groups = std::initializer_list<contraction_axes*>;

  void turn_around();
  void pack(mapped_copy& copy, std::int64_t contraction_axis::*stride, groups in_order);
  bool conjugates() const { return conjugated_ && !map_.copy_of_x.made; }
  bool is_aligned(const contraction_axes& others) const;
  bool all_aligned(std::int64_t bytes, const contraction_axes& axes) const;
  void set_matrices(contraction_mapping& m, const matrix_axes& a) const;
  void set_batches(contraction_mapping& m, const contraction_axes& others) const;
  static const contraction_axis& at(const contraction_axes& group, std::size_t i) {
    return group.empty() ? one_point : group[i];
  }
  contraction_axes others(const matrix_axes& a) const;

  const std::int64_t item_;
  const bool conjugated_;
  contraction_axes batch_, rows_, columns_, summed_;
  contraction_mapping map_;  // what is known from the start
};

variant::variant(const contraction_plan& plan, unsigned copied)
    : item_(plan.type.itemsize()),
      conjugated_(plan.conjugate_x),
      batch_(plan.batch),
      rows_(plan.rows),
      columns_(plan.columns),
      summed_(plan.summed) {
  map_.type = plan.type;
  map_.tf32 = plan.tf32;
  map_.x = plan.x;
  map_.y = plan.y;
  map_.to = plan.to;
  turn_around();
  if ((copied & copies_to) != 0) {
    order_by<&contraction_axis::x>(rows_);
    order_by<&contraction_axis::y>(columns_);
  }
  if ((copied & (copies_x | copies_y)) == copies_y) order_by<&contraction_axis::x>(summed_);
  if ((copied & copies_x) != 0) {
    pack(map_.copy_of_x, &contraction_axis::x, {&batch_, &rows_, &summed_});
    map_.copy_of_x.conjugated = conjugated_;
  }
  if ((copied & copies_y) != 0) pack(map_.copy_of_y, &contraction_axis::y, {&batch_, &columns_, &summed_});
  if ((copied & copies_to) != 0) pack(map_.copy_of_to, &contraction_axis::to, {&batch_, &rows_, &columns_});
  for (contraction_axes* group : {&batch_, &rows_, &columns_, &summed_}) merge(*group);
}

/// Summed axes that both operands walk backwards.
void variant::turn_around() {
  for (contraction_axis& axis : summed_) {
    if (axis.x >= 0 || axis.y >= 0) continue;
    map_.x += axis.x * (axis.extent - 1);
    map_.y += axis.y * (axis.extent - 1);
    axis.x = -axis.x;
    axis.y = -axis.y;
  }
}

/// Notes the copy, and gives the axes its strides. Axes that number products and repeat the operand are left out of it.
void variant::pack(mapped_copy& copy, std::int64_t contraction_axis::*stride, groups in_order) {
  copy.made = true;
  for (const contraction_axes* group : in_order) {
    for (const contraction_axis& axis : *group) {
      if (group == &batch_ && axis.*stride == 0) continue;
      copy.extents.push_back(axis.extent);
      copy.strides.push_back(axis.*stride);
    }
  }
  std::int64_t next = item_;
  for (const auto* group = in_order.end(); group != in_order.begin();) {
    --group;
    for (std::size_t i = (*group)->size(); i-- > 0;) {
      contraction_axis& axis = (**group)[i];
      if (*group == &batch_ && axis.*stride == 0) continue;
      axis.*stride = next;
      next *= axis.extent;
    }
  }
  copy.bytes = next;
}

/// Whether addresses are multiples of this many bytes, with every stride along these axes.
bool variant::all_aligned(std::int64_t bytes, const contraction_axes& axes) const {
  const auto is_multiple = [bytes](const void* data, bool copied) {
    return copied || reinterpret_cast<std::uintptr_t>(data) % static_cast<std::uintptr_t>(bytes) == 0;
  };
  return is_multiple(map_.x, map_.copy_of_x.made) && is_multiple(map_.y, map_.copy_of_y.made) &&
         is_multiple(map_.to, map_.copy_of_to.made) &&
         std::all_of(axes.begin(), axes.end(), [bytes](const contraction_axis& axis) {
           return axis.x % bytes == 0 && axis.y % bytes == 0 && axis.to % bytes == 0;
         });
}

/// The axes that number products: an axis beyond those of the matrices.
contraction_axes variant::others(const matrix_axes& a) const {
  contraction_axes all = batch_;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (i != a.row) all.push_back(rows_[i]);
  }
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (i != a.column) all.push_back(columns_[i]);
  }
  order_by<&contraction_axis::to>(all);
  merge(all);
  return all;
}

std::optional<matrix_axes> variant::matrices() const {
  if (summed_.size() > 1) return std::nullopt;
  const contraction_axis& k = at(summed_, 0);
  std::optional<matrix_axes> best;
  for (std::size_t i = 0; i < std::max<std::size_t>(1, rows_.size()); ++i) {
    for (std::size_t j = 0; j < std::max<std::size_t>(1, columns_.size()); ++j) {
      const contraction_axis &m = at(rows_, i), &n = at(columns_, j);
      matrix_axes a{.row = i, .column = j, .m = m.extent, .n = n.extent};
      a.x = forms_of(m.extent, m.x, k.extent, k.x, item_);
      a.y = forms_of(k.extent, k.y, n.extent, n.y, item_);
      a.to = forms_of(m.extent, m.to, n.extent, n.to, item_);
      if (conjugates()) {  // only together with a transposition
        if (a.x.by_columns == 0) a.to.by_rows = 0;
        if (a.x.by_rows == 0) a.to.by_columns = 0;
      }
      const auto lies = [](const matrix_forms& f) { return f.by_rows + f.by_columns > 0; };
      if (!lies(a.x) || !lies(a.y) || !lies(a.to) || !all_aligned(item_, others(a))) continue;
      if (!best || a.quality() > best->quality()) best = a;
    }
  }
  return best;
}

void variant::set_matrices(contraction_mapping& m, const matrix_axes& a) const {
  m.y_first = a.to.by_rows > 0;
  m.rows = m.y_first ? a.n : a.m;
  m.columns = m.y_first ? a.m : a.n;
  m.summed = at(summed_, 0).extent;
  // As it lies, columns first, a matrix by rows is its transpose: just what the transposed product is made from.
  const auto operand = [&](const matrix_forms& f, bool conjugated) {
    const std::int64_t plain = m.y_first ? f.by_rows : f.by_columns;
    if (plain > 0 && !conjugated) return mapped_matrix{matrix_op::none, plain, 0};
    return mapped_matrix{conjugated ? matrix_op::conjugated : matrix_op::transposed,
                         m.y_first ? f.by_columns : f.by_rows, 0};
  };
  const mapped_matrix x = operand(a.x, conjugates()), y = operand(a.y, false);
  m.first = m.y_first ? y : x;
  m.second = m.y_first ? x : y;
  m.result.leading = m.y_first ? a.to.by_rows : a.to.by_columns;
}

void variant::set_batches(contraction_mapping& m, const contraction_axes& others) const {
  m.outer = others;
  std::size_t widest = others.size();
  for (std::size_t i = 0; i < others.size(); ++i) {
    const bool forwards = others[i].x >= 0 && others[i].y >= 0 && others[i].to >= 0;
    if (forwards && (widest == others.size() || others[i].extent > others[widest].extent)) widest = i;
  }
  const std::int64_t strided = widest < others.size() ? others[widest].extent : 1;
  if (points(others) / strided > most_calls && all_aligned(pointer_alignment, others)) {
    m.batches = product_batches::pointers;
    return;
  }
  if (widest == others.size()) return;
  m.batches = product_batches::strided;
  m.products = strided;
  m.first.step = (m.y_first ? others[widest].y : others[widest].x) / item_;
  m.second.step = (m.y_first ? others[widest].x : others[widest].y) / item_;
  m.result.step = others[widest].to / item_;
  m.outer.clear();
  for (std::size_t i = 0; i < others.size(); ++i) {
    if (i != widest) m.outer.push_back(others[i]);
  }
}

contraction_mapping variant::mapping(const matrix_axes& a) const {
  contraction_mapping m = map_;
  set_matrices(m, a);
  set_batches(m, others(a));
  return m;
}

}  // namespace

contraction_mapping map_contraction(const contraction_plan& plan) {
  constexpr unsigned all_copies = variant::copies_x | variant::copies_y | variant::copies_to;
  std::optional<variant> best;
  std::optional<matrix_axes> best_axes;
  const auto consider = [&](unsigned copied) {
    const variant v(plan, copied);
    const std::optional<matrix_axes> a = v.matrices();
    if (!a) return;
    if (copied != 0 && !v.is_enough(*a)) return;
    const bool is_first = !best, was_narrow = best && !best->is_enough(*best_axes);
    if (!is_first && !was_narrow && v.bytes() >= best->bytes()) return;
    best.emplace(v);
    best_axes = a;
  };
  consider(0);
  if (best && best->is_enough(*best_axes)) return best->mapping(*best_axes);
  for (unsigned copied = 1; copied <= all_copies; ++copied) consider(copied);
  return best->mapping(*best_axes);  // with everything copied each group is one axis
}

std::int64_t calls_of(const contraction_mapping& m) {
  const auto pieces = [](std::int64_t products) { return (products + most_products - 1) / most_products; };
  if (m.batches == product_batches::pointers) return pieces(points(m.outer));
  return pieces(m.products) * points(m.outer);
}

std::string text_of(const contraction_mapping& m) {
  std::string text;
  const auto copied = [&text](const mapped_copy& copy, const char* what) {
    if (!copy.made) return;
    text += fmt::format("{}copy of {} ({}), ", copy.conjugated ? "conjugated " : "", what, bytes_text(copy.bytes));
  };
  copied(m.copy_of_x, "x");
  copied(m.copy_of_y, "y");
  const char* const function = m.batches == product_batches::one       ? "cublasGemmEx"
                               : m.batches == product_batches::strided ? "cublasGemmStridedBatchedEx"
                                                                       : "cublasGemmBatchedEx";
  text += fmt::format("{} {}{} {} x {} x {}", function, static_cast<char>(m.first.op), static_cast<char>(m.second.op),
                      m.rows, m.columns, m.summed);
  if (m.tf32 && m.type == float32) text += " in TF32";
  if (m.batches == product_batches::strided) text += fmt::format(", {} products", m.products);
  if (m.batches == product_batches::pointers) text += fmt::format(", {} products", points(m.outer));
  if (const std::int64_t calls = calls_of(m); calls > 1) text += fmt::format(", {} calls", calls);
  if (m.copy_of_to.made) text += fmt::format(", copy of the result ({})", bytes_text(m.copy_of_to.bytes));
  return text;
}

}  // namespace tessera::detail::cuda
