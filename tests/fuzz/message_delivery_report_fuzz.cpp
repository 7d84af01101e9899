// A delivery report holds what it was given and nothing that was slipped in: three parts, the original octet for octet,
// and the fields that we wrote.
#include "message/delivery_report.h"

#include <cstdint>
#include <cstdlib>

#include "message/header.h"
#include "message/mime.h"

using namespace posthouse::message;

namespace {

std::string takeLine(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\1'), rest.size());
  const std::string line(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  DeliveryReport report;
  report.reportingMta = "mx.example.org";
  report.from = "MAILER-DAEMON@mx.example.org";
  report.to = takeLine(rest);
  report.messageId = "<1@mx.example.org>";
  report.envelopeId = takeLine(rest);
  RecipientReport recipient;
  recipient.originalRecipient = takeLine(rest);
  recipient.finalRecipient = takeLine(rest);
  recipient.status = "5.1.1";
  recipient.remoteMta = takeLine(rest);
  recipient.diagnosticCode = takeLine(rest);
  report.recipients = {recipient};
  report.original = rest;
  report.returnContent = true;

  const std::string message = buildDeliveryReport(report);
  const Part root = parseMime(message);
  if (!root.mediaType.is("multipart", "report") || root.parts.size() != 3) std::abort();
  if (root.parts[2].body.of(message) != report.original) std::abort();
  std::size_t fields = 0;
  for (const Field& field : Header::of(message)) {
    if (field.name.empty()) std::abort();
    ++fields;
  }
  if (fields != 9) std::abort();

  // One group of fields for the message, one for its recipient.
  const std::string status = renderDeliveryStatus(report);
  std::size_t groups = 0;
  for (std::string_view left = status; !left.empty(); ++groups) {
    const Header group = Header::of(left);
    for (const Field& field : group) {
      if (field.name.empty()) std::abort();
    }
    left.remove_prefix(group.size());
  }
  if (groups != 2) std::abort();
  return 0;
}
