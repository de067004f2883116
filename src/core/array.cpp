// array: the handle's own operations; indexing is in src/ops.
#include "tessera/array.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

#include "backend.hpp"
#include "core/access.hpp"
#include "core/copy.hpp"
#include "core/default_device.hpp"
#include "core/dtype_parts.hpp"
#include "core/element.hpp"
#include "core/element_format.hpp"
#include "core/layout.hpp"
#include "expr/build.hpp"
#include "expr/evaluate.hpp"
#include "ops/convert.hpp"

namespace tessera {

using detail::access;

namespace {

// What an array without storage points to: address arithmetic on it is defined.
alignas(64) constinit std::byte nothing[64] = {};

array from_number(const detail::scalar_value& value, caller where) {
  array result = access::make({}, value.type, order::C, cpu(), where);
  detail::write_element(access::data(result), value.type, value);
  return result.to(detail::device_for_new_arrays(where), where);
}

/// Without recipe and allocation: a(0) = 5.
bool assign_number(const array& target, const operand& x) {
  if (access::node_of(x.recipe()) || !target.dtype().is_number() || target.size() != 1 || target.device() != cpu())
    return false;
  const auto one = detail::make_constant(access::scalar_of(x.recipe()), target.dtype(), "assign", x.where());
  std::byte* const to = access::data(target);
  std::memcpy(to, one.bytes, static_cast<std::size_t>(target.itemsize()));
  access::note_write(target);
  return true;
}

bool is_aligned(const array& a, int alignment) {
  if (a.size() == 0) return true;
  bool aligned = reinterpret_cast<std::uintptr_t>(a.data()) % static_cast<std::uintptr_t>(alignment) == 0;
  for (int axis = 0; axis < a.ndim(); ++axis) {
    aligned = aligned && (a.shape()[axis] == 1 || a.strides()[axis] % alignment == 0);
  }
  return aligned;
}

}  // namespace

// ---- Making, copying, moving

array::array() : data_(nothing), shape_(0), strides_(0) {}

array::array(array&& other) noexcept
    : storage_(std::move(other.storage_)),
      data_(std::exchange(other.data_, nothing)),
      shape_(std::move(other.shape_)),
      strides_(std::move(other.strides_)),
      dtype_(std::exchange(other.dtype_, float64)),
      view_(std::exchange(other.view_, false)),
      readonly_(std::exchange(other.readonly_, false)) {
  other.shape_.push_back(0);
  other.strides_.push_back(0);
}

array& array::operator=(array&& other) & noexcept {
  if (this != &other) {
    std::destroy_at(this);
    std::construct_at(this, std::move(other));
  }
  return *this;
}

array::array(const expr& recipe, caller where)
    : array(access::node_of(recipe) ? detail::evaluate(recipe, where) : from_number(access::scalar_of(recipe), where)) {
}

// ---- Writing through

array&& array::operator=(const operand& x) && {
  detail::check_assignable(*this, "assign", x.where());
  if (!assign_number(*this, x)) {
    detail::evaluate_into(*this, x.recipe(), detail::assign_rule::unsafe, "assign", x.where());
  }
  return std::move(*this);
}

#define TESSERA_IN_PLACE(sign, code)                                                 \
  array& array::operator sign(const operand& x)& {                                   \
    detail::check_writable(*this, detail::info(detail::op::code).name, x.where());   \
    detail::evaluate_in_place(detail::op::code, *this, x);                           \
    return *this;                                                                    \
  }                                                                                  \
  void array::operator sign(const operand& x)&& {                                    \
    detail::check_assignable(*this, detail::info(detail::op::code).name, x.where()); \
    detail::evaluate_in_place(detail::op::code, *this, x);                           \
  }
TESSERA_IN_PLACE(+=, add)
TESSERA_IN_PLACE(-=, subtract)
TESSERA_IN_PLACE(*=, multiply)
TESSERA_IN_PLACE(/=, divide)
TESSERA_IN_PLACE(%=, remainder)
TESSERA_IN_PLACE(&=, bitwise_and)
TESSERA_IN_PLACE(|=, bitwise_or)
TESSERA_IN_PLACE(^=, bitwise_xor)
TESSERA_IN_PLACE(<<=, bitwise_left_shift)
TESSERA_IN_PLACE(>>=, bitwise_right_shift)
#undef TESSERA_IN_PLACE

// ---- Properties

std::int64_t array::size() const noexcept { return detail::element_count(shape_); }
std::int64_t array::nbytes() const noexcept { return size() * itemsize(); }
tessera::device array::device() const noexcept { return storage_.get() ? storage_->device() : cpu(); }

flags_t array::flags() const {
  return {detail::is_c_contiguous(shape_, strides_, itemsize()), detail::is_f_contiguous(shape_, strides_, itemsize()),
          !view_ && storage_.get() && storage_->owns_memory(), !readonly_, is_aligned(*this, dtype_.alignment())};
}

std::string to_string(const flags_t& flags) {
  const auto line = [](const char* name, bool value) {
    return "  " + std::string(name) + (value ? " : True\n" : " : False\n");
  };
  return line("C_CONTIGUOUS", flags.c_contiguous) + line("F_CONTIGUOUS", flags.f_contiguous) +
         line("OWNDATA", flags.owndata) + line("WRITEABLE", flags.writeable) + line("ALIGNED", flags.aligned) +
         line("WRITEBACKIFCOPY", false);
}

array array::base() const {
  if (!view_ || !storage_.get() || !storage_->root()) return {};
  const detail::storage::root_t& root = *storage_->root();
  return array(storage_, root.data, root.extents, root.strides, root.type, false, storage_->readonly());
}

bool array::is(const array& other) const noexcept {
  if (this == &other) return true;
  return storage_.get() && storage_.get() == other.storage_.get() && data_ == other.data_ && dtype_ == other.dtype_ &&
         shape_ == other.shape_ && strides_ == other.strides_;
}

// ---- Views and copies

array array::T() const {
  tessera::shape extents = shape_, strides = strides_;
  std::reverse(extents.begin(), extents.end());
  std::reverse(strides.begin(), strides.end());
  return access::view(*this, data_, dtype_, extents, strides);
}

array array::mT() const {
  if (ndim() < 2) throw axis_error("mT: shape " + to_string(shape_) + " has fewer than two axes", caller());
  tessera::shape extents = shape_, strides = strides_;
  std::swap(extents[ndim() - 1], extents[ndim() - 2]);
  std::swap(strides[ndim() - 1], strides[ndim() - 2]);
  return access::view(*this, data_, dtype_, extents, strides);
}

array array::readonly() const {
  array result = access::view(*this, data_, dtype_, shape_, strides_);
  result.readonly_ = true;
  return result;
}

array array::view(const tessera::dtype& type, caller where) const {
  const std::int64_t from = itemsize(), to = type.is_set() ? detail::storable(type, "view", where).itemsize() : from;
  if (from == to) return access::view(*this, data_, type.is_set() ? type : dtype_, shape_, strides_);
  const auto fail = [&](const std::string& why) {
    throw value_error(std::string("view: ") + dtype_.name() + " as " + type.name() + ": " + why, where);
  };
  if (ndim() == 0) fail("a 0-d array keeps its itemsize");
  tessera::shape extents = shape_, strides = strides_;
  const int last = ndim() - 1;
  if (extents[last] != 1 && size() != 0 && strides[last] != from) {
    fail("the last axis must be contiguous, its stride is " + std::to_string(strides[last]));
  }
  std::int64_t bytes = 0;
  if (__builtin_mul_overflow(extents[last], from, &bytes)) fail("the last axis is too long");
  if (bytes % to != 0) {  // between sizes that are powers of two only when it grows
    fail("the last axis has " + std::to_string(bytes) + " bytes, not a multiple of " + std::to_string(to));
  }
  extents[last] = bytes / to;
  strides[last] = to;
  return access::view(*this, data_, type, extents, strides);
}

array array::copy(order layout) const { return detail::copy_to(*this, device(), layout, caller()); }

array array::to(const tessera::device& on, caller where) const {
  if (on == device()) return *this;
  return detail::copy_to(*this, on, order::K, where);
}

array detail::copy_to(const array& a, tessera::device on, order layout, const caller& where) {
  backend_of(on, where);
  array result = access::make_strided(a.shape(), fresh_strides(a, a.itemsize(), layout), a.dtype(), on, where);
  if (a.size() > 0) {
    copy_between(a.shape(), {access::data(a), a.dtype(), a.strides()}, a.device(),
                 {access::data(result), a.dtype(), result.strides()}, on);
  }
  return result;
}

array array::astype(const tessera::dtype& type, order layout) const {
  if (!type.is_set() || type == dtype_) return copy(layout);
  if (!type.is_number() || !dtype_.is_number())
    return detail::copy_to(detail::convert(*this, type, "astype", caller()), device(), layout, caller());
  array result =
      access::make_strided(shape_, detail::fresh_strides(*this, type.itemsize(), layout), type, device(), caller());
  detail::evaluate_into(result, *this, detail::assign_rule::unsafe, "astype", caller());
  return result;
}

// ---- Elements on the host

detail::scalar_value array::scalar_item(caller where) const {
  if (size() != 1) {
    throw value_error("item: shape " + to_string(shape_) + " has " + std::to_string(size()) + " elements, not one",
                      where);
  }
  if (!dtype_.is_number() && !detail::is_time(dtype_)) {
    throw dtype_error("item: " + dtype_.name() + " is no number; item<std::string>() gives text", where);
  }
  alignas(16) std::byte element[16];
  detail::backend_of(device()).read(data_, element, itemsize());
  return detail::read_element(element, dtype_);
}

std::string array::text_item(caller where) const {
  if (size() != 1) {
    throw value_error("item: shape " + to_string(shape_) + " has " + std::to_string(size()) + " elements, not one",
                      where);
  }
  const array here = to(cpu(), where);
  return detail::scalar_text(dtype_, access::data(here));
}

void* array::host_pointer(const host_element& asked, int ndim, bool contiguous, caller where) const {
  const std::string name = contiguous ? "span: " : "accessor: ";
  if (device() != cpu())
    throw device_error(name + "the elements are on " + device().name() + ", not on the host", where);
  if (asked.type != dtype_)
    throw dtype_error(name + "elements are " + dtype_.name() + ", asked for as " + asked.type.name(), where);
  if (ndim >= 0 && ndim != shape_.size()) {
    throw shape_error(name + "shape " + to_string(shape_) + " has " + std::to_string(shape_.size()) +
                          " axes, asked for " + std::to_string(ndim),
                      where);
  }
  if (asked.writes && readonly_) throw value_error(name + "the array is read-only; ask for const elements", where);
  // The C++ type's alignment: a packed record's struct may ask for none.
  if (!is_aligned(*this, static_cast<int>(asked.alignment)))
    throw value_error(name + "the elements are misaligned", where);
  if (contiguous && !detail::is_c_contiguous(shape_, strides_, itemsize())) {
    throw value_error(
        name + "shape " + to_string(shape_) + " with strides " + to_string(strides_) + " is not C-contiguous", where);
  }
  if (asked.writes) access::note_write(*this);
  return data_;
}

// ---- Iteration over the first axis

array array::iterator::operator*() const {
  tessera::shape extents = over_.shape(), strides = over_.strides();
  std::byte* const row = access::data(over_) + position_ * strides[0];
  extents.erase(0);
  strides.erase(0);
  return access::view(over_, row, over_.dtype(), extents, strides);
}

array::iterator array::begin() const {
  if (ndim() == 0) throw axis_error("iteration: a 0-d array has no axis", caller());
  return {*this, 0};
}

array::iterator array::end() const {
  if (ndim() == 0) throw axis_error("iteration: a 0-d array has no axis", caller());
  return {*this, shape_[0]};
}

}  // namespace tessera
