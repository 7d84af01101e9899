#pragma once
#include <span>
#include <string_view>

namespace posthouse::sasl {

/// What a mechanism asks of the connection around it, before it is announced or begun.
struct Mechanism {
  std::string_view name;
  /// It carries a password or a token in the clear: on protected connections only.
  bool carriesSecret = false;
  /// It is made of what TLS knows: a -PLUS of the channel's binding, EXTERNAL of the client's certificate.
  bool needsTls = false;
  /// It asks who the certificate says the client is.
  bool needsClientCertificate = false;
  /// The client speaks first: without an initial response, the server's first challenge is empty. Where it does not, an
  /// initial response is against the rules (RFC 4422 §5), but there are clients of LOGIN that send their name so.
  bool clientFirst = true;
};

/// All that this library can speak, for clients that take the first they know: what is bound to the channel, what does
/// not show the password, what does. Which of them are announced, a server decides.
std::span<const Mechanism> knownMechanisms();

/// Null for a mechanism that is not among them; letters of either case.
const Mechanism* findMechanism(std::string_view name);

}  // namespace posthouse::sasl
