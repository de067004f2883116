// Steps of chains on lanes of 8 bytes.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/chain_64bit.cpp"
#include <hwy/foreach_target.h>
#include "cpu/kernels/chain-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace tessera::detail {
namespace HWY_NAMESPACE {
namespace {
void enter(chain_kernels& table) { fill_chains<double>(table); }
}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace tessera::detail
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tessera::detail {
HWY_EXPORT(enter);
void enter_chain_64bit(chain_kernels& table) { HWY_DYNAMIC_DISPATCH(enter)(table); }
}  // namespace tessera::detail
#endif
