#pragma once
#include <vector>

#include "async/task.h"
#include "letter.h"
#include "local_delivery.h"
#include "transaction.h"

namespace posthouse::smtpd {

/// Where mail waits for relayd.
class Queue {
 public:
  virtual ~Queue() = default;
  /// True once the mail is committed. Throws nothing.
  virtual Task<bool> enqueue(const Transaction& transaction, const std::vector<Destination>& destinations,
                             const Letter& letter) = 0;
};

}  // namespace posthouse::smtpd
