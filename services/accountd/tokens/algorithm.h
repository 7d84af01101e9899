#pragma once
#include <optional>
#include <string_view>

namespace posthouse::accountd {

/// How a token may be signed: what RFC 7518 §3.1 and RFC 8037 §3.1 define, but for "none" and HMACs, for which a public
/// key would do as well as any.
enum class JwsAlgorithm { rs256, rs384, rs512, ps256, ps384, ps512, es256, es384, es512, edDsa };

/// The "alg" of a header, letter for letter; nothing for what is not among them.
std::optional<JwsAlgorithm> jwsAlgorithm(std::string_view name);

}  // namespace posthouse::accountd
