#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "logins/mechanism.h"

namespace posthouse::accountd {

/// The SASL mechanisms that are offered, and an exchange by one of them.
class Mechanisms {
 public:
  /// In the order to announce them.
  void offer(std::unique_ptr<Mechanism> mechanism) { offered_.push_back(std::move(mechanism)); }

  const std::vector<std::unique_ptr<Mechanism>>& offered() const noexcept { return offered_; }

  /// `name`: letters of either case. Throws what the mechanism throws.
  Task<Outcome> exchange(std::string name, std::optional<std::string> initialResponse, Connection connection,
                         Conversation& conversation);

 private:
  std::vector<std::unique_ptr<Mechanism>> offered_;
};

}  // namespace posthouse::accountd
