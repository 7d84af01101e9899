#include "parcel.h"

#include <algorithm>

#include "base/ascii.h"
#include "message/header.h"

namespace posthouse::relayd {
namespace {

bool hasEightBit(std::string_view octets) {
  return std::ranges::any_of(octets, ascii::isEightBit);
}

std::optional<smtp::Ret> retOf(store::Ret ret) {
  switch (ret) {
    case store::Ret::full:
      return smtp::Ret::full;
    case store::Ret::headers:
      return smtp::Ret::headers;
    case store::Ret::unspecified:
      break;
  }
  return std::nullopt;
}

std::optional<smtp::Notify> notifyOf(std::int16_t bits) {
  if (bits == 0) return std::nullopt;
  return smtp::Notify{.success = (bits & store::notify::kSuccess) != 0,
                      .failure = (bits & store::notify::kFailure) != 0,
                      .delay = (bits & store::notify::kDelay) != 0};
}

/// "rfc822;bob@x.example"
std::optional<smtp::OriginalRecipient> originalOf(const std::string& text) {
  const std::size_t semicolon = text.find(';');
  if (semicolon == std::string::npos) return std::nullopt;
  return smtp::OriginalRecipient{text.substr(0, semicolon), text.substr(semicolon + 1)};
}

}  // namespace

smtpclient::Envelope Parcel::envelope() const {
  smtpclient::Envelope envelope;
  envelope.mail.reversePath = message.sender;
  smtp::MailParameters& parameters = envelope.mail.parameters;
  parameters.size = octets.size();
  if (message.eightBit || message.utf8)
    parameters.body = hasEightBit(octets) ? smtp::Body::eightBitMime : smtp::Body::sevenBit;
  parameters.smtpUtf8 = hasEightBit(message.sender) || hasEightBit(message::Header::of(octets).octets()) ||
                        std::ranges::any_of(recipients, hasEightBit, &smtp::Rcpt::forwardPath);
  parameters.ret = retOf(message.ret);
  if (!message.envelopeId.empty()) parameters.envid = message.envelopeId;
  envelope.recipients = recipients;
  return envelope;
}

smtp::Rcpt rcptOf(const store::Claim& claim, std::string address) {
  smtp::Rcpt rcpt{std::move(address)};
  rcpt.parameters.notify = notifyOf(claim.recipient.notify);
  rcpt.parameters.originalRecipient = originalOf(claim.recipient.originalRecipient);
  return rcpt;
}

}  // namespace posthouse::relayd
