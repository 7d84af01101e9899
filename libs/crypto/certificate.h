#pragma once
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace posthouse::crypto {

/// What a certificate says (X.509, RFC 5280), for those who look after it.
struct Certificate {
  std::string subject;             // in one line
  std::vector<std::string> names;  // the DNS names and IP addresses of its subjectAltName
  std::chrono::system_clock::time_point notBefore;
  std::chrono::system_clock::time_point notAfter;

  /// Whether a client that asked for `host` accepts it: a name that matches as RFC 6125 §6.4 says, "*" for one label.
  bool isFor(std::string_view host) const;
};

/// The first certificate of a PEM file. Throws std::runtime_error that names the file.
Certificate readCertificate(const std::string& file);

/// True if the private key (PEM) belongs to the file's first certificate. Throws std::runtime_error that names the
/// file.
bool keyBelongsTo(const std::string& keyFile, const std::string& certificateFile);

/// True if the first certificate of the file, with the others as its chain, leads to an authority of `authorityFile`,
/// or of the system if that is empty.
bool isTrusted(const std::string& certificateFile, const std::string& authorityFile);

}  // namespace posthouse::crypto
