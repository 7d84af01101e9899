#pragma once
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/digest.h"

struct x509_st;

namespace posthouse::crypto {

/// What a certificate (X.509, RFC 5280) says of the client that shows it. Whether any of it is true is for others to
/// say.
struct ClientCertificate {
  static constexpr std::size_t kMaxSubject = 256;   // octets
  static constexpr std::size_t kMaxMailboxes = 64;  // further ones are not looked at

  Digest fingerprint;                  // SHA-256 of its DER
  std::string subject;                 // as RFC 4514 writes it, in UTF-8
  std::vector<std::string> mailboxes;  // rfc822Name, in ASCII, and SmtpUTF8Mailbox (RFC 8398) of its subjectAltName
  std::chrono::sys_seconds notBefore;
  std::chrono::sys_seconds notAfter;
  bool isForClients = false;  // an extended key usage, if there is one, holds id-kp-clientAuth

  /// Nothing if a date is none.
  static std::optional<ClientCertificate> of(x509_st& certificate);
  /// The first certificate of a PEM text, or DER. Nothing if there is none.
  static std::optional<ClientCertificate> parse(std::string_view octets);

  bool operator==(const ClientCertificate&) const = default;
};

/// "1A:2B:…", as openssl x509 -fingerprint shows it.
std::string fingerprintText(const Digest& fingerprint);
/// Hexadecimal digits of either case, with colons between octets or without.
std::optional<Digest> parseFingerprint(std::string_view text);

}  // namespace posthouse::crypto
