#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "address.h"

namespace posthouse::accountd {

/// What resolving asks about the addresses of this installation. Every question is about an exact, normalised address.
class AddressBook {
 public:
  virtual ~AddressBook() = default;

  virtual bool isLocalDomain(std::string_view domain) = 0;
  /// The account with this address, disabled ones too: they still get mail.
  virtual std::optional<std::int64_t> account(const Address& address) = 0;
  /// The members of the alias with this address, as they are stored; none if there is no such alias.
  virtual std::vector<std::string> aliasMembers(const Address& address) = 0;
};

struct ResolvedAccount {
  std::int64_t id = 0;
  std::string address;  // the canonical one

  auto operator<=>(const ResolvedAccount&) const = default;
};

/// Who is behind an address.
struct Resolution {
  enum class Result { found, noSuchAddress, notLocal, loop };

  Result result = Result::noSuchAddress;
  std::vector<ResolvedAccount> accounts;     // each once, by id
  std::vector<std::string> remoteAddresses;  // members of aliases outside of our domains; each once, in order
};

/// Follows aliases to the accounts and foreign addresses behind them. "user+detail" is who it is itself, or else
/// "user". A member that nobody has is passed over, and so is one that leads back to where it came from; the result is
/// `loop` (or `noSuchAddress`) only if nobody is left.
Resolution resolve(AddressBook& book, const Address& address);

/// The same for an address as a client wrote it. One that no account can have is `noSuchAddress` in a domain of ours
/// and `notLocal` elsewhere.
Resolution resolve(AddressBook& book, std::string_view address);

/// True if an alias `from` that had `member` would lead back to itself.
bool wouldLoop(AddressBook& book, const Address& from, const Address& member);

}  // namespace posthouse::accountd
