#pragma once
#include <cstdint>
#include <string>

#include "async/task.h"
#include "crypto/password.h"
#include "logins/conversation.h"
#include "logins/credentials.h"
#include "logins/external_passwords.h"
#include "logins/password_workers.h"
#include "logins/verified_passwords.h"

namespace posthouse::accountd {

class SecondFactors;

/// A name and a password (SASL PLAIN, RFC 4616; LOGIN; USER and PASS), as the client sent them.
struct Attempt {
  std::string authorizationIdentity;  // empty: the same
  std::string authenticationIdentity;
  std::string password;
  std::string oneTimeCode{};  // of TOTP, or a recovery code; empty: none was given
  Connection connection{};
  bool isTrial = false;  // nobody logs in: no use of an app password is noted
};

struct Outcome {
  /// badPassword to noSuchUser differ for the log and the metrics; a client is never told which.
  enum class Result {
    ok,
    badPassword,
    badCode,         // of TOTP; whoever guesses codes has the right password every time
    badTicket,       // of Kerberos
    badCertificate,  // of TLS
    noSuchUser,
    disabled,
    notAuthorized,
    malformed,
    noSuchMechanism,
    needsCode,         // the password is right, and no one-time code came with it
    needsAppPassword,  // the password is right, but not for this protocol
    throttled,         // too many failures: nothing was looked at
  };

  Result result = Result::noSuchUser;
  std::int64_t account = 0;    // with ok
  std::string address{};       // with ok: the canonical one
  std::string claimedName{};   // whom the client said to be, as far as it came to that
  std::string text{};          // with malformed, badCertificate, and sometimes needsCode: fit for the client's eyes
  std::string detail{};        // more of the reason, for the log alone; no secret
  bool readOnly = false;       // with ok: the client may change nothing
  bool saidElsewhere = false;  // with ok: the external directory that the user is in has just said so
};

/// Decides who a client is. Takes as long for a name that nobody has as for a wrong password; where the hash is another
/// server's or of another cost, a wrong password takes that hash's time more. App passwords are found at once.
class Authenticator {
 public:
  /// Makes one hash as dear as the policy says, for the names that nobody has. `external`: passwords of users without
  /// one here; null if there are none.
  Authenticator(Credentials& credentials, PasswordWorkers& workers, VerifiedPasswords& verified, SecondFactors& factors,
                PasswordPolicy policy, ExternalPasswords* external = nullptr);

  /// Throws Overloaded, ldap::Unavailable, and what the database throws.
  Task<Outcome> authenticate(Attempt attempt);

 private:
  Task<Outcome> secondFactor(const Attempt& attempt, const Credential& credential);
  Task<Outcome> authenticateElsewhere(Attempt attempt, std::string password, Address name);
  Task<bool> matches(const std::string& sent, const std::string& password, const Credential& credential);
  Task<> renew(const std::string& password, const Credential& credential);

  Credentials& credentials_;
  PasswordWorkers& workers_;
  VerifiedPasswords& verified_;
  SecondFactors& factors_;
  const PasswordPolicy policy_;
  const std::string nobodysHash_;
  ExternalPasswords* const external_;
};

}  // namespace posthouse::accountd
