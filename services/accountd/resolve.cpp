#include "resolve.h"

#include <algorithm>
#include <set>

namespace posthouse::accountd {
namespace {

/// More than any real list of lists; a bound on what one question may cost.
constexpr std::size_t kMaxAddresses = 10'000;

/// One walk through aliases, breadth first: every address is looked at once, so that no cycle is followed twice.
class Expansion {
 public:
  explicit Expansion(AddressBook& book) : book_(book) {}

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
    if (!book_.isLocalDomain(address.domain)) {
      remotes_.push_back(address.text());
    } else if (!lookExactly(address)) {
      const std::optional<Address> user = address.withoutDetail();
      if (user && seen_.insert(*user).second) lookExactly(*user);
    }
  }

  bool lookExactly(const Address& address) {
    if (const std::optional<std::int64_t> account = book_.account(address)) {
      accounts_.insert({*account, address.text()});
      return true;
    }
    const std::vector<std::string> members = book_.aliasMembers(address);
    for (const std::string& member : members) {
      if (std::optional<Address> parsed = parseAddress(member)) pending_.push_back(std::move(*parsed));
    }
    return !members.empty();
  }

  AddressBook& book_;
  std::vector<Address> pending_;
  std::set<Address> seen_;
  std::set<ResolvedAccount> accounts_;
  std::vector<std::string> remotes_;
  bool repeated_ = false;
};

}  // namespace

Resolution resolve(AddressBook& book, const Address& address) {
  Resolution resolution;
  resolution.result = Resolution::Result::notLocal;
  if (!book.isLocalDomain(address.domain)) return resolution;
  Expansion expansion(book);
  expansion.from(address);
  return std::move(expansion).resolution();
}

Resolution resolve(AddressBook& book, std::string_view text) {
  if (const std::optional<Address> address = parseAddress(text)) return resolve(book, *address);
  const std::size_t at = text.rfind('@');
  const std::optional<std::string> domain = parseDomain(at == text.npos ? "" : text.substr(at + 1));
  Resolution resolution;
  if (!domain || !book.isLocalDomain(*domain)) resolution.result = Resolution::Result::notLocal;
  return resolution;
}

bool wouldLoop(AddressBook& book, const Address& from, const Address& member) {
  Expansion expansion(book);
  expansion.from(member);
  return expansion.saw(from);
}

}  // namespace posthouse::accountd
