#include "destinations.h"

#include <cstdint>
#include <set>
#include <string>

namespace posthouse::smtpd {

std::vector<Destination> destinationsOf(const std::vector<Recipient>& recipients) {
  std::vector<Destination> destinations;
  std::set<std::int64_t> accounts;
  std::set<std::string> foreign;
  for (const Recipient& recipient : recipients) {
    if (recipient.resolution.result == directory::Resolution::Result::notLocal &&
        foreign.insert(recipient.forwardPath).second) {
      destinations.push_back({.address = recipient.forwardPath, .originalRecipient = recipient.forwardPath});
    }
    for (const directory::Account& account : recipient.resolution.accounts) {
      if (!accounts.insert(account.id).second) continue;
      destinations.push_back({.address = account.address,
                              .originalRecipient = recipient.forwardPath,
                              .account = store::AccountId{account.id}});
    }
    for (const std::string& address : recipient.resolution.remoteAddresses) {
      if (!foreign.insert(address).second) continue;
      destinations.push_back({.address = address, .originalRecipient = recipient.forwardPath});
    }
  }
  return destinations;
}

}  // namespace posthouse::smtpd
