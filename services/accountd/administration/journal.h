#pragma once
#include <string>
#include <string_view>

#include "metrics.h"
#include "observe/log.h"

namespace posthouse::accountd {

/// What administrators changed, for the log and the metrics.
class Journal {
 public:
  Journal(Metrics& metrics, observe::Log log) : metrics_(metrics), log_(std::move(log)) {}

  /// `action` as "user.add", from a closed list; `subject` is the address or domain.
  void changed(std::string_view action, std::string_view subject) {
    metrics_.adminChanges.Add({{"action", std::string(action)}}).Increment();
    log_.info("admin.change", "An administrator changed something", {{"action", action}, {"subject", subject}});
  }

 private:
  Metrics& metrics_;
  const observe::Log log_;
};

}  // namespace posthouse::accountd
