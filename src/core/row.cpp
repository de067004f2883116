// row: one record apart from its array.
#include "core/access.hpp"
#include "core/layout.hpp"
#include "expr/evaluate.hpp"
#include "ops/index.hpp"
#include "tessera/record.hpp"

namespace tessera {
namespace {

array one_record(const operand& x) {
  const array whole = detail::materialize(x.recipe(), x.where());
  if (whole.size() != 1) {
    throw value_error(
        "row: shape " + to_string(whole.shape()) + " has " + std::to_string(whole.size()) + " elements, not one",
        x.where());
  }
  if (!whole.dtype().has_fields()) {
    throw dtype_error("row: dtype " + whole.dtype().name() + " has no fields", x.where());
  }
  const array element = detail::access::view(whole, detail::access::data(whole), whole.dtype(), {}, {});
  return whole.device() == cpu() ? element.copy() : element.to(cpu(), x.where());
}

/// The field alone: a view of the row's memory.
array part(const array& element, const field& f) {
  return detail::access::view(element, detail::access::data(element) + f.offset, f.type, f.extents,
                              detail::contiguous_strides(f.extents, f.type.itemsize(), order::C));
}

}  // namespace

row::row(const operand& x) : element_(one_record(x)) {}

array row::at(std::string_view name, caller where) const {
  return part(element_, detail::find_field(dtype(), name, "row", where));
}

array row::at(int position, caller where) const {
  const std::vector<field>& fields = dtype().fields();
  const auto count = static_cast<std::int64_t>(fields.size());
  const std::int64_t i = detail::checked_position(position, count, 0, "row", where);
  return part(element_, fields[static_cast<std::size_t>(i)]);
}

}  // namespace tessera
