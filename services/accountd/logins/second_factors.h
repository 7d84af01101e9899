#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.h"
#include "logins/authenticator.h"
#include "logins/conversation.h"
#include "logins/credentials.h"
#include "logins/protocols.h"

namespace posthouse::accountd {

/// A password that one program of an account's owner has.
struct AppPassword {
  std::int64_t id = 0;
  std::string scram;  // as in Secrets, of each spelling in which it may be hashed
};

/// What proves who somebody is beside the account's own password.
class SecondFactors {
 public:
  virtual ~SecondFactors() = default;

  /// The account's app password that this is, in any spelling, if it is good for such a connection now. Takes as long
  /// for an account that there is not, 0.
  virtual Task<std::optional<AppPassword>> appPassword(std::int64_t account, std::string_view typed,
                                                       const Connection& connection) = 0;
  /// All that are good for such a connection now; as long for account 0.
  virtual Task<std::vector<AppPassword>> appPasswords(std::int64_t account, const Connection& connection) = 0;
  /// A client was let in by it. Written later, so that nobody waits.
  virtual void used(const AppPassword& password, const Connection& connection) = 0;

  /// Whether this is a code of TOTP that the account's owner can make now (RFC 6238), or one of his recovery codes;
  /// each is taken once only, by all instances together. No code of TOTP is any more after many wrong ones in a row,
  /// until a recovery code was taken. Throws std::runtime_error if the secret cannot be opened.
  virtual Task<bool> takeCode(const Credential& credential, std::string code) = 0;
};

/// Why the account's own password does not let in on this protocol by itself, or what stands for the password: its keys
/// for SCRAM, the shared secret of CRAM-MD5 or APOP. Nothing if it does. Whoever proves himself otherwise (an app
/// password, a ticket, a certificate, a token) is not asked.
///
/// Once an account has TOTP, or its domain requires two factors, a password alone is for no program: on the web it
/// takes a code (needsCode), and where a protocol has no room for one, an app password (needsAppPassword). To be told
/// only to whoever has the right password.
std::optional<Outcome::Result> objectionToPassword(const Credential& credential, std::string_view protocol);

}  // namespace posthouse::accountd
