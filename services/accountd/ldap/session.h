#pragma once
#include <chrono>
#include <memory>
#include <string>

#include "ldap/connection.h"
#include "ldap/servers.h"

namespace posthouse::accountd::ldap {

/// What one thread keeps of a directory: a connection to the first of its servers that works, made when first needed
/// and again when it is lost.
class Session {
 public:
  /// service: the connection is bind_dn's. nobody: it is whose password was right last, and good for binds alone.
  enum class Identity { service, nobody };

  Session(const Settings& settings, Servers& servers, Identity identity)
      : settings_(settings), servers_(servers), identity_(identity) {}

  /// `work` may run twice: a connection that had been idle may be gone without a word. Throws Failed, and what `work`
  /// throws.
  template <class Work>
  auto with(Deadline deadline, Work& work) {
    for (;;) {
      const bool wasIdle = connection_ != nullptr;
      if (!wasIdle) connect(deadline);
      try {
        return work(*connection_, deadline);
      } catch (const Lost& lost) {
        dropped(lost, wasIdle, deadline);
      }
    }
  }

 private:
  void connect(Deadline deadline);
  std::unique_ptr<Connection> open(const std::string& url, Deadline deadline) const;
  /// Returns if another connection may do; throws `lost` if not.
  void dropped(const Lost& lost, bool wasIdle, Deadline deadline);

  const Settings& settings_;
  Servers& servers_;
  const Identity identity_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace posthouse::accountd::ldap
