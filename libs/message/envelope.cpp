// ENVELOPE, RFC 9051 §7.5.2 and §9.
#include "message/envelope.h"

#include <optional>
#include <vector>

#include "base/ascii.h"
#include "message/address.h"
#include "message/imap_string.h"

namespace posthouse::message {

namespace {

/// The fields that ENVELOPE shows, gathered in one walk.
struct Gathered {
  std::optional<std::string> date, subject, inReplyTo, messageId;
  std::vector<Address> from, sender, replyTo, to, cc, bcc;

  explicit Gathered(const Header& header) {
    for (const Field& field : header) {
      const auto is = [&](std::string_view name) { return ascii::equalsIgnoringCase(field.name, name); };
      if (is("Date")) keep(date, field);
      if (is("Subject")) keep(subject, field);
      if (is("In-Reply-To")) keep(inReplyTo, field);
      if (is("Message-ID")) keep(messageId, field);
      if (is("From")) join(from, field);
      if (is("Sender")) join(sender, field);
      if (is("Reply-To")) join(replyTo, field);
      if (is("To")) join(to, field);
      if (is("Cc")) join(cc, field);
      if (is("Bcc")) join(bcc, field);
    }
  }

  static void keep(std::optional<std::string>& value, const Field& field) {
    if (!value) value = unfold(field.value);
  }

  static void join(std::vector<Address>& list, const Field& field) {
    if (list.size() >= kMaxAddresses) return;
    for (Address& address : parseAddressList(field.value, kMaxAddresses - list.size()))
      list.push_back(std::move(address));
  }
};

void appendBounded(std::string& out, const std::optional<std::string>& value) {
  if (!value) {
    out += "NIL";
    return;
  }
  appendString(out, std::string_view(*value).substr(0, kMaxRenderedValue));
}

void appendUnlessEmpty(std::string& out, std::string_view value) {
  if (value.empty()) {
    out += "NIL";
  } else {
    appendString(out, value.substr(0, kMaxRenderedValue));
  }
}

/// address = "(" addr-name SP addr-adl SP addr-mailbox SP addr-host ")"
void appendAddress(std::string& out, const Address& address) {
  out += '(';
  if (address.kind == Address::Kind::mailbox) {
    appendUnlessEmpty(out, address.displayName);
    out += ' ';
    appendUnlessEmpty(out, address.sourceRoute);
    out += ' ';
    appendString(out, std::string_view(address.localPart).substr(0, kMaxRenderedValue));
    out += ' ';
    appendString(out, std::string_view(address.domain).substr(0, kMaxRenderedValue));
  } else {
    out += "NIL NIL ";
    appendUnlessEmpty(out, address.localPart);
    out += " NIL";
  }
  out += ')';
}

/// "(" 1*address ")" / nil
void appendAddresses(std::string& out, const std::vector<Address>& list) {
  if (list.empty()) {
    out += "NIL";
    return;
  }
  out += '(';
  bool inGroup = false;
  for (const Address& address : list) {
    appendAddress(out, address);
    if (address.kind != Address::Kind::mailbox) inGroup = address.kind == Address::Kind::groupStart;
    if (out.size() < kMaxEnvelope) continue;
    if (inGroup) appendAddress(out, {Address::Kind::groupEnd, {}, {}, {}, {}});
    break;
  }
  out += ')';
}

}  // namespace

std::string renderEnvelope(const Header& header) {
  const Gathered fields(header);
  std::string out = "(";
  appendBounded(out, fields.date);
  out += ' ';
  appendBounded(out, fields.subject);
  for (const auto* list :
       {&fields.from, fields.sender.empty() ? &fields.from : &fields.sender,
        fields.replyTo.empty() ? &fields.from : &fields.replyTo, &fields.to, &fields.cc, &fields.bcc}) {
    out += ' ';
    appendAddresses(out, *list);
  }
  out += ' ';
  appendBounded(out, fields.inReplyTo);
  out += ' ';
  appendBounded(out, fields.messageId);
  out += ')';
  return out;
}

}  // namespace posthouse::message
