// Index tokens.
#include "conformance/tokens.hpp"

namespace conformance {

using tessera::subscript;

tessera::slice slice_of(const json& bounds) {
  const auto bound = [&](std::size_t i) {
    if (i >= bounds.size() || bounds[i].is_null()) return tessera::bound(tessera::none);
    return tessera::bound(bounds[i].get<std::int64_t>());
  };
  return {bound(0), bound(1), bound(2)};
}

subscript subscript_of(const json& token) {
  if (token.is_number_integer()) return subscript(token.get<std::int64_t>());
  if (token == "newaxis" || token.is_null()) return subscript(tessera::newaxis);
  if (token == "...") return subscript(tessera::ellipsis);
  if (token.is_object() && token.contains("slice")) return subscript(slice_of(token["slice"]));
  throw std::runtime_error("unknown index token " + token.dump());
}

std::vector<subscript> subscripts_of(const json& tokens) {
  std::vector<subscript> result;
  for (const json& token : tokens) result.push_back(subscript_of(token));
  return result;
}

bool is_basic(const json& tokens) {
  for (const json& token : tokens) {
    if (token.is_object() && token.contains("array")) return false;
  }
  return true;
}

std::vector<tessera::any_index> indices_of(const test_case& c, const json& tokens) {
  std::vector<tessera::any_index> result;
  for (const json& token : tokens) {
    if (token.is_object() && token.contains("array")) {
      const placed index(c.read(token["array"]), "C");
      result.emplace_back(index.array.copy());
    } else {
      result.emplace_back(subscript_of(token));
    }
  }
  return result;
}

}  // namespace conformance
