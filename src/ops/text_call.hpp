// One call of a function of texts: its operands on the host, broadcast, walked together.
#pragma once
#include <new>

#include "core/access.hpp"
#include "ops/operands.hpp"
#include "ops/text_parts.hpp"

namespace tessera::detail {

class text_call {
 public:
  /// Throws as tessera/strings.hpp says, and dtype_error "NAME: … float64 …" for integers that are none.
  text_call(const char* name, caller where, const std::vector<expr>& texts, const std::vector<expr>& integers = {});

  /// The dtype of the first text.
  dtype type() const { return operands_[0].dtype(); }
  dtype type(std::size_t i) const { return operands_[i].dtype(); }
  bool bytes() const { return type().kind() == 'S'; }
  const array& operand(std::size_t i) const { return operands_[i]; }

  // The operands at the current point.
  code_points text(std::size_t i = 0) const { return texts_[i]; }
  std::int64_t integer(std::size_t i = 0) const { return integers_[i]; }

  /// f() for each point. Throws out_of_memory for a text that there is no memory for.
  template <class F> void for_each(F&& f) {
    try {
      walk(f);
    } catch (const std::bad_alloc&) {
      throw out_of_memory(std::string(name_) + ": no memory for the texts", where_);
    }
  }

  /// An array of what f() gives for each point.
  template <class T, class F> array values(dtype type, F&& f) {
    array result = access::make(extents_, type, order::C, cpu(), where_);
    T* to = reinterpret_cast<T*>(access::data(result));
    for_each([&] { *to++ = f(); });
    return result;
  }
  /// Of the texts that f(to) appends to `to`: in a dtype, or as wide as the longest one.
  template <class F> array texts(dtype type, F&& f) {
    array result = access::make(extents_, type, order::C, cpu(), where_);
    std::byte* to = access::data(result);
    std::u32string text;
    for_each([&] {
      text.clear();
      f(text);
      store_text(to, type, text);
      to += type.itemsize();
    });
    return result;
  }
  template <class F> array texts(F&& f) {
    std::u32string all;
    std::vector<std::size_t> ends;
    for_each([&] {
      f(all);
      ends.push_back(all.size());
    });
    return joined(all, ends, type());
  }

  /// Texts that lie one after the other, in C order, of a kind.
  array joined(code_points all, const std::vector<std::size_t>& ends, dtype kind) const;

 private:
  template <class F> void walk(F& f) {
    // Where each was read: what is repeated is read once.
    std::vector<std::int64_t> at(operands_.size(), std::numeric_limits<std::int64_t>::min());
    for_each_point(extents_, strides_, [&](const std::int64_t* offsets) {
      for (std::size_t k = 0; k < operands_.size(); ++k) {
        if (offsets[k] == at[k]) continue;
        at[k] = offsets[k];
        if (!in_place_[k]) load(k, at[k]);
        else texts_[k] = without_zeros(reinterpret_cast<const char32_t*>(data_[k] + at[k]), room_[k]);
      }
      f();
    });
  }
  void load(std::size_t k, std::int64_t offset);

  const char* name_;
  caller where_;
  std::vector<array> operands_;  // texts, then integers
  std::vector<const std::byte*> data_;
  std::vector<std::size_t> room_;  // characters
  std::vector<bool> in_place_;     // str_, aligned: read where it lies
  shape extents_;
  std::vector<shape> strides_;
  std::vector<std::u32string> buffers_;
  std::vector<code_points> texts_;
  std::vector<std::int64_t> integers_;
};

/// x + y and x * times, named `name` in errors.
array add_texts(const array& x, const array& y, const char* name, caller where);
array multiply_texts(const array& x, const array& times, const char* name, caller where);

}  // namespace tessera::detail
