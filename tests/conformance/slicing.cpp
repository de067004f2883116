// slicing: integers, slices, newaxis and ellipsis give views with NumPy's shapes, strides, offsets and flags.
#include "conformance/tokens.hpp"

namespace conformance {

void replay_slicing(const test_case& c) {
  const std::string layout = c.text("layout");
  const placed base(counted(shape_of(c["shape"]), layout), layout);
  const tessera::array got = base.array.view_at(subscripts_of(c["index"]));
  c.expect_success(kind_of(got.dtype(), got.shape()));
  c.expect_layout(got, base);
  c.expect_array(got, c["values"]);
}

}  // namespace conformance
