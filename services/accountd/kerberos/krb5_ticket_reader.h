#pragma once
#include <string>
#include <utility>

#include "kerberos/ticket_reader.h"

namespace posthouse::accountd {

/// MIT Kerberos over a keytab, which it reads anew each time. Its replay cache is the process's (useReplayCache).
class Krb5TicketReader final : public TicketReader {
 public:
  explicit Krb5TicketReader(const std::string& keytab) : keytab_("FILE:" + keytab) {}

  std::expected<ShownTicket, BadTicket> read(const std::string& service, std::string_view request) override;
  std::string refusal(const std::string& service, std::int32_t code, const std::string& text) override;

 private:
  const std::string keytab_;  // as Kerberos names one
};

/// Names the file in which Kerberos notes what it has seen; nothing for an empty name. Only the environment tells
/// libkrb5: before there are threads, and once.
void useReplayCache(const std::string& file);

}  // namespace posthouse::accountd
