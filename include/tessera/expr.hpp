// expr: an immutable recipe of elementwise operations, reductions and views over arrays; run when it becomes an array.
#pragma once
#include <iosfwd>
#include <vector>

#include "dtype.hpp"
#include "error.hpp"
#include "index.hpp"
#include "literal.hpp"
#include "shape.hpp"

namespace tessera {

class array;
class expr;
class operand;

namespace detail {

struct node;    // src/expr/node.hpp
struct access;  // src/core/access.hpp: the library's own door into expr and array
TESSERA_API void retain(node*) noexcept;
TESSERA_API void release(node*) noexcept;

/// A counted reference to a T that has retain(T*) and release(T*).
template <class T> class counted {
 public:
  counted() noexcept = default;
  explicit counted(T* adopted) noexcept : pointer_(adopted) {}
  counted(const counted& other) noexcept : pointer_(other.pointer_) {
    if (pointer_) retain(pointer_);
  }
  counted(counted&& other) noexcept : pointer_(std::exchange(other.pointer_, nullptr)) {}
  counted& operator=(counted other) noexcept {
    std::swap(pointer_, other.pointer_);
    return *this;
  }
  ~counted() {
    if (pointer_) release(pointer_);
  }
  T* get() const noexcept { return pointer_; }
  T* operator->() const noexcept { return pointer_; }
  T& operator*() const noexcept { return *pointer_; }
  T* detach() noexcept { return std::exchange(pointer_, nullptr); }

 private:
  T* pointer_ = nullptr;
};

// Hidden friends of the common base, so that `using namespace tessera` adds no operator to std::string + int.
// operand carries the caller's line: an operator cannot have a default argument. Operands come by value: the recipe takes
// over their nodes, where a copy would cost two locked additions each.
struct TESSERA_API operators {
  friend TESSERA_API expr operator+(operand, operand);
  friend TESSERA_API expr operator-(operand, operand);
  friend TESSERA_API expr operator*(operand, operand);
  friend TESSERA_API expr operator/(operand, operand);  // true division
  friend TESSERA_API expr operator%(operand, operand);  // the sign of the divisor, as Python's
  friend TESSERA_API expr operator&(operand, operand);
  friend TESSERA_API expr operator|(operand, operand);
  friend TESSERA_API expr operator^(operand, operand);
  friend TESSERA_API expr operator<<(operand, operand);
  friend TESSERA_API expr operator>>(operand, operand);
  friend TESSERA_API expr operator==(operand, operand);
  friend TESSERA_API expr operator!=(operand, operand);
  friend TESSERA_API expr operator<(operand, operand);
  friend TESSERA_API expr operator<=(operand, operand);
  friend TESSERA_API expr operator>(operand, operand);
  friend TESSERA_API expr operator>=(operand, operand);
  friend TESSERA_API expr operator-(operand);
  friend TESSERA_API expr operator+(operand);
  friend TESSERA_API expr operator~(operand);
  friend TESSERA_API std::ostream& operator<<(std::ostream&, const expr&);  // as numpy str()
};

}  // namespace detail

/// A recipe. Building it checks shapes and dtypes and computes nothing; converting it to an array runs it in one fused pass.
/// It keeps its operands alive. Running a stored recipe after an operand's bytes were written throws stale_expression.
class TESSERA_API expr : public detail::operators {
 public:
  expr(const array& leaf);                              // shares the storage: nothing dangles
  template <scalar T> expr(T value) : value_(value) {}  // a weak scalar, held inline
  template <string_like S>
  expr(const S& text, caller where = caller::current()) : expr(from_text(std::string_view(text), where)) {}
  expr(std::initializer_list<literal> list, caller where = caller::current());  // maximum(x, {1, 2, 3}); v(…) = {1, 2}
  expr(const expr& other) noexcept = default;
  expr(expr&& other) noexcept = default;
  ~expr() = default;
  expr& operator=(const expr& other) & noexcept = default;  // & : (a + 1) = 5 does not compile
  expr& operator=(expr&& other) & noexcept = default;

  tessera::shape shape() const;
  /// The dtype the result will have; of a weak scalar the dtype of array(scalar).
  tessera::dtype dtype() const;
  int ndim() const;
  std::int64_t size() const;  // elements

  /// Runs the recipe.
  array eval(caller where = caller::current()) const;
  /// The value of a one-element recipe as T. Throws value_error if it has more or fewer elements.
  template <scalar T> T item(caller where = caller::current()) const {
    return detail::scalar_cast<T>(scalar_item(where), where);
  }
  template <std::same_as<std::string> T> T item(caller where = caller::current()) const { return text_item(where); }
  // An error here has no line: a conversion takes no default argument.
  template <scalar T> explicit operator T() const { return item<T>(caller()); }
  expr astype(const tessera::dtype& type, caller where = caller::current()) const;
  expr T() const;

  template <basic_index... I> expr operator()(const I&... i) const { return at({subscript(i)...}, caller()); }
  template <basic_index I> expr operator[](const I& i) const { return at({subscript(i)}, caller()); }
  template <string_like S> expr operator[](const S& name) const { return field(std::string_view(name)); }
  expr operator[](const operand& index) const;

 protected:
  explicit expr(detail::node* owned) noexcept : node_(owned) {}

 private:
  friend struct detail::access;
  static expr from_text(std::string_view text, caller where);
  expr at(std::initializer_list<subscript> indices, caller where) const;
  expr field(std::string_view name) const;
  detail::scalar_value scalar_item(caller where) const;
  std::string text_item(caller where) const;

  detail::counted<detail::node> node_;  // null: the scalar below
  detail::scalar_value value_;
};

/// A parameter that takes whatever converts to expr and remembers the line it was written on.
class TESSERA_API operand {
 public:
  operand(const array& leaf, caller where = caller::current());
  operand(const expr& recipe, caller where = caller::current()) : recipe_(recipe), where_(where) {}
  operand(expr&& recipe, caller where = caller::current()) : recipe_(std::move(recipe)), where_(where) {}
  template <scalar T> operand(T value, caller where = caller::current()) : recipe_(value), where_(where) {}
  template <string_like S>
  operand(const S& text, caller where = caller::current()) : recipe_(text, where), where_(where) {}
  operand(std::initializer_list<literal> list, caller where = caller::current())
      : recipe_(list, where), where_(where) {}

  const expr& recipe() const noexcept { return recipe_; }
  const expr* operator->() const noexcept { return &recipe_; }
  caller where() const noexcept { return where_; }

 private:
  friend struct detail::access;
  expr recipe_;
  caller where_;
};

/// Several operands: {a, a + 1, 5} or a vector.
class TESSERA_API expr_list {
 public:
  expr_list(std::initializer_list<expr> list) : list_(list) {}
  expr_list(const std::vector<array>& list);
  expr_list(const std::vector<expr>& list) : list_(list) {}
  const std::vector<expr>& list() const noexcept { return list_; }
  std::size_t size() const noexcept { return list_.size(); }
  const expr& operator[](std::size_t i) const noexcept { return list_[i]; }

 private:
  std::vector<expr> list_;
};

/// The plan of a recipe: stages, merged axes, instructions, bytes read and written.
TESSERA_API std::string explain(const operand& x);

}  // namespace tessera
