#pragma once
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "sasl/malformed.h"

/// XOAUTH2, what OAUTHBEARER was before it was standardised; Google's and Microsoft's clients speak it
/// (developers.google.com/gmail/imap/xoauth2-protocol).
namespace posthouse::sasl {

/// The client's one message: "user=" {User} ^A "auth=Bearer " {Access Token} ^A ^A
struct Xoauth2Response {
  static constexpr std::size_t kMaxSize = 16384;  // octets

  std::string user;   // whose mailbox; UTF-8, not empty, and not prepared
  std::string token;  // a b64token (RFC 6750 §2.1)
  bool operator==(const Xoauth2Response&) const = default;
};

std::expected<Xoauth2Response, Malformed> parseXoauth2(std::string_view response);

/// Why a token was not good enough.
struct Xoauth2Error {
  std::string status = "401";  // as of HTTP; 400 for a token that is none
  std::string schemes = "bearer";
  std::string scope;  // one that would do; empty: none is told
};

/// The challenge that tells of the error: JSON, which the protocol sends in base 64 as any challenge. The client
/// answers with nothing, and then the exchange fails.
std::string errorChallenge(const Xoauth2Error& error);

/// True for the answer to that, nothing; or the %x01 of OAUTHBEARER from clients that speak both.
bool isXoauth2ErrorAnswer(std::string_view response) noexcept;

}  // namespace posthouse::sasl
