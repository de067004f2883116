// One of the two operands of nearest, and how its rows are packed.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "cpu/kernels/move.hpp"
#include "cpu/lanes.hpp"
#include "cpu/pair_tiles.hpp"

namespace tessera::detail::cpu {

/// An operand's rows, as they are packed.
class packed_rows {
 public:
  packed_rows(const pair_rows& rows, const pair_problem& of) : rows_(rows), of_(of) {}
  bool has_numbers() const { return rows_.number.data != nullptr; }
  void pack(std::byte* to, std::int64_t batch, std::int64_t first, int width, std::int64_t begin,
            std::int64_t end) const {
    std::int64_t offsets[3] = {};
    for (std::size_t f = 0; f < rows_.fields.size(); ++f)
      offsets[f] = offset_at(of_.batch, rows_.fields[f].batch, batch);
    pack_panel(to, rows_, of_.steps, offsets, of_.kernel->itemsize, {first, rows_.count, width, begin, end});
  }
  void pack_numbers_of(std::byte* to, std::int64_t batch, std::int64_t first, std::int64_t width) const {
    const pair_field& number = rows_.number;
    const std::byte* const from = number.data + offset_at(of_.batch, number.batch, batch) + first * number.row;
    pack_numbers(to, from, number.row, std::min(width, rows_.count - first), width, of_.kernel->itemsize);
  }
  /// One row's elements, `stride` bytes apart.
  void copy_row(std::byte* to, std::int64_t stride, std::int64_t batch, std::int64_t row) const {
    const pair_field& field = rows_.fields[0];
    const std::byte* const from = field.data + offset_at(of_.batch, field.batch, batch) + row * field.row;
    find_row_copy(of_.kernel->itemsize)(to, stride, from, field.steps[0], of_.steps[0]);
  }

 private:
  const pair_rows& rows_;
  const pair_problem& of_;
};

}  // namespace tessera::detail::cpu
