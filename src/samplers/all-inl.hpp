// All samplers, after what they share.
#include "samplers/base-inl.hpp"
//
#include "samplers/binomial-inl.hpp"
#include "samplers/gamma-inl.hpp"
#include "samplers/geometric-inl.hpp"
#include "samplers/hypergeometric-inl.hpp"
#include "samplers/logseries-inl.hpp"
#include "samplers/poisson-inl.hpp"
#include "samplers/vonmises-inl.hpp"
#include "samplers/zipf-inl.hpp"
