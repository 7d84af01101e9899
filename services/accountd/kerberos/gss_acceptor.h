#pragma once
#include <string>

#include "kerberos/acceptor.h"

namespace posthouse::accountd {

/// MIT Kerberos's GSS-API, over a keytab. Every context reads the file anew: keys that were added or changed are used
/// at once.
class GssAcceptor final : public Acceptor {
 public:
  /// `replayCache`: a file, or empty for Kerberos's own choice.
  GssAcceptor(std::string keytab, std::string replayCache)
      : keytab_("FILE:" + std::move(keytab)), replayCache_(std::move(replayCache)) {
    if (!replayCache_.empty()) replayCache_.insert(0, "file2:");
  }

  std::unique_ptr<SecurityContext> begin(std::string service) override;

 private:
  const std::string keytab_;  // as Kerberos names one
  std::string replayCache_;   // the same
};

}  // namespace posthouse::accountd
