#include "compose.h"

#include <algorithm>

#include "base/ascii.h"
#include "message/builder.h"
#include "message/header.h"
#include "message/trace.h"

namespace posthouse::smtpd {
namespace {

std::string receivedField(const Client& client, const Transaction& transaction, std::string_view hostname,
                          const message::Date& date) {
  message::Received received;
  received.helo = client.greeting;
  received.clientAddress = client.address.host;
  received.by = hostname;
  received.with = message::withProtocol({.lmtp = false,
                                         .extended = client.isExtended,
                                         .tls = !client.tlsVersion.empty(),
                                         .authenticated = client.identity.has_value(),
                                         .smtpUtf8 = transaction.parameters.smtpUtf8});
  if (!client.tlsVersion.empty()) received.tls = client.tlsVersion + ' ' + client.tlsCipher;
  received.id = store::toText(transaction.id);
  if (transaction.recipients.size() == 1) received.recipient = transaction.recipients.front().forwardPath;
  received.date = date;
  return message::renderReceived(received);
}

/// A message that does not begin with a field or the empty line is all body. The mbox line that programs leave on top
/// is passed over by readers of the header and stays one.
bool isAllBody(const message::Header& header) {
  const auto first = header.begin();
  if (first == header.end() || !first->name.empty()) return false;
  return !first->whole.starts_with("From ") && !first->whole.starts_with(">From ");
}

bool isAmong(std::string_view name, const std::vector<std::string>& names) {
  return std::ranges::any_of(names, [&](const std::string& other) { return ascii::equalsIgnoringCase(name, other); });
}

}  // namespace

Letter compose(const Client& client, const Transaction& transaction, const Verdict& verdict, std::string_view hostname,
               std::chrono::system_clock::time_point now, std::string_view content) {
  const message::Header header = message::Header::of(content);
  const message::Date date{.time = std::chrono::floor<std::chrono::seconds>(now)};

  message::HeaderBuilder added;
  for (const HeaderField& field : verdict.headerFields) added.structured(field.name, field.value);
  if (client.identity && !header.find("Date")) added.date("Date", date);
  if (client.identity && !header.find("Message-ID")) {
    added.structured("Message-ID", '<' + store::toText(transaction.id) + '@' + std::string(hostname) + '>');
  }
  Letter letter{receivedField(client, transaction, hostname, date) + added.octets(), content.substr(header.size())};
  if (isAllBody(header)) return {letter.header + "\r\n", content};
  for (const message::Field& field : header) {
    if (!isAmong(field.name, verdict.removeHeaderFields)) letter.header += field.whole;
  }
  letter.header += header.emptyLine();
  return letter;
}

}  // namespace posthouse::smtpd
