// Which code points Python prints as they are.
#pragma once

namespace tessera::detail {

/// As str.isprintable() of Python 3.11 (Unicode 14).
bool is_printable(char32_t point) noexcept;

}  // namespace tessera::detail
