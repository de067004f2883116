// The exceptions. what() names the operation, the shapes, dtypes or axis at fault; where() is the caller's line.
#pragma once
#include <stdexcept>
#include <string>

#include "api.hpp"
#include "concepts.hpp"

namespace tessera {

/// Base of everything the library throws. The text is the same in every build type and does not contain the location.
class TESSERA_API error : public std::runtime_error {
 public:
  explicit error(const std::string& text, caller where = caller::current()) : std::runtime_error(text), where_(where) {}
  ~error() override;
  /// The line of user code that made the failing call (or that built the failing recipe).
  const caller& where() const noexcept { return where_; }

 private:
  caller where_;
};

class TESSERA_API shape_error : public error {  // shapes that do not broadcast, reshape, join (NumPy: ValueError)
 public:
  using error::error;
  ~shape_error() override;
};
class TESSERA_API dtype_error : public error {  // an operation a dtype does not have, a cast not allowed (TypeError)
 public:
  using error::error;
  ~dtype_error() override;
};
class TESSERA_API index_error : public error {  // an index out of bounds, too many indices (IndexError)
 public:
  using error::error;
  ~index_error() override;
};
class TESSERA_API axis_error : public index_error {  // an axis that the array does not have (AxisError)
 public:
  using index_error::index_error;
  ~axis_error() override;
};
class TESSERA_API value_error : public error {  // a value outside what the operation takes (ValueError)
 public:
  using error::error;
  ~value_error() override;
};
class TESSERA_API linalg_error : public value_error {  // a singular matrix, no convergence (LinAlgError)
 public:
  using value_error::value_error;
  ~linalg_error() override;
};
class TESSERA_API overflow_error : public error {  // a C++ number that the array's dtype cannot hold (OverflowError)
 public:
  using error::error;
  ~overflow_error() override;
};
class TESSERA_API device_error : public error {  // operands on different devices, a device that is not there
 public:
  using error::error;
  ~device_error() override;
};
class TESSERA_API file_error : public error {  // malformed, truncated or unreadable files
 public:
  using error::error;
  ~file_error() override;
};
class TESSERA_API out_of_memory : public error {  // an allocation that failed, with the bytes asked for
 public:
  using error::error;
  ~out_of_memory() override;
};
class TESSERA_API dlpack_error : public error {  // a tensor that cannot cross to or from another framework
 public:
  using error::error;
  ~dlpack_error() override;
};
class TESSERA_API cancelled : public error {  // a call that its progress function ended
 public:
  using error::error;
  ~cancelled() override;
};
class TESSERA_API stale_expression : public error {  // a stored recipe whose operand was written after it was built
 public:
  using error::error;
  ~stale_expression() override;
};

}  // namespace tessera
