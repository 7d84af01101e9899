#pragma once
#include <cstdint>
#include <string>

#include "async/task.h"
#include "crypto/password.h"
#include "logins/credentials.h"
#include "logins/password_workers.h"
#include "logins/verified_passwords.h"

namespace posthouse::accountd {

/// A name and a password (SASL PLAIN, RFC 4616; LOGIN; USER and PASS), as the client sent them.
struct Attempt {
  std::string authorizationIdentity;  // empty: the same
  std::string authenticationIdentity;
  std::string password;
};

struct Outcome {
  /// badPassword and noSuchUser differ for the log and the metrics; a client is never told which.
  enum class Result { ok, badPassword, noSuchUser, disabled, notAuthorized, malformed, noSuchMechanism };

  Result result = Result::noSuchUser;
  std::int64_t account = 0;   // with ok
  std::string address{};      // with ok: the canonical one
  std::string claimedName{};  // whom the client said to be, as far as it came to that
  std::string text{};         // with malformed: fit for the client's eyes
};

/// Decides who a client is. Takes as long for a name that nobody has as for a wrong password; where the hash is another
/// server's or of another cost, a wrong password takes that hash's time more.
class Authenticator {
 public:
  /// Makes one hash as dear as the policy says, for the names that nobody has.
  Authenticator(Credentials& credentials, PasswordWorkers& workers, VerifiedPasswords& verified, PasswordPolicy policy);

  /// Throws Overloaded, and what the database throws.
  Task<Outcome> authenticate(Attempt attempt);

 private:
  Task<bool> matches(const std::string& sent, const std::string& password, const Credential& credential);
  Task<> renew(const std::string& password, const Credential& credential);

  Credentials& credentials_;
  PasswordWorkers& workers_;
  VerifiedPasswords& verified_;
  const PasswordPolicy policy_;
  const std::string nobodysHash_;
};

}  // namespace posthouse::accountd
