#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/section.h"

namespace posthouse::accountd {

/// What of [accountd] is about Kerberos.
struct KerberosSettings {
  std::string keytab;                 // a file; empty: there is no Kerberos
  std::vector<std::string> services;  // that tickets are taken for: of kKerberosServices, those the keytab has keys of
  std::string replayCache;            // a file; empty: Kerberos's own choice

  bool isSet() const noexcept { return !keytab.empty(); }
  /// What tickets of a protocol's clients are for; nothing where none are taken.
  std::optional<std::string> serviceOf(std::string_view protocol) const;

  /// Reads the keytab, too.
  static KerberosSettings from(config::Section& section);
};

}  // namespace posthouse::accountd
