#pragma once
#include <optional>
#include <string>
#include <vector>

#include "directory/directory.h"
#include "smtp/reply.h"
#include "store/queue_repository.h"

namespace posthouse::relayd {

/// Where a recipient's mail goes.
struct Route {
  enum class Way {
    local,   // to lmtp-delivery, for `address`
    remote,  // to the mail exchangers of `address`'s domain
    expand,  // back into the queue: for each of `members`
    none,    // `refusal`
  };
  Way way;
  std::string address = {};
  std::vector<store::QueuedRecipient> members = {};
  std::optional<smtp::Reply> refusal = {};
};

/// What smtpd put into the queue as local it has resolved to a mailbox already. The others are asked for when their
/// turn comes: a DSN goes to whoever the sender was, and a domain that has become ours must not be looked for outside.
Task<Route> routeOf(const store::QueuedRecipient& recipient, directory::Directory& directory);

}  // namespace posthouse::relayd
