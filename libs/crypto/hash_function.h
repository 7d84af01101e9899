#pragma once
#include <cstddef>

struct evp_md_st;

namespace posthouse::crypto {

/// What stored hashes are built on.
enum class HashFunction { sha1, sha256, sha512 };

/// As OpenSSL knows it.
const evp_md_st* algorithm(HashFunction function);

/// How many octets it gives.
constexpr std::size_t length(HashFunction function) noexcept {
  return function == HashFunction::sha1 ? 20 : function == HashFunction::sha256 ? 32 : 64;
}

}  // namespace posthouse::crypto
