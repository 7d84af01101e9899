#pragma once
#include <string>
#include <utility>
#include <vector>

#include "administration/ledger.h"
#include "administration/refusal.h"
#include "async/task.h"
#include "base/clock.h"
#include "db/database.h"
#include "store/client_certificate_repository.h"

namespace posthouse::accountd {

/// A certificate by which a user logs in.
struct UserCertificate {
  std::string address;  // the user's
  store::ClientCertificate certificate;
};

struct NewCertificate {
  std::string address;
  std::string certificate;  // PEM or DER
  std::string label = {};
};

/// What is done to the certificates by which users log in, by themselves or by those who administer them. Done for an
/// actor, as all of Administration.
class Certificates {
 public:
  static constexpr std::size_t kMost = 100;       // of a user
  static constexpr std::size_t kMaxLabel = 64;    // octets
  static constexpr std::size_t kMaxSize = 65536;  // octets

  explicit Certificates(db::Database& database, WallClock now = systemClock(), Actor actor = {})
      : Certificates(Ledger(database, std::move(actor)), std::move(now)) {}
  Certificates as(Actor actor) const { return {ledger_.as(std::move(actor)), now_}; }

  Task<Answer<UserCertificate>> add(NewCertificate wanted);
  Task<Answer<std::vector<UserCertificate>>> list(std::string address);
  /// `fingerprint`: 32 octets. The user's address.
  Task<Answer<std::string>> remove(std::string address, std::string fingerprint);

 private:
  Certificates(Ledger ledger, WallClock now) : ledger_(std::move(ledger)), now_(std::move(now)) {}

  Ledger ledger_;
  WallClock now_;
};

}  // namespace posthouse::accountd
