// Picking and placing elements by masks and index arrays. Index arrays have a dtype that casts to int64 safely (else
// dtype_error), positions may count from the end, and one out of bounds is an index_error, thrown before anything is written.
// A target that is read-only is a value_error.
#pragma once
#include <span>

#include "array.hpp"

namespace tessera {

enum class take_mode { raise, wrap, clip };
/// Elements at `indices` along `axis`, which their axes replace, or of the flattened array: the shape of `indices`.
/// `mode` says what positions out of bounds do: raise, count round and round, or stop at the ends.
TESSERA_API array take(const operand& x, const operand& indices, const axes& axis = {},
                       take_mode mode = take_mode::raise);
/// target.flat[indices] = values, cast to target's dtype and repeated as needed; nothing is written without values.
TESSERA_API void put(array target, const operand& indices, const operand& values, take_mode mode = take_mode::raise);
void put(const expr&, const operand&, const operand&, take_mode = take_mode::raise) = delete;
/// Positions along `axis` for every lane: `indices` has as many axes as x (else shape_error) and broadcasts with it on the
/// others (as numpy.take_along_axis); over the flattened array without an axis.
TESSERA_API array take_along_axis(const operand& x, const operand& indices, const axes& axis = -1);
TESSERA_API void put_along_axis(array target, const operand& indices, const operand& values, const axes& axis);
void put_along_axis(const expr&, const operand&, const operand&, const axes&) = delete;
/// Slices of `axis` where the condition, a vector (else value_error), is true; of the flattened array without axis.
TESSERA_API array compress(const operand& condition, const operand& x, const axes& axis = {});
/// Elements of the flattened x where the flattened condition is true. (count,)
TESSERA_API array extract(const operand& condition, const operand& x);
/// Positions of the elements that are not zero: one int64 array per axis. Throws value_error for a 0-d array.
TESSERA_API std::vector<array> nonzero(const operand& x);
TESSERA_API std::vector<array> where(const operand& condition);  // the same
TESSERA_API array argwhere(const operand& x);                    // (count, ndim)
TESSERA_API array flatnonzero(const operand& x);                 // (count,)

/// Writes where the mask, of any dtype and as many elements as target (else value_error), is true: in C order, values
/// flattened and cast to target's dtype. place gives the next value to each element that is written, over and over, and
/// throws value_error if there is one to write but no value; putmask gives element i value i, modulo their number, and
/// without values writes nothing.
TESSERA_API void place(array target, const operand& mask, const operand& values);
TESSERA_API void putmask(array target, const operand& mask, const operand& values);
void place(const expr&, const operand&, const operand&) = delete;
void putmask(const expr&, const operand&, const operand&) = delete;

/// In place at indices, duplicates counted each time in order (as numpy.ufunc.at). Values broadcast to what the indices
/// pick (else shape_error); results are cast to target's dtype whatever it is.
TESSERA_API void add_at(array target, const std::vector<any_index>& indices, const operand& values);
TESSERA_API void subtract_at(array target, const std::vector<any_index>& indices, const operand& values);
TESSERA_API void multiply_at(array target, const std::vector<any_index>& indices, const operand& values);
TESSERA_API void maximum_at(array target, const std::vector<any_index>& indices, const operand& values);
TESSERA_API void minimum_at(array target, const std::vector<any_index>& indices, const operand& values);
/// Whether both, one or exactly one of element and value are not zero, as the target's 0 or 1.
TESSERA_API void logical_and_at(array target, const std::vector<any_index>& indices, const operand& values);
TESSERA_API void logical_or_at(array target, const std::vector<any_index>& indices, const operand& values);
TESSERA_API void logical_xor_at(array target, const std::vector<any_index>& indices, const operand& values);
TESSERA_API void add_at(array target, const operand& index, const operand& values);
TESSERA_API void subtract_at(array target, const operand& index, const operand& values);
TESSERA_API void multiply_at(array target, const operand& index, const operand& values);
TESSERA_API void maximum_at(array target, const operand& index, const operand& values);
TESSERA_API void minimum_at(array target, const operand& index, const operand& values);
TESSERA_API void logical_and_at(array target, const operand& index, const operand& values);
TESSERA_API void logical_or_at(array target, const operand& index, const operand& values);
TESSERA_API void logical_xor_at(array target, const operand& index, const operand& values);
void add_at(const expr&, const operand&, const operand&) = delete;  // a recipe has no elements to write
void subtract_at(const expr&, const operand&, const operand&) = delete;
void multiply_at(const expr&, const operand&, const operand&) = delete;
void maximum_at(const expr&, const operand&, const operand&) = delete;
void minimum_at(const expr&, const operand&, const operand&) = delete;
void logical_and_at(const expr&, const operand&, const operand&) = delete;
void logical_or_at(const expr&, const operand&, const operand&) = delete;
void logical_xor_at(const expr&, const operand&, const operand&) = delete;

/// Where several conditions are true the first picks its choice, where none is `otherwise` stands (as numpy.select). All
/// broadcast, choices promote. Throws dtype_error unless conditions are bool, value_error unless each has one choice.
TESSERA_API array select(const expr_list& conditions, const expr_list& choices, const operand& otherwise = 0);

/// The choice that `index` numbers, element by element; all broadcast, choices promote. Index has a dtype that casts to int64
/// safely (else dtype_error); a number that none has is a value_error, or counted round and round, or the nearest (as numpy.choose).
TESSERA_API array choose(const operand& index, const expr_list& choices, take_mode mode = take_mode::raise);

namespace detail {
/// What piecewise puts somewhere: elements, or a function of those that are there, which it borrows.
class piece {
 public:
  template <class T>
    requires(std::convertible_to<const T&, expr>)
  piece(const T& elements) : elements_(elements) {}
  template <class F>
    requires(!std::convertible_to<const F&, expr> && std::is_invocable_v<const F&, const array&>)
  piece(const F& function)
      : elements_(0),
        function_(&function),
        call_([](const void* f, const array& x) { return expr((*static_cast<const F*>(f))(x)); }) {}
  bool is_function() const noexcept { return call_ != nullptr; }
  const expr& elements() const noexcept { return elements_; }
  expr operator()(const array& x) const { return call_(function_, x); }

 private:
  expr elements_;
  const void* function_ = nullptr;
  expr (*call_)(const void*, const array&) = nullptr;
};
TESSERA_API array piecewise(const operand& x, const expr_list& conditions, std::span<const piece> pieces);
}  // namespace detail

/// An array of x's shape and dtype: for each condition a piece, an operand or a function from the elements of x there, (count,),
/// to theirs, called if there are any; of several that hold the last one counts. One piece more is for where none holds, else
/// 0 is there. Throws value_error for other numbers of pieces, index_error for conditions that do not match x (as numpy.piecewise).
template <class... P>
  requires(std::constructible_from<detail::piece, const P&> && ...)
array piecewise(const operand& x, const expr_list& conditions, const P&... pieces) {
  const detail::piece list[] = {detail::piece(pieces)...};
  return detail::piecewise(x, conditions, list);
}

}  // namespace tessera
