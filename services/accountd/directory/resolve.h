#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "directory/address.h"

namespace posthouse::accountd {

/// How a domain reads its addresses.
struct DomainRules {
  std::string separators = "+";  // each begins a detail
  std::string catchAll;          // who gets what is for nobody; empty: it is refused
};

struct ResolvedAccount {
  std::int64_t id = 0;
  std::string address;  // the canonical one

  auto operator<=>(const ResolvedAccount&) const = default;
};

/// The account that has an address.
struct Holder {
  std::int64_t account = 0;
  bool isGroup = false;      // its mail goes to its members
  bool membersOnly = false;  // and comes from them
};

/// What resolving asks about the addresses of this installation. Every question is about an exact, normalised address.
class AddressBook {
 public:
  virtual ~AddressBook() = default;

  /// Nothing if the domain is not ours.
  virtual std::optional<DomainRules> rules(std::string_view domain) = 0;
  /// The account with this address, disabled ones too: they still get mail.
  virtual std::optional<Holder> account(const Address& address) = 0;
  /// Of a group or a shared mailbox.
  virtual std::vector<ResolvedAccount> members(std::int64_t account) = 0;
  /// The groups and shared mailboxes that the account is a member of.
  virtual std::vector<std::int64_t> memberships(std::int64_t account) = 0;
  /// Whether the account was granted to send as one of these: addresses, or "@domain".
  virtual bool hasGrant(std::int64_t account, const std::vector<std::string>& senders) = 0;
  /// Who gets the mail to postmaster and abuse of a domain of ours that nobody has by name; of "" who gets mail to
  /// "postmaster" without a domain. None if there is nobody.
  virtual std::vector<std::string> postmasters(std::string_view domain) = 0;
  /// The members of the alias with this address, as they are stored; none if there is no such alias.
  virtual std::vector<std::string> aliasMembers(const Address& address) = 0;
};

/// Who is behind an address.
struct Resolution {
  enum class Result { found, noSuchAddress, notLocal, loop };

  Result result = Result::noSuchAddress;
  std::vector<ResolvedAccount> accounts;       // each once, by id
  std::vector<std::string> remoteAddresses;    // members of aliases outside of our domains; each once, in order
  bool membersOnly = false;                    // a group on the way takes mail from nobody but
  std::vector<std::int64_t> permittedSenders;  // these: the members of all such groups
};

/// Follows aliases and groups to the accounts and foreign addresses behind them. "user+detail" is who it is itself, or
/// else "user". For a name that nobody has, postmaster and abuse go to the domain's postmasters (RFC 2142 §4, §5), and
/// all others, like those if there are none, to whom the domain's catch-all names. A member that nobody has is passed
/// over, and so is one that leads back to where it came from; the result is `loop` (or `noSuchAddress`) only if nobody
/// is left.
Resolution resolve(AddressBook& book, const Address& address);

/// The same for an address as a client wrote it. One that no account can have is `noSuchAddress` in a domain of ours
/// and `notLocal` elsewhere.
Resolution resolve(AddressBook& book, std::string_view address);

/// Who is behind "postmaster" without a domain (RFC 5321 §4.5.1).
Resolution resolvePostmaster(AddressBook& book);

/// True if somebody has the address by name, whatever the catch-all: a user, or an alias with somebody behind it.
bool isSomebody(AddressBook& book, const Address& address);

/// Whether an account may send from an address: it leads to the account by name, also as one of several (its own, with
/// any detail; an alias; a group), or to a shared mailbox that it is a member of, or it was granted. What only the
/// catch-all brings to somebody is not theirs to send from.
bool maySendAs(AddressBook& book, std::int64_t account, const Address& address);

/// True if an alias `from` that had `member` would lead back to itself.
bool wouldLoop(AddressBook& book, const Address& from, const Address& member);

}  // namespace posthouse::accountd
