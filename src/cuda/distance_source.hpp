// What kernels over tiles of distances have in common: the metric as text, how rows are read, parameters. device/distances.cuh
// has the tiles.
#pragma once
#include <functional>
#include <initializer_list>
#include <span>
#include <string>

#include "cuda/geometry.hpp"
#include "cuda/launch.hpp"
#include "ops/distance_plan.hpp"

namespace tessera::detail::cuda {

/// A part of the matrices small enough for 32-bit numbers of blocks: points of the batch, rows [i, i + n), columns [j, j + m).
struct distance_part {
  const slab& batch;  // data: fields of x, of y, numbers of x's rows, of y's, then targets, at the part's first point
  std::int64_t i, j, n, m;
};

class distance_source {
 public:
  /// `targets` are what the kernel writes: data and strides of the batch's axes.
  distance_source(const distance_plan& plan, std::initializer_list<strided> targets);

  static constexpr std::int64_t tile_columns = 64;
  std::int64_t tile_rows() const { return 16 * thread_rows_; }
  /// Thread blocks that a multiprocessor's registers should hold: for __launch_bounds__.
  int blocks() const { return blocks_; }
  /// "euclidean_float32"
  std::string name() const;
  /// `struct program`, of which kernels are made; all that text() depends on.
  const std::string& program() const { return program_; }
  /// What a kernel's text starts with, program included.
  std::string text() const;

  /// The batch's axes, merged.
  const geometry& batch() const { return g_; }
  /// Cuts the batch and the matrices so that a part has at most 2^20 rows, 2^22 columns and 2^30 tiles, and no more of each than
  /// most_slab_units().
  void for_each_part(const std::function<void(const distance_part&)>& run) const;
  std::int64_t tiles_i(const distance_part& part) const { return divide_up(part.n, tile_rows()); }
  std::int64_t tiles_j(const distance_part& part) const { return divide_up(part.m, tile_columns); }

  /// The values of a distance_operands, and of a target's strides along the batch's axes (i64[batch_axes]).
  void add_operands(parameters& to, const distance_part& part) const;
  void add_target_strides(parameters& to, std::size_t target) const;
  std::size_t first_target() const { return plan_.x.size() + plan_.y.size() + 2; }
  /// On the current stream.
  void use_operands(context& on) const;

 private:
  std::string layout(std::size_t first, std::span<const strided> fields, std::int64_t rows) const;
  int number_alignment() const;

  const distance_plan& plan_;
  geometry g_;
  int thread_rows_, blocks_;
  std::string program_;
};

/// What addresses of elements are multiples of: data, strides of the batch's axes (of operand `k` of g) and these strides.
int common_alignment(const geometry& g, std::size_t k, std::initializer_list<std::int64_t> strides, int most);

}  // namespace tessera::detail::cuda
