#pragma once
#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/clock.h"
#include "client.h"
#include "config.h"
#include "filter.h"
#include "local_delivery.h"
#include "metrics.h"
#include "observe/log.h"
#include "queue.h"
#include "retry_keys.h"
#include "smtp/reply.h"
#include "transaction.h"

namespace posthouse::smtpd {

/// What became of a mail.
struct Decision {
  smtp::Reply reply;
  std::optional<RetryKeys::Hold> unproven = {};  // what to confirm once the client has gone on after a 250
};

/// Decides what becomes of a mail while its sender waits: judged by the filter, then delivered or queued, or refused
/// for all of its recipients with one reply (ARCHITECTURE.md, rules 1 to 3).
class Acceptance {
 public:
  Acceptance(const Config& config, Filter& filter, LocalDelivery& delivery, Queue& queue, RetryKeys& retryKeys,
             Metrics& metrics, WallClock clock)
      : config_(config),
        filter_(filter),
        delivery_(delivery),
        queue_(queue),
        retryKeys_(retryKeys),
        metrics_(metrics),
        clock_(std::move(clock)) {}

  /// `content` is the message as received, with CRLF line ends. `log` knows the session.
  Task<Decision> accept(const Client& client, const Transaction& transaction, const std::string& content,
                        const observe::Log& log);

 private:
  struct Sorted;

  std::optional<smtp::Reply> refusal(const Verdict& verdict);
  smtp::Reply refuse(Reason reason, int code, std::string_view text);
  void giveRetryKeys(std::vector<Destination>& destinations, RetryKeys::Hold& hold, const Transaction& transaction,
                     const std::string& content);
  Task<smtp::Reply> deliverOrQueue(const Client& client, const Transaction& transaction,
                                   std::vector<Destination> destinations, const Letter& letter,
                                   const observe::Log& log);
  Task<bool> enqueue(const Client& client, const Transaction& transaction, std::vector<Destination> destinations,
                     const Letter& letter);

  const Config& config_;
  Filter& filter_;
  LocalDelivery& delivery_;
  Queue& queue_;
  RetryKeys& retryKeys_;
  Metrics& metrics_;
  WallClock clock_;
};

/// Which way a client's mail goes, for metrics.
Direction directionOf(const Client& client);

}  // namespace posthouse::smtpd
