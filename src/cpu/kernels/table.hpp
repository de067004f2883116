// The table of elementwise kernels: for every operation and loop dtype of op_table one function, for the best instruction
// set of this machine. Also the casts between all dtypes.
//
// A kernel reads and writes n contiguous elements, which may be misaligned; `out` may be one of the operands (same address,
// same itemsize) but may not overlap them otherwise. Operands an operation does not have are ignored. bool operands may
// hold any byte (not 0 is true), bool results are 0 or 1.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "expr/op_table.hpp"
#include "tessera/dtype.hpp"

namespace tessera::detail {

using kernel = void (*)(void* out, const void* a, const void* b, const void* c, std::size_t n);

/// Operands are of dtype `loop` except where's first (bool) and ldexp's second (int64); the result's dtype is as op_table's
/// `gives` says. Null where op_table has no such loop, and for op::cast.
kernel find_kernel(op code, dtype loop);

/// As NumPy's astype: integers wrap, fractions are cut off, a complex number loses its imaginary part, anything but zero is
/// true (NaN too), overflow to a floating dtype is infinity. A float that the integer dtype cannot hold (undefined in C and
/// NumPy) gives what x86's vector instructions give: int64 and int32 their minimum, int8, int16, uint8, uint16 the low bits
/// of the int32 result; uint32 2**31 and uint64 2**63 for NaN and what is too small, 0 for what is too large, but negative
/// numbers within the signed range wrap. To bfloat16 integers and doubles are rounded once. Null for an unset dtype.
kernel find_cast(dtype from, dtype to);

/// The instruction set in use, as Highway names it: "AVX3", "AVX2", "SCALAR" (plain x86-64) …
const char* simd_target();

/// Those that this library has and this machine can run, best first.
std::vector<std::string> simd_targets();

/// Uses one of simd_targets() from now on, for all of the library's kernels. For tests and measurements: kernels found
/// before stay as they are.
void use_simd_target(const std::string& name);

}  // namespace tessera::detail
