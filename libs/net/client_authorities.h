#pragma once
#include <memory>
#include <string>

struct ssl_ctx_st;
struct x509_store_st;

namespace posthouse::net {

/// Whose word is believed about who a client is, and which of their certificates they have revoked. Cheap to copy.
class ClientAuthorities {
 public:
  /// Nobody's.
  ClientAuthorities();
  /// PEM files: certificates of authorities, roots or those between, and lists of what they revoked (CRLs, RFC 5280
  /// §5). With lists there has to be one of every authority of a chain, and none may be out of date. An empty name is
  /// no file. Throws BadTlsFile.
  static ClientAuthorities load(const std::string& authorityFile, const std::string& revocationFile);

  /// Clients' certificates are checked against these. A client whose certificate does not pass is let in all the same,
  /// and the verdict stays with its session; unless the connection requires one.
  void judgeIn(ssl_ctx_st* context) const;

  /// 32 octets that are others after each change of the files.
  const std::string& digest() const noexcept { return digest_; }

 private:
  std::shared_ptr<x509_store_st> store_;
  std::string digest_;
};

}  // namespace posthouse::net
