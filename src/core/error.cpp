// The exceptions' destructors, out of line so that each class has one home for its type information.
#include "tessera/error.hpp"

namespace tessera {

error::~error() = default;
shape_error::~shape_error() = default;
dtype_error::~dtype_error() = default;
index_error::~index_error() = default;
axis_error::~axis_error() = default;
value_error::~value_error() = default;
linalg_error::~linalg_error() = default;
overflow_error::~overflow_error() = default;
device_error::~device_error() = default;
file_error::~file_error() = default;
out_of_memory::~out_of_memory() = default;
dlpack_error::~dlpack_error() = default;
cancelled::~cancelled() = default;
stale_expression::~stale_expression() = default;

}  // namespace tessera
