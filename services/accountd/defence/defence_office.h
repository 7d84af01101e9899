#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "administration/ledger.h"
#include "defence/defence.h"
#include "logins/authenticator.h"
#include "logins/credentials.h"
#include "logins/mechanisms.h"
#include "store/defence_repository.h"

namespace posthouse::accountd {

/// A ban as administrators see it: of a network, of an account wherever it logs in from, or of an account there.
struct ShownBan {
  std::string network;
  std::string address;
  std::string reason;
  bool isAutomatic = true;
  std::chrono::system_clock::time_point since{};
  std::chrono::system_clock::time_point until{};
};

/// Whose logins have to wait. Neither a network nor an address: that cannot be.
struct Slowed {
  std::string network;
  std::string address;
  bool isNobody = false;  // of a name that nobody has, and that is not known
  double failures = 0;
};

struct DefenceReport {
  std::vector<ShownBan> bans;  // the newest first
  std::vector<Slowed> slowed;  // most failures first
};

/// How far a login would come.
struct LoginTrial {
  enum class Verdict { ok, note, failed };
  struct Step {
    std::string name;
    Verdict verdict = Verdict::ok;
    std::string text;
  };
  bool succeeds = false;
  std::vector<Step> steps;
};

/// What administrators do about those who guess passwords, for an actor and within what that one may: networks are for
/// an administrator, accounts also for who administers their domain. What is changed takes effect here and elsewhere
/// within about a second.
class DefenceOffice {
 public:
  DefenceOffice(db::Database& database, Defence& defence, Credentials& credentials, Authenticator& authenticator,
                const Mechanisms& mechanisms, Actor actor = {})
      : DefenceOffice(Ledger(database, std::move(actor)), defence, credentials, authenticator, mechanisms) {}

  DefenceOffice as(Actor actor) const {
    return {ledger_.as(std::move(actor)), defence_, credentials_, authenticator_, mechanisms_};
  }

  /// `subject`: a network, an IP address, or the address of a user. Zero seconds: a day.
  Task<Answer<ShownBan>> ban(std::string subject, std::int64_t seconds, std::string reason);
  /// And forgets the failures.
  Task<Answer<ShownBan>> unban(std::string subject);
  Task<Answer<DefenceReport>> list();
  /// Counts nothing. `remoteAddress` may be empty: of a client that nothing is known of. Also throws Overloaded.
  Task<Answer<LoginTrial>> test(std::string address, std::string password, Connection connection);

 private:
  DefenceOffice(Ledger ledger, Defence& defence, Credentials& credentials, Authenticator& authenticator,
                const Mechanisms& mechanisms)
      : ledger_(std::move(ledger)),
        defence_(defence),
        credentials_(credentials),
        authenticator_(authenticator),
        mechanisms_(mechanisms) {}

  std::chrono::milliseconds halfLife() const noexcept { return defence_.rules().halfLife; }
  Task<LoginTrial::Step> testDefence(std::string address, std::string remoteAddress);

  Ledger ledger_;
  Defence& defence_;
  Credentials& credentials_;
  Authenticator& authenticator_;
  const Mechanisms& mechanisms_;
};

/// For the journal.
std::string subject(const ShownBan& ban);

}  // namespace posthouse::accountd
