// Trace fields, RFC 5321 §4.4, RFC 3848, RFC 6531 §3.7.3.
#include "trace.h"

#include <fmt/core.h>

namespace posthouse::smtpd {
namespace {

/// with = "WITH" FWS Protocol: what RFC 3848 and RFC 6531 §4.3 have registered
std::string protocolOf(const Client& client, const Transaction& transaction) {
  if (!client.isExtended) return "SMTP";
  std::string protocol = transaction.parameters.smtpUtf8 ? "UTF8SMTP" : "ESMTP";
  if (!client.tlsVersion.empty()) protocol += 'S';
  if (client.identity) protocol += 'A';
  return protocol;
}

/// address-literal of §4.1.3
std::string literalOf(const net::Address& address) {
  if (address.isUnix()) return "[127.0.0.1]";
  return address.host.contains(':') ? "[IPv6:" + address.host + ']' : '[' + address.host + ']';
}

}  // namespace

std::string dateTime(std::chrono::system_clock::time_point at) {
  static constexpr std::array kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(seconds - day);
  return fmt::format("{}, {} {} {:04} {:02}:{:02}:{:02} +0000", kDays[std::chrono::weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), time.hours().count(), time.minutes().count(), time.seconds().count());
}

/// Stamp = From-domain By-domain Opt-info [CFWS] ";" FWS date-time
std::string receivedField(const Client& client, const Transaction& transaction, std::string_view hostname,
                          std::chrono::system_clock::time_point at) {
  std::string field = fmt::format("Received: from {} ({})\r\n", client.greeting, literalOf(client.address));
  if (!client.tlsVersion.empty()) field += fmt::format("\t(using {} with cipher {})\r\n", client.tlsVersion, client.tlsCipher);
  field += fmt::format("\tby {} with {} id {}", hostname, protocolOf(client, transaction), store::toText(transaction.id));
  // For one recipient only: others must not learn of each other (§7.6).
  if (transaction.recipients.size() == 1) field += fmt::format("\r\n\tfor <{}>", transaction.recipients.front().forwardPath);
  return field + ";\r\n\t" + dateTime(at) + "\r\n";
}

}  // namespace posthouse::smtpd
