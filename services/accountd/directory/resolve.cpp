#include "directory/resolve.h"

#include <algorithm>
#include <set>

namespace posthouse::accountd {
namespace {

/// More than any real list of lists; a bound on what one question may cost.
constexpr std::size_t kMaxAddresses = 10'000;

/// One walk through aliases, breadth first: every address is looked at once, so that no cycle is followed twice.
class Expansion {
 public:
  /// names: only who is named, not who gets the mail for nobody.
  enum class Reach { names, everybody };

  Expansion(AddressBook& book, Reach reach) : book_(book), reach_(reach) {}

  void from(const Address& start) {
    pending_.push_back(start);
    for (std::size_t next = 0; next < pending_.size() && next < kMaxAddresses; ++next) {
      const Address address = pending_[next];
      if (seen_.insert(address).second) {
        look(address);
      } else {
        repeated_ = true;
      }
    }
    if (pending_.size() > kMaxAddresses) repeated_ = true;
  }

  Resolution resolution() && {
    Resolution resolution;
    resolution.accounts.assign(accounts_.begin(), accounts_.end());
    resolution.remoteAddresses = std::move(remotes_);
    resolution.membersOnly = permitted_.has_value();
    if (permitted_) resolution.permittedSenders.assign(permitted_->begin(), permitted_->end());
    if (!resolution.accounts.empty() || !resolution.remoteAddresses.empty()) {
      resolution.result = Resolution::Result::found;
    } else if (repeated_) {
      resolution.result = Resolution::Result::loop;
    }
    return resolution;
  }

  bool saw(const Address& address) const { return seen_.contains(address); }

 private:
  void look(const Address& address) {
    const std::optional<DomainRules> rules = book_.rules(address.domain);
    if (!rules) {
      remotes_.push_back(address.text());
      return;
    }
    if (lookExactly(address)) return;
    const std::optional<Address> user = address.withoutDetail(rules->separators);
    if (user) {
      if (!seen_.insert(*user).second) return;
      if (lookExactly(*user)) return;
    }
    if (reach_ == Reach::everybody) lookBeyond(user.value_or(address), *rules);
  }

  /// Nobody has the name.
  void lookBeyond(const Address& address, const DomainRules& rules) {
    if (address.localPart == "postmaster" || address.localPart == "abuse") {
      const std::vector<std::string> postmasters = book_.postmasters(address.domain);
      for (const std::string& postmaster : postmasters) push(postmaster);
      if (!postmasters.empty()) return;
    }
    std::optional<Address> catchAll = parseAddress(rules.catchAll);
    if (catchAll && *catchAll != address) pending_.push_back(std::move(*catchAll));
  }

  bool lookExactly(const Address& address) {
    if (const std::optional<Holder> holder = book_.account(address)) {
      if (holder->isGroup) {
        lookInto(*holder);
      } else {
        accounts_.insert({holder->account, address.text()});
      }
      return true;
    }
    const std::vector<std::string> members = book_.aliasMembers(address);
    for (const std::string& member : members) push(member);
    return !members.empty();
  }

  void lookInto(const Holder& group) {
    std::set<std::int64_t> ids;
    for (ResolvedAccount& member : book_.members(group.account)) {
      ids.insert(member.id);
      accounts_.insert(std::move(member));
    }
    if (!group.membersOnly) return;
    if (permitted_) {
      std::erase_if(*permitted_, [&ids](std::int64_t id) { return !ids.contains(id); });
    } else {
      permitted_ = std::move(ids);
    }
  }

  void push(const std::string& stored) {
    if (std::optional<Address> address = parseAddress(stored)) pending_.push_back(std::move(*address));
  }

  AddressBook& book_;
  const Reach reach_;
  std::vector<Address> pending_;
  std::set<Address> seen_;
  std::set<ResolvedAccount> accounts_;
  std::vector<std::string> remotes_;
  std::optional<std::set<std::int64_t>> permitted_;  // who may send; nothing: anybody
  bool repeated_ = false;
};

}  // namespace

Resolution resolve(AddressBook& book, const Address& address) {
  Resolution resolution;
  resolution.result = Resolution::Result::notLocal;
  if (!book.rules(address.domain)) return resolution;
  Expansion expansion(book, Expansion::Reach::everybody);
  expansion.from(address);
  return std::move(expansion).resolution();
}

Resolution resolve(AddressBook& book, std::string_view text) {
  if (const std::optional<Address> address = parseAddress(text)) return resolve(book, *address);
  const std::size_t at = text.rfind('@');
  const std::optional<std::string> domain = parseDomain(at == text.npos ? "" : text.substr(at + 1));
  Resolution resolution;
  if (!domain || !book.rules(*domain)) resolution.result = Resolution::Result::notLocal;
  return resolution;
}

Resolution resolvePostmaster(AddressBook& book) {
  Expansion expansion(book, Expansion::Reach::everybody);
  for (const std::string& postmaster : book.postmasters(""))
    if (const std::optional<Address> address = parseAddress(postmaster)) expansion.from(*address);
  return std::move(expansion).resolution();
}

bool isSomebody(AddressBook& book, const Address& address) {
  Expansion expansion(book, Expansion::Reach::names);
  expansion.from(address);
  return std::move(expansion).resolution().result == Resolution::Result::found;
}

bool maySendAs(AddressBook& book, std::int64_t account, const Address& address) {
  const std::optional<DomainRules> rules = book.rules(address.domain);
  std::vector<std::string> grants{address.text(), "@" + address.domain};
  if (rules)
    if (const auto user = address.withoutDetail(rules->separators)) grants.push_back(user->text());
  if (book.hasGrant(account, grants)) return true;
  if (!rules) return false;
  Expansion expansion(book, Expansion::Reach::names);
  expansion.from(address);
  const Resolution resolution = std::move(expansion).resolution();
  const std::vector<std::int64_t> memberships = book.memberships(account);
  return std::ranges::any_of(resolution.accounts, [&](const ResolvedAccount& behind) {
    return behind.id == account || std::ranges::find(memberships, behind.id) != memberships.end();
  });
}

bool wouldLoop(AddressBook& book, const Address& from, const Address& member) {
  Expansion expansion(book, Expansion::Reach::names);
  expansion.from(member);
  return expansion.saw(from);
}

}  // namespace posthouse::accountd
