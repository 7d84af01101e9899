#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "metrics.h"
#include "observe/log.h"

namespace posthouse::accountd {

/// What administrators changed, for the log and the metrics.
class Journal {
 public:
  /// `onChange` is told of each, after its commit.
  Journal(Metrics& metrics, observe::Log log, std::function<void()> onChange = {})
      : metrics_(metrics), log_(std::move(log)), onChange_(std::move(onChange)) {}

  /// `action` as "user.add", from a closed list; `subject` is the address or domain.
  void changed(std::string_view action, std::string_view subject) {
    metrics_.adminChanges.Add({{"action", std::string(action)}}).Increment();
    log_.info("admin.change", "An administrator changed something", {{"action", action}, {"subject", subject}});
    if (onChange_) onChange_();
  }

 private:
  Metrics& metrics_;
  const observe::Log log_;
  const std::function<void()> onChange_;
};

}  // namespace posthouse::accountd
