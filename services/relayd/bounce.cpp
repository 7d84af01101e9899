#include "bounce.h"

#include <fmt/format.h>

#include "base/ascii.h"
#include "message/delivery_report.h"

namespace posthouse::relayd {
namespace {

// Without RET= the sender gets the whole of a small message back, and the header of a large one.
constexpr std::size_t kReturnedWhole = 64 * 1024;

bool has(std::int16_t bits, std::int16_t bit) {
  return (bits & bit) != 0;
}

message::Date dateOf(std::chrono::system_clock::time_point time) {
  return {std::chrono::floor<std::chrono::seconds>(time)};
}

std::string statusOf(const Notice& notice) {
  if (notice.fate.kind == Fate::Kind::expired) return "4.4.7";  // delivery time expired
  if (notice.report.reply.status) return notice.report.reply.status->text();
  return notice.report.reply.isPermanent() ? "5.0.0" : "4.0.0";
}

message::RecipientReport reportOf(const Notice& notice, std::chrono::system_clock::time_point now) {
  message::RecipientReport report;
  report.originalRecipient = notice.claim.recipient.originalRecipient;
  report.finalRecipient = notice.claim.recipient.address;
  report.status = statusOf(notice);
  report.remoteMta = notice.report.host;
  report.diagnosticCode = notice.report.reply.text();
  report.lastAttempt = dateOf(now);
  if (notice.fate.kind == Fate::Kind::deferred) {
    report.action = message::RecipientReport::Action::delayed;
    report.willRetryUntil = dateOf(notice.claim.message.expiresAt);
  }
  return report;
}

}  // namespace

bool wantsFailureNotice(const store::Claim& claim) {
  const std::int16_t notify = claim.recipient.notify;
  return !claim.message.sender.empty() && (notify == 0 || has(notify, store::notify::kFailure));
}

bool wantsDelayNotice(const store::Claim& claim) {
  const std::int16_t notify = claim.recipient.notify;
  return !claim.message.sender.empty() && !claim.delayReported && (notify == 0 || has(notify, store::notify::kDelay));
}

NewMail BounceWriter::write(std::span<const Notice> notices, std::string_view octets) {
  const auto now = clock_();
  const store::QueuedMessage& original = notices.front().claim.message;
  const store::QueueId id = ids_.next();

  message::DeliveryReport report;
  report.reportingMta = hostname_;
  report.from = "MAILER-DAEMON@" + hostname_;
  report.to = original.sender;
  report.messageId = fmt::format("<{}@{}>", store::toText(id), hostname_);
  report.date = dateOf(now);
  report.envelopeId = original.envelopeId;
  report.arrivalDate = dateOf(original.createdAt);
  for (const Notice& notice : notices) report.recipients.push_back(reportOf(notice, now));
  report.original = octets;
  report.returnContent =
      original.ret == store::Ret::full || (original.ret == store::Ret::unspecified && octets.size() <= kReturnedWhole);

  NewMail mail;
  mail.message.id = id;
  mail.message.createdAt = now;
  mail.message.expiresAt = now + lifetime_;
  mail.octets = message::buildDeliveryReport(report);
  mail.message.eightBit = std::ranges::any_of(mail.octets, ascii::isEightBit);
  mail.message.utf8 = original.utf8;
  const std::string& to = original.sender;
  mail.recipients.push_back({.address = to,
                             .originalRecipient = {},
                             .notify = store::notify::kNever,
                             .destination = ascii::toLower(std::string_view(to).substr(to.rfind('@') + 1)),
                             .nextAt = now});
  return mail;
}

}  // namespace posthouse::relayd
