// Picking and placing elements by masks and index arrays.
#pragma once
#include "array.hpp"

namespace tessera {

enum class take_mode { raise, wrap, clip };
/// Elements at `indices` along `axis`, or of the flattened array.
TESSERA_API array take(const operand& x, const operand& indices, const axes& axis = {}, take_mode mode = take_mode::raise);
/// x.flat[indices] = values, values repeated as needed.
TESSERA_API void put(array target, const operand& indices, const operand& values, take_mode mode = take_mode::raise);
void put(const expr&, const operand&, const operand&, take_mode = take_mode::raise) = delete;
/// One index per lane of `axis` (as numpy.take_along_axis); flattened without.
TESSERA_API array take_along_axis(const operand& x, const operand& indices, const axes& axis = -1);
TESSERA_API void put_along_axis(array target, const operand& indices, const operand& values, const axes& axis);
void put_along_axis(const expr&, const operand&, const operand&, const axes&) = delete;
/// Slices of `axis` where the condition is true; of the flattened array without axis.
TESSERA_API array compress(const operand& condition, const operand& x, const axes& axis = {});
TESSERA_API array extract(const operand& condition, const operand& x);
/// Positions of the elements that are not zero: one int64 array per axis.
TESSERA_API std::vector<array> nonzero(const operand& x);
TESSERA_API array argwhere(const operand& x);     // (count, ndim)
TESSERA_API array flatnonzero(const operand& x);  // (count,)

/// In place at indices, duplicates counted each time (as numpy.ufunc.at).
TESSERA_API void add_at(array target, const std::vector<any_index>& indices, const operand& values);
TESSERA_API void subtract_at(array target, const std::vector<any_index>& indices, const operand& values);
TESSERA_API void multiply_at(array target, const std::vector<any_index>& indices, const operand& values);
TESSERA_API void maximum_at(array target, const std::vector<any_index>& indices, const operand& values);
TESSERA_API void minimum_at(array target, const std::vector<any_index>& indices, const operand& values);
TESSERA_API void add_at(array target, const operand& index, const operand& values);
TESSERA_API void subtract_at(array target, const operand& index, const operand& values);
TESSERA_API void multiply_at(array target, const operand& index, const operand& values);
TESSERA_API void maximum_at(array target, const operand& index, const operand& values);
TESSERA_API void minimum_at(array target, const operand& index, const operand& values);
void add_at(const expr&, const operand&, const operand&) = delete;  // a recipe has no elements to write
void subtract_at(const expr&, const operand&, const operand&) = delete;
void multiply_at(const expr&, const operand&, const operand&) = delete;
void maximum_at(const expr&, const operand&, const operand&) = delete;
void minimum_at(const expr&, const operand&, const operand&) = delete;

/// The first true condition picks the choice, else `otherwise` (as numpy.select).
TESSERA_API array select(const expr_list& conditions, const expr_list& choices, const operand& otherwise = 0);

}  // namespace tessera
