// Index tokens of a case: an integer, "newaxis", "...", {"slice": [start, stop, step]}, {"array": reference}.
#pragma once
#include "conformance/section.hpp"

namespace conformance {

tessera::slice slice_of(const json& bounds);
/// A basic index; throws std::runtime_error for an array token.
tessera::subscript subscript_of(const json& token);
std::vector<tessera::subscript> subscripts_of(const json& tokens);
bool is_basic(const json& tokens);
std::vector<tessera::any_index> indices_of(const test_case& c, const json& tokens);

}  // namespace conformance
