#include "tokens/algorithm.h"

#include <utility>

namespace posthouse::accountd {
namespace {

constexpr std::pair<std::string_view, JwsAlgorithm> kAlgorithms[] = {
    {"RS256", JwsAlgorithm::rs256}, {"RS384", JwsAlgorithm::rs384}, {"RS512", JwsAlgorithm::rs512},
    {"PS256", JwsAlgorithm::ps256}, {"PS384", JwsAlgorithm::ps384}, {"PS512", JwsAlgorithm::ps512},
    {"ES256", JwsAlgorithm::es256}, {"ES384", JwsAlgorithm::es384}, {"ES512", JwsAlgorithm::es512},
    {"EdDSA", JwsAlgorithm::edDsa},
};

}  // namespace

std::optional<JwsAlgorithm> jwsAlgorithm(std::string_view name) {
  for (const auto& [known, algorithm] : kAlgorithms) {
    if (known == name) return algorithm;
  }
  return std::nullopt;
}

}  // namespace posthouse::accountd
