// All samplers, after what they share.
#include "samplers/base-inl.hpp"
//
#include "samplers/binomial-inl.hpp"
#include "samplers/gamma-inl.hpp"
#include "samplers/geometric-inl.hpp"
#include "samplers/poisson-inl.hpp"
