#pragma once
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

struct evp_pkey_st;
struct ssl_ctx_st;
struct x509_st;

namespace posthouse::net {

/// A certificate, a key or a list of either cannot be used; what() names the file.
class BadTlsFile : public std::runtime_error {
 public:
  enum class Of { certificate, key, authorities, revocations };
  BadTlsFile(Of which, const std::string& what) : std::runtime_error(what), of(which) {}
  const Of of;
};

/// A certificate with its chain, and the key that belongs to it. Cheap to copy.
class TlsCertificate {
 public:
  /// PEM files: the certificate followed by its chain, and its key without a passphrase. Throws BadTlsFile.
  static TlsCertificate load(const std::string& certificateFile, const std::string& keyFile);

  /// The DNS names it is for, in lower case, "*.example.org" among them; the common name if it has none (RFC 6125
  /// §6.4.4).
  const std::vector<std::string>& names() const noexcept { return names_; }
  /// When it ceases to be valid.
  std::chrono::system_clock::time_point notAfter() const;
  /// RSA, ECDSA, ...: a server may show one of each kind under one name.
  int keyKind() const;

  /// Adds it to what a server shows. Throws BadTlsFile if it is too weak for the system's security level.
  void showIn(ssl_ctx_st* context) const;

 private:
  TlsCertificate() = default;

  std::string file_;
  std::shared_ptr<x509_st> certificate_;
  std::vector<std::shared_ptr<x509_st>> chain_;
  std::shared_ptr<evp_pkey_st> key_;
  std::vector<std::string> names_;
};

}  // namespace posthouse::net
