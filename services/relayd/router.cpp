#include "router.h"

#include "base/ascii.h"

namespace posthouse::relayd {
namespace {

using directory::Resolution;

/// The original recipient stays what it was: delivery keys and DSNs go by it.
std::vector<store::QueuedRecipient> membersOf(const store::QueuedRecipient& alias, const Resolution& resolution) {
  std::vector<store::QueuedRecipient> members;
  store::QueuedRecipient member = alias;
  if (member.originalRecipient.empty()) member.originalRecipient = "rfc822;" + alias.address;
  for (const directory::Account& account : resolution.accounts) {
    member.address = account.address;
    member.destination = store::QueuedRecipient::kLocal;
    members.push_back(member);
  }
  for (const std::string& remote : resolution.remoteAddresses) {
    member.address = remote;
    member.destination = ascii::toLower(std::string_view(remote).substr(remote.rfind('@') + 1));
    members.push_back(member);
  }
  return members;
}

Route routeOf(const store::QueuedRecipient& recipient, const Resolution& resolution) {
  switch (resolution.result) {
    case Resolution::Result::notLocal:
      return {Route::Way::remote, recipient.address};
    case Resolution::Result::noSuchAddress:
      return {.way = Route::Way::none, .refusal = smtp::Reply(550, "5.1.1 There is no such mailbox")};
    case Resolution::Result::loop:
      return {.way = Route::Way::none, .refusal = smtp::Reply(550, "5.4.6 The alias leads to itself")};
    case Resolution::Result::found:
      break;
  }
  if (resolution.accounts.size() == 1 && resolution.remoteAddresses.empty())
    return {Route::Way::local, resolution.accounts.front().address};
  if (resolution.accounts.empty() && resolution.remoteAddresses.empty())
    return {.way = Route::Way::none, .refusal = smtp::Reply(550, "5.1.1 Nobody stands behind this alias")};
  return {.way = Route::Way::expand, .members = membersOf(recipient, resolution)};
}

}  // namespace

Task<Route> routeOf(const store::QueuedRecipient& recipient, directory::Directory& directory) {
  if (recipient.destination == store::QueuedRecipient::kLocal) co_return Route{Route::Way::local, recipient.address};
  std::optional<Resolution> resolution;
  try {
    resolution = co_await directory.resolve(recipient.address);
  } catch (const directory::Unavailable&) {
  }
  if (!resolution)
    co_return Route{.way = Route::Way::none, .refusal = smtp::Reply(451, "4.3.0 Addresses cannot be looked up now")};
  co_return routeOf(recipient, *resolution);
}

}  // namespace posthouse::relayd
