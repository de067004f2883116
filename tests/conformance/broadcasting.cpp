// broadcasting: the common shape, and the strides of every operand broadcast to it.
#include "conformance/section.hpp"

namespace conformance {

void replay_broadcasting(const test_case& c) {
  std::vector<tessera::shape> shapes;
  for (const json& extents : c["shapes"]) shapes.push_back(shape_of(extents));
  const tessera::shape common = tessera::broadcast_shapes(shapes);
  c.expect_equal("shape", c.has("result") ? to_string(shape_of(c["result"])) : "", to_string(common));
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    const json& expected = c["strides"].at(i);
    const tessera::array operand = tessera::empty(shapes[i], tessera::float64);
    const tessera::array got = tessera::broadcast_to(operand, common);
    c.expect_equal("shape of operand " + std::to_string(i), to_string(common), to_string(got.shape()));
    for (int axis = 0; axis < got.ndim(); ++axis) {
      const json& stride = expected.at(static_cast<std::size_t>(axis));
      if (!stride.is_null() && stride.get<std::int64_t>() != got.strides()[axis]) {
        throw mismatch("strides of operand " + std::to_string(i) + ": expected " + expected.dump() + ", got " +
                       to_string(got.strides()));
      }
    }
  }
}

}  // namespace conformance
