// The message as smtpd sends it on: whatever the client calls itself and the filter says, our fields are whole lines on
// top, the message below them is the one that came, its body begins where it began, and it has made one more hop.
#include <cstdint>
#include <cstdlib>

#include "base/ascii.h"
#include "compose.h"
#include "message/header.h"
#include "message/trace.h"

using namespace posthouse;
using namespace posthouse::smtpd;

namespace {

constexpr std::string_view kOurs = "X-Spam-Status";

/// Every CR with its LF and every LF with its CR, no NUL, and CRLF at the end: smtpd accepts no other.
std::string acceptable(std::string_view octets) {
  std::string content;
  for (const char c : octets) {
    if (c == '\n') content += "\r\n";
    if (c != '\n' && c != '\r' && c != '\0') content += c;
  }
  if (!content.empty() && !content.ends_with('\n')) content += "\r\n";
  return content;
}

std::string_view takeLine(std::string_view& rest) {
  const std::string_view line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  return line;
}

void checkLines(std::string_view added) {
  for (std::size_t i = 0; i < added.size(); ++i) {
    if (added[i] == '\0') std::abort();
    if (added[i] == '\r' && !added.substr(i).starts_with("\r\n")) std::abort();
    if (added[i] == '\n' && (i == 0 || added[i - 1] != '\r')) std::abort();
  }
  if (!added.ends_with("\r\n") || added.contains("\r\n\r\n")) std::abort();
}

/// A header that pretends nothing: what smtpd added is above it, octet for octet as it came.
void checkUnchanged(const Letter& letter, std::string_view content, std::size_t addedFields) {
  const message::Header came = message::Header::of(content);
  const std::string whole = letter.header + std::string(letter.body);
  const message::Header header = message::Header::of(whole);
  if (!whole.ends_with(content) || header.size() != letter.header.size()) std::abort();
  std::string added = whole.substr(0, whole.size() - content.size());
  const bool allBody = letter.body.size() == content.size() && added.ends_with("\r\n\r\n");
  if (allBody) added.resize(added.size() - 2);
  checkLines(added);
  if (message::countHops(message::Header(added)) != 1 || !added.starts_with("Received: ")) std::abort();
  std::size_t fields = 0;
  for (const message::Field& field : message::Header(added)) {
    if (field.name.empty()) std::abort();
    ++fields;
  }
  if (fields != addedFields) std::abort();
  if (!allBody && message::countHops(header) != message::countHops(came) + 1) std::abort();
}

/// What only the filter may say, nobody else does.
void checkRemoved(const Letter& letter, std::size_t ours) {
  const std::string whole = letter.header + std::string(letter.body);
  const message::Header header = message::Header::of(whole);
  if (header.size() != letter.header.size()) std::abort();
  if (message::countFields(header, kOurs) != ours) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::uint8_t flags = data[0];
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  Client client;
  client.greeting = takeLine(rest);
  client.address = {"192.0.2.1", 25, ""};
  client.isExtended = (flags & 1) != 0;
  if ((flags & 2) != 0) {
    client.tlsVersion = "TLSv1.3";
    client.tlsCipher = client.greeting;
  }
  if ((flags & 4) != 0) client.identity = login::Identity{};
  Transaction transaction{store::QueueId{7}, "", {}, {}};
  const std::string recipient(takeLine(rest));
  if ((flags & 8) != 0) transaction.recipients.push_back({recipient, {}});
  Verdict verdict;
  const std::string said(takeLine(rest));
  if ((flags & 16) != 0) verdict.headerFields = {{std::string(kOurs), said}};
  const std::string content = acceptable(rest);

  const message::Header came = message::Header::of(content);
  std::size_t added = 1 + verdict.headerFields.size();
  if (client.identity) added += (came.find("Date") ? 0 : 1) + (came.find("Message-ID") ? 0 : 1);
  checkUnchanged(compose(client, transaction, verdict, "mx.example.org", {}, content), content, added);
  verdict.removeHeaderFields = {std::string(kOurs)};
  checkRemoved(compose(client, transaction, verdict, "mx.example.org", {}, content), verdict.headerFields.size());
  return 0;
}
