// Cuts iteration spaces into blocks.
#include "cpu/blocking.hpp"

#include <algorithm>
#include <numeric>

namespace tessera::detail::cpu {

blocking::blocking(const shape& space, block_size size, int outermost) : extents(space) {
  if (extents.empty()) extents.push_back(1);
  cut = extents.size() - 1;
  while (cut > outermost && inner * extents[cut] < size.shortest_row) inner *= extents[cut--];
  for (int i = 0; i < cut; ++i) outer *= extents[i];

  // Tiles of whole groups of chains, that start at cache lines where the rows together do: x + w of shape (n, 3), (n, 7)
  // and (n, 50), w one row, takes 0.6 of the time of tiles of any size.
  constexpr std::int64_t group = 64, most_times = 4;
  const std::int64_t extent = extents[cut], rows = inner == 1 ? size.multiple : group / std::gcd(group, inner);
  std::int64_t most = std::max<std::int64_t>(1, size.points / inner);
  if (rows > most && rows * inner <= most_times * size.points) most = rows;
  tiles = (extent + most - 1) / most;
  tile = (extent + tiles - 1) / tiles;  // equal ones
  if (tiles > 1 && rows <= most) tile = std::min(most / rows, (tile + rows - 1) / rows) * rows;
  tiles = (extent + tile - 1) / tile;
}

bool blocking::contiguous(const shape& strides, int itemsize) const noexcept {
  std::int64_t dense = itemsize;
  for (int i = extents.size() - 1; i > cut; --i) {
    if (extents[i] != 1 && strides[i] != dense) return false;
    dense *= extents[i];
  }
  return tile == 1 || strides[cut] == dense;
}

bool blocking::uniform(const shape& strides) const noexcept {
  for (int i = extents.size() - 1; i > cut; --i) {
    if (extents[i] != 1 && strides[i] != 0) return false;
  }
  return tile == 1 || strides[cut] == 0;
}

block::block(const blocking& blocks, std::int64_t number) {
  row = 0;
  rows = 1;
  std::int64_t tile = number;
  if (blocks.cut > 0 && blocks.panel == 1) {
    // As below with fewer divisions: six of them cost 30 ns, a block of one row of 1024 elements takes 150.
    if (blocks.tiles > 1) {
      tile = number % blocks.tiles;
      number /= blocks.tiles;
    } else {
      tile = 0;
    }
    for (int i = blocks.cut - 1; i > 0; --i) {
      point[i] = number % blocks.extents[i];
      number /= blocks.extents[i];
    }
    point[0] = number;
  } else if (blocks.cut > 0) {
    const std::int64_t extent = blocks.extents[blocks.cut - 1], in_plane = number % (extent * blocks.tiles);
    const std::int64_t whole = blocks.panel * blocks.tiles, panel = in_plane / whole, in_panel = in_plane % whole;
    rows = std::min(blocks.panel, extent - panel * blocks.panel);
    row = in_panel % rows;
    tile = in_panel / rows;
    point[blocks.cut - 1] = panel * blocks.panel + row;
    number /= extent * blocks.tiles;
    for (int i = blocks.cut - 2; i >= 0; --i) {
      point[i] = number % blocks.extents[i];
      number /= blocks.extents[i];
    }
  }
  first = tile * blocks.tile;
  count = std::min(blocks.tile, blocks.extents[blocks.cut] - first);
  points = count * blocks.inner;
}

std::int64_t block::offset(const blocking& blocks, const shape& strides) const noexcept {
  std::int64_t result = first * strides[blocks.cut];
  for (int i = 0; i < blocks.cut; ++i) result += point[i] * strides[i];
  return result;
}

}  // namespace tessera::detail::cpu
