#include "login/open_sessions.h"

#include <cassert>
#include <utility>

#include "base/ascii.h"

namespace posthouse::login {
namespace {

constexpr std::chrono::minutes kRemembered{1};
constexpr std::array<const char*, 3> kReasons{"logged_out", "disabled", "removed"};

}  // namespace

std::string_view explain(EndReason reason) {
  switch (reason) {
    case EndReason::loggedOut:
      return "Logged out by an administrator";
    case EndReason::disabled:
      return "Your account has been disabled";
    case EndReason::removed:
      return "Your account has been removed";
  }
  return "";
}

OpenSession::OpenSession(OpenSessions& sessions, const Identity& identity, Client client, std::string_view mechanism,
                         bool isTls)
    : sessions_(sessions),
      client_(client),
      account_(identity.account),
      knownEnding_(identity.knownEnding),
      since_(sessions.now()),
      mechanism_(&*sessions.mechanisms_.insert(ascii::toUpper(mechanism)).first),
      isTls_(isTls) {
  sessions_.add(*this);
}

OpenSession::~OpenSession() {
  sessions_.remove(*this);
}

void OpenSession::end(EndReason reason) {
  if (ending_) return;
  ending_ = reason;
  sessions_.count(reason);
  wakeup_.wake();
  if (other_ != nullptr) other_->wake();
}

OpenSessions::OpenSessions(std::string protocol, prometheus::Registry& registry, Clock clock)
    : protocol_(std::move(protocol)), clock_(std::move(clock)) {
  auto& family = prometheus::BuildCounter()
                     .Name("posthouse_sessions_ended_total")
                     .Help("Sessions that were ended because accountd said so.")
                     .Register(registry);
  for (std::size_t i = 0; i < kReasons.size(); ++i)
    ended_.at(i) = &family.Add({{"protocol", protocol_}, {"reason", kReasons.at(i)}});
}

OpenSessions::~OpenSessions() {
  assert(first_ == nullptr);
}

void OpenSessions::add(OpenSession& session) {
  session.previous_ = last_;
  (last_ != nullptr ? last_->next_ : first_) = &session;
  last_ = &session;
  if (untold_ == nullptr) untold_ = &session;
  const auto recent = recent_.find(session.account_);
  if (recent != recent_.end() && session.knownEnding_ < recent->second.ending.number)
    session.end(recent->second.ending.reason);
}

void OpenSessions::remove(OpenSession& session) {
  (session.previous_ != nullptr ? session.previous_->next_ : first_) = session.next_;
  (session.next_ != nullptr ? session.next_->previous_ : last_) = session.previous_;
  if (untold_ == &session) untold_ = session.next_;
  if (session.isReported_) closed_.push_back(session.id());
}

void OpenSessions::end(std::span<const Ending> endings) {
  const auto now = clock_();
  std::erase_if(recent_, [&](const auto& entry) { return entry.second.at + kRemembered < now; });
  std::unordered_map<store::AccountId, const Ending*> accounts;
  std::unordered_map<std::string_view, const Ending*> sessions;
  for (const Ending& ending : endings) {
    if (!ending.session.empty()) {
      sessions[ending.session] = &ending;
      continue;
    }
    const Ending*& latest = accounts[ending.account];
    if (latest == nullptr || latest->number < ending.number) latest = &ending;
    Recent& recent = recent_[ending.account];
    if (recent.ending.number < ending.number) recent = {ending, now};
  }
  for (OpenSession* session = first_; session != nullptr; session = session->next_) {
    if (const auto one = sessions.find(session->id()); one != sessions.end()) session->end(one->second->reason);
    const auto all = accounts.find(session->account_);
    if (all != accounts.end() && session->knownEnding_ < all->second->number) session->end(all->second->reason);
  }
}

OpenSessions::Changes OpenSessions::takeChanges(std::size_t most, std::chrono::milliseconds age) {
  Changes changes{.opened = {}, .closed = std::exchange(closed_, {})};
  const auto opened = clock_() - age;
  for (; untold_ != nullptr && untold_->since_ <= opened && changes.opened.size() < most; untold_ = untold_->next_) {
    untold_->isReported_ = true;
    changes.opened.push_back(untold_);
  }
  return changes;
}

void OpenSessions::tellAllAnew() {
  for (OpenSession* session = first_; session != untold_; session = session->next_) session->isReported_ = false;
  untold_ = first_;
  closed_.clear();
}

}  // namespace posthouse::login
