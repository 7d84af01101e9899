#pragma once
#include <string>
#include <vector>

#include "imap_client.h"

namespace posthouse::bench {

/// Looks into mailboxes until what was sent has arrived, over connections that were opened before.
class Arrival {
 public:
  /// Logs in to each account and counts what it has.
  static Task<Arrival> watch(net::Loop& loop, const Server& server, std::vector<std::string> accounts,
                             std::string password);

  /// Returns when each INBOX has so many messages more. Throws Failure if that takes two minutes.
  Task<> of(net::Loop& loop, const std::vector<std::size_t>& more);

 private:
  struct Inbox {
    ImapClient client;
    std::size_t before;  // messages
  };

  std::vector<Inbox> inboxes_;
};

}  // namespace posthouse::bench
