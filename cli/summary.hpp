// What the elements of an array are, in a few numbers, found in one pass over them.
#pragma once
#include <tessera/array.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace tessera_cli {

/// Of one field of records, or of all elements. Texts are as NumPy prints them, empty where there is nothing to say.
struct field_summary {
  std::string name;        ///< "price", "position.x"; empty for arrays without fields
  tessera::dtype type;     ///< of one element
  std::int64_t count = 0;  ///< elements, those of sub-arrays too
  // numbers: of those that are finite
  std::string minimum, maximum;
  double mean = 0, deviation = 0;
  bool has_moments = false;
  std::int64_t nans = 0, infinities = 0, zeros = 0;
  // texts
  std::int64_t longest = 0, empty = 0, distinct = -1;  ///< -1: not counted
  // times
  std::int64_t not_times = 0;
};

/// In blocks of a few hundred KiB: of a mapped file no more than that needs to be in memory. Elements without bytes are
/// passed over.
std::vector<field_summary> summarize(const tessera::array& x);

/// The first elements in C order, as a vector.
tessera::array first_elements(const tessera::array& x, std::int64_t count);

}  // namespace tessera_cli
