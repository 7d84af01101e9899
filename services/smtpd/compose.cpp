#include "compose.h"

#include <algorithm>

#include "base/ascii.h"
#include "header_section.h"
#include "trace.h"

namespace posthouse::smtpd {
namespace {

constexpr std::size_t kLine = 78;  // RFC 5322 §2.1.1

/// "Name: value", folded at spaces (RFC 5322 §2.2.3).
std::string folded(const HeaderField& field) {
  std::string text = field.name + ':';
  std::size_t column = text.size();
  std::string_view rest = field.value;
  while (!rest.empty()) {
    const std::string_view word = rest.substr(0, rest.find_first_of(" \t\r\n"));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    if (word.empty()) continue;
    const bool breaks = column + 1 + word.size() > kLine && column > field.name.size() + 1;
    text += breaks ? "\r\n\t" : " ";
    column = (breaks ? 0 : column) + 1 + word.size();
    text += word;
  }
  return text + "\r\n";
}

/// A message that does not begin with a field or the empty line is all body. The mbox line that programs leave on top is
/// passed over by readers of the header and stays one.
bool isAllBody(const std::vector<FieldText>& fields) {
  if (fields.empty() || !fields.front().name.empty()) return false;
  return !fields.front().octets.starts_with("From ") && !fields.front().octets.starts_with(">From ");
}

bool isAmong(std::string_view name, const std::vector<std::string>& names) {
  return std::ranges::any_of(names, [&](const std::string& other) { return ascii::equalsIgnoringCase(name, other); });
}

}  // namespace

Letter compose(const Client& client, const Transaction& transaction, const Verdict& verdict, std::string_view hostname,
               std::chrono::system_clock::time_point now, std::string_view content) {
  const std::string_view section = headerSection(content);
  const std::vector<FieldText> fields = fieldsOf(section);

  Letter letter;
  letter.header = receivedField(client, transaction, hostname, now);
  for (const HeaderField& field : verdict.headerFields) letter.header += folded(field);
  if (client.identity && countFields(fields, "Date") == 0) letter.header += "Date: " + dateTime(now) + "\r\n";
  if (client.identity && countFields(fields, "Message-ID") == 0) {
    letter.header += "Message-ID: <" + store::toText(transaction.id) + '@' + std::string(hostname) + ">\r\n";
  }
  if (isAllBody(fields)) {
    letter.header += "\r\n";
    letter.body = content;
    return letter;
  }
  for (const FieldText& field : fields) {
    if (!isAmong(field.name, verdict.removeHeaderFields)) letter.header += field.octets;
  }
  letter.body = content.substr(section.size());
  return letter;
}

}  // namespace posthouse::smtpd
