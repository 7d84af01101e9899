#pragma once
#include <string>
#include <utility>

#include "kerberos/ticket_reader.h"

namespace posthouse::accountd {

/// MIT Kerberos over a keytab, which it reads anew each time. Without its replay cache: that is a file, which instances
/// on several machines do not share.
class Krb5TicketReader final : public TicketReader {
 public:
  explicit Krb5TicketReader(const std::string& keytab) : keytab_("FILE:" + keytab) {}

  std::expected<ShownTicket, BadTicket> read(const std::string& service, std::string_view request) override;
  std::string refusal(const std::string& service, std::int32_t code, const std::string& text) override;

 private:
  const std::string keytab_;  // as Kerberos names one
};

}  // namespace posthouse::accountd
