// Delivery status notifications, RFC 3464 and RFC 6522; for UTF-8 addresses RFC 6533.
#include "message/delivery_report.h"

#include <algorithm>

#include "base/ascii.h"
#include "message/builder.h"
#include "message/header.h"

namespace posthouse::message {

namespace {

bool isAscii(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return ascii::isEightBit(c); });
}

std::string_view actionName(RecipientReport::Action action) {
  switch (action) {
    case RecipientReport::Action::failed:
      return "failed";
    case RecipientReport::Action::delayed:
      return "delayed";
    case RecipientReport::Action::delivered:
      return "delivered";
    case RecipientReport::Action::relayed:
      return "relayed";
    case RecipientReport::Action::expanded:
      return "expanded";
  }
  return "failed";
}

void addUnlessEmpty(HeaderBuilder& fields, std::string_view name, std::string_view type, std::string_view value) {
  if (!value.empty()) fields.structured(name, std::string(type) + std::string(value));
}

/// per-recipient-fields, RFC 3464 §2.3
std::string recipientFields(const RecipientReport& recipient) {
  HeaderBuilder fields;
  addUnlessEmpty(fields, "Original-Recipient", "", recipient.originalRecipient);
  fields.structured("Final-Recipient",
                    (isAscii(recipient.finalRecipient) ? "rfc822;" : "utf-8;") + recipient.finalRecipient);
  fields.structured("Action", actionName(recipient.action));
  fields.structured("Status", recipient.status);
  addUnlessEmpty(fields, "Remote-MTA", "dns;", recipient.remoteMta);
  addUnlessEmpty(fields, "Diagnostic-Code", "smtp; ", recipient.diagnosticCode);
  if (recipient.lastAttempt) fields.date("Last-Attempt-Date", *recipient.lastAttempt);
  if (recipient.willRetryUntil) fields.date("Will-Retry-Until", *recipient.willRetryUntil);
  return fields.octets();
}

bool allAre(const DeliveryReport& report, RecipientReport::Action action) {
  return std::ranges::all_of(report.recipients, [&](const auto& recipient) { return recipient.action == action; });
}

std::string subjectOf(const DeliveryReport& report) {
  if (allAre(report, RecipientReport::Action::failed)) return "Your message could not be delivered";
  if (allAre(report, RecipientReport::Action::delayed)) return "Your message is delayed";
  if (allAre(report, RecipientReport::Action::delivered)) return "Your message was delivered";
  return "What became of your message";
}

std::string explanation(const RecipientReport& recipient) {
  std::string text = "  " + recipient.finalRecipient + "\n    ";
  switch (recipient.action) {
    case RecipientReport::Action::failed:
      text += "could not be delivered";
      break;
    case RecipientReport::Action::delayed:
      text += "could not be delivered yet; we keep trying";
      break;
    case RecipientReport::Action::delivered:
      text += "was delivered";
      break;
    case RecipientReport::Action::relayed:
      text += "was handed on to a server that sends no confirmation";
      break;
    case RecipientReport::Action::expanded:
      text += "was handed on to the members of a list";
      break;
  }
  if (recipient.willRetryUntil) text += " until " + formatDate(*recipient.willRetryUntil);
  if (!recipient.remoteMta.empty()) text += "\n    " + recipient.remoteMta + " said";
  if (!recipient.diagnosticCode.empty()) {
    text += std::string(recipient.remoteMta.empty() ? "\n    reason: " : ": ") + recipient.diagnosticCode;
  }
  return text + "\n\n";
}

std::string textForPeople(const DeliveryReport& report) {
  std::string text = "This is the mail system at " + report.reportingMta + ".\n\nYour message to these recipients:\n\n";
  for (const RecipientReport& recipient : report.recipients) text += explanation(recipient);
  text += report.returnContent ? "Your message is attached.\n" : "The header of your message is attached.\n";
  return text;
}

}  // namespace

std::string renderDeliveryStatus(const DeliveryReport& report) {
  HeaderBuilder fields;
  addUnlessEmpty(fields, "Original-Envelope-Id", "", report.envelopeId);
  fields.structured("Reporting-MTA", "dns;" + report.reportingMta);
  if (report.arrivalDate) fields.date("Arrival-Date", *report.arrivalDate);
  std::string status = fields.octets();
  for (const RecipientReport& recipient : report.recipients) status += "\r\n" + recipientFields(recipient);
  return status;
}

std::string buildDeliveryReport(const DeliveryReport& report) {
  HeaderBuilder header;
  header.date("Date", report.date);
  header.addresses("From", parseAddressList("Mail Delivery System <" + report.from + ">"));
  header.addresses("To", parseAddressList("<" + report.to + ">"));
  header.text("Subject", subjectOf(report));
  header.structured("Message-ID", report.messageId);
  header.structured("Auto-Submitted", "auto-replied");  // RFC 3834 §5

  const std::string status = renderDeliveryStatus(report);
  const Entity parts[] = {
      textEntity(textForPeople(report)),
      plainEntity(status, isAscii(status) ? "message/delivery-status" : "message/global-delivery-status"),
      report.returnContent ? messageEntity(report.original)
                           : messageHeadersEntity(Header::of(report.original).octets())};
  const Parameter type{"report-type", isAscii(status) ? "delivery-status" : "global-delivery-status", false};
  return buildMessage(header, multipartEntity("report", parts, std::span(&type, 1)));
}

}  // namespace posthouse::message
