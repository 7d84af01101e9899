#include "ldap/directory.h"

#include <algorithm>
#include <memory>
#include <thread>
#include <utility>

#include "crypto/random.h"
#include "crypto/secret.h"

namespace posthouse::accountd::ldap {
namespace {

using std::chrono::steady_clock;
using People = Cache<std::optional<Person>>;
using Members = Cache<std::vector<std::string>>;

constexpr std::size_t kRefusals = 32;

/// Shared with the thread that uses it, and wiped by whoever lets go of it last.
struct Password {
  explicit Password(std::string secret) : text(std::move(secret)) {}
  Password(const Password&) = delete;
  Password& operator=(const Password&) = delete;
  ~Password() { crypto::wipe(text); }
  std::string text;
};

bool isEmpty(const std::optional<Person>& person) {
  return !person.has_value();
}

bool isEmpty(const std::vector<std::string>& members) {
  return members.empty();
}

/// What a password that matched is remembered with: a PHC string in other directories.
std::string stamp(const Person& person) {
  return person.name + '\n' + person.version;
}

}  // namespace

Directory::Directory(net::Loop& loop, Settings settings, prometheus::Registry& registry, const observe::Log& log)
    : settings_(std::move(settings)),
      metrics_(registry, settings_.name),
      log_(log.with({{"directory", settings_.name}})),
      servers_(settings_.urls, log_),
      people_(settings_.cacheSize, monotonicClock()),
      members_(settings_.cacheSize, monotonicClock()),
      verified_(settings_.cacheSize, settings_.passwordMemory),
      searches_(loop, settings_, servers_, Session::Identity::service, metrics_.busy(Metrics::Operation::search)),
      binds_(loop, settings_, servers_, Session::Identity::nobody, metrics_.busy(Metrics::Operation::bind)) {}

Task<std::optional<Person>> Directory::find(Address address) {
  return recall(people_, std::move(address), &Directory::findNow);
}

Task<std::vector<std::string>> Directory::members(Address address) {
  return recall(members_, std::move(address), &Directory::membersNow);
}

template <class Value>
Task<Value> Directory::recall(Cache<Value>& cache, Address address, Task<Value> (Directory::*ask)(Address)) {
  auto known = cache.find(address.text());
  const bool isSomebody = known && known->kind == Cache<Value>::Kind::somebody;
  const bool isYoung = known && known->age < (isSomebody ? settings_.cacheAge : settings_.negativeCacheAge);
  metrics_.recalled(isYoung ? Metrics::Recall::hit : Metrics::Recall::miss);
  if (isYoung) co_return std::move(known->value);
  try {
    co_return co_await (this->*ask)(std::move(address));
  } catch (const Unavailable&) {
    // Whoever was there still gets mail while nobody can say otherwise; that somebody was not there says nothing.
    if (!isSomebody) throw;
  }
  metrics_.recalled(Metrics::Recall::stale);
  co_return std::move(known->value);
}

template <class Work>
Task<std::invoke_result_t<Work&, Connection&, Deadline>> Directory::search(Work work) {
  const auto began = steady_clock::now();
  std::string trouble;
  try {
    auto value = co_await searches_.run(std::move(work));
    const auto result = isEmpty(value) ? Metrics::Result::nothing : Metrics::Result::found;
    metrics_.ended(Metrics::Operation::search, result, steady_clock::now() - began);
    co_return value;
  } catch (const Lost& lost) {  // which was logged where it happened
    trouble = lost.what();
  } catch (const Failed& failed) {
    trouble = failed.what();
    log_.warn("ldap.search", "A search in an external directory failed", {{"error", trouble}});
  } catch (const Unavailable& unavailable) {
    trouble = unavailable.what();
  }
  metrics_.ended(Metrics::Operation::search, Metrics::Result::failed, steady_clock::now() - began);
  throw Unavailable("directory " + settings_.name + ": " + trouble);
}

Task<std::optional<Person>> Directory::findNow(Address address) {
  const auto ask = [this, address](Connection& connection, Deadline deadline) {
    return findPerson(connection, settings_, address, deadline);
  };
  std::optional<Person> person = co_await search(ask);
  people_.learn(address.text(), person, person ? People::Kind::somebody : People::Kind::nobody);
  co_return person;
}

Task<std::vector<std::string>> Directory::membersNow(Address address) {
  std::vector<std::string> members;
  if (!settings_.aliasFilter.empty() || !settings_.groupFilter.empty()) {
    const auto ask = [this, address](Connection& connection, Deadline deadline) {
      return findMembers(connection, settings_, address, deadline);
    };
    members = co_await search(ask);
  }
  members_.learn(address.text(), members, members.empty() ? Members::Kind::nobody : Members::Kind::somebody);
  co_return members;
}

Task<std::vector<ServerCheck>> Directory::check() {
  std::vector<ServerCheck> checks;
  for (const std::string& url : settings_.urls) {
    const auto examine = [this, url](Deadline deadline) { return checkServer(settings_, url, deadline); };
    ServerCheck check{.url = url, .error = "it took too long to find out"};
    try {
      check = co_await searches_.runAlone(examine);
    } catch (const Lost& lost) {
      check.error = lost.what();
    } catch (const Unavailable& unavailable) {
      check.error = unavailable.what();
    }
    checks.push_back(std::move(check));
  }
  co_return checks;
}

Task<Verdict> Directory::checkPassword(Address address, std::string password) {
  Verdict verdict{.person = co_await findNow(address)};
  // Empty, it would be no password but the wish to be nobody (RFC 4513 §5.1.2); and some servers end it at NUL.
  if (!verdict.person || password.empty() || password.contains('\0')) {
    co_await pretend(std::move(address), std::move(password));
    co_return verdict;
  }
  const std::string stamped = stamp(*verdict.person);
  verdict.isRight = verified_.knows(password, stamped);
  if (!verdict.isRight) {
    const Bound bound = co_await bind(verdict.person->name, password);
    verdict.isRight = bound.isRight;
    if (bound.isRight) {
      verified_.remember(password, stamped);
    } else {
      refusals_.push_back(bound.took);
      if (refusals_.size() > kRefusals) refusals_.pop_front();
    }
  }
  crypto::wipe(password);
  co_return verdict;
}

Task<> Directory::pretend(Address address, std::string password) {
  if (password.empty() || password.contains('\0')) password = "x";
  const auto usual = refusals_.empty() ? steady_clock::duration() : refusals_[crypto::randomBelow(refusals_.size())];
  co_await bind(nobody(address), std::move(password), usual);
}

/// The name of an entry that is not there.
std::string Directory::nobody(const Address& address) const {
  const std::string base = settings_.base.asName(address);
  return "cn=" + crypto::randomToken() + (base.empty() ? "" : "," + base);
}

Task<Directory::Bound> Directory::bind(std::string name, std::string password, steady_clock::duration atLeast) {
  const auto began = steady_clock::now();
  const auto secret = std::make_shared<const Password>(std::move(password));
  const auto ask = [name = std::move(name), secret, atLeast](Connection& connection, Deadline deadline) {
    const auto start = steady_clock::now();
    Bound bound{.isRight = connection.bind(name, secret->text, deadline)};
    std::this_thread::sleep_until(std::min(start + atLeast, deadline));
    bound.took = steady_clock::now() - start;
    return bound;
  };
  std::string trouble;
  try {
    const Bound bound = co_await binds_.run(ask);
    metrics_.ended(Metrics::Operation::bind, bound.isRight ? Metrics::Result::found : Metrics::Result::nothing,
                   steady_clock::now() - began);
    co_return bound;
  } catch (const Lost& lost) {
    trouble = lost.what();
  } catch (const Failed& failed) {
    trouble = failed.what();
    log_.warn("ldap.bind", "A password could not be checked by an external directory", {{"error", trouble}});
  } catch (const Unavailable& unavailable) {
    trouble = unavailable.what();
  }
  metrics_.ended(Metrics::Operation::bind, Metrics::Result::failed, steady_clock::now() - began);
  throw Unavailable("directory " + settings_.name + ": " + trouble);
}

}  // namespace posthouse::accountd::ldap
