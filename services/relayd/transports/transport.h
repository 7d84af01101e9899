#pragma once
#include <string_view>
#include <vector>

#include "async/task.h"
#include "net/patience.h"
#include "parcel.h"
#include "report.h"

namespace posthouse::relayd {

/// A way out for mail.
class Transport {
 public:
  virtual ~Transport() = default;
  /// As metrics name it.
  virtual std::string_view name() const = 0;
  /// One attempt: a report for each recipient, in order. Throws nothing that concerns the other
  /// side; LeaseLost if it was not made to its end because the lease was not safe any more.
  virtual Task<std::vector<Report>> send(const Parcel& parcel, net::Patience whole) = 0;
};

}  // namespace posthouse::relayd
