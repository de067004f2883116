// Says whether the instruction set being compiled for has AVX2 with fused multiply-add and float16 conversion, or more.
//
// TESSERA_AVX2 is 1 for AVX2 and AVX-512: there are vector functions (math-vector-inl.hpp). Elsewhere it is 0.
#include <hwy/highway.h>

#undef TESSERA_AVX2
#if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
#define TESSERA_AVX2 1
#else
#define TESSERA_AVX2 0
#endif
