// Parameters of MAIL and RCPT: RFC 5321 §4.1.2, and each extension's own.
#include "smtp/parameters.h"

#include <charconv>
#include <limits>
#include <string_view>

#include "smtp/mailbox.h"
#include "smtp/xtext.h"

namespace posthouse::smtp {
namespace {

struct Parameter {
  std::string keyword;  // in capitals
  std::optional<std::string_view> value;
};

/// esmtp-param = esmtp-keyword ["=" esmtp-value]
/// esmtp-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
/// esmtp-value = 1*(%d33-60 / %d62-126); esmtp-value =/ UTF8-non-ascii, RFC 6531 §3.3
Parameter esmtpParam(Cursor& in) {
  in.expect(" ");
  if (!ascii::isAlnum(in.peek())) throw SyntaxError("expected a parameter");
  Parameter parameter;
  parameter.keyword = ascii::toUpper(in.takeWhile([](char c) { return ascii::isAlnum(c) || c == '-'; }));
  if (in.take("=")) {
    const auto isValue = [](char c) { return !ascii::isControl(c) && c != ' ' && c != '='; };
    parameter.value = in.expectWhile(isValue, "a value of " + parameter.keyword);
  }
  return parameter;
}

template <class T>
void setOnce(std::optional<T>& target, const Parameter& parameter, T value) {
  if (target) throw SyntaxError(parameter.keyword + " given twice");
  target = std::move(value);
}

std::string_view valueOf(const Parameter& parameter) {
  if (!parameter.value) throw SyntaxError(parameter.keyword + " wants a value");
  return *parameter.value;
}

std::string xtextOf(const Parameter& parameter, std::string_view encoded) {
  auto octets = xtext::decode(encoded);
  if (!octets) throw SyntaxError(parameter.keyword + " is not xtext");
  return *std::move(octets);
}

/// size-value = 1*20DIGIT, RFC 1870 §4. Twenty digits may be more than 64 bits hold: then as much as they hold.
std::uint64_t sizeValue(std::string_view digits) {
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
  if (end != digits.data() + digits.size() || digits.size() > 20) throw SyntaxError("SIZE is not a number of octets");
  return error == std::errc::result_out_of_range ? std::numeric_limits<std::uint64_t>::max() : size;
}

/// body-value = "7BIT" / "8BITMIME", RFC 6152 §3
Body bodyValue(std::string_view value) {
  if (ascii::equalsIgnoringCase(value, "7BIT")) return Body::sevenBit;
  if (ascii::equalsIgnoringCase(value, "8BITMIME")) return Body::eightBitMime;
  throw SyntaxError("BODY is neither 7BIT nor 8BITMIME");
}

/// AUTH=mailbox or AUTH=<>, inside an xtext, RFC 4954 §5
std::string authValue(const Parameter& parameter) {
  const std::string identity = xtextOf(parameter, valueOf(parameter));
  if (identity == "<>") return {};
  const auto mailbox = parseMailbox(identity);
  if (!mailbox) throw SyntaxError("AUTH is not a mailbox");
  return mailbox->text();
}

/// ret-value = "FULL" / "HDRS", RFC 3461 §4.3
Ret retValue(std::string_view value) {
  if (ascii::equalsIgnoringCase(value, "FULL")) return Ret::full;
  if (ascii::equalsIgnoringCase(value, "HDRS")) return Ret::headers;
  throw SyntaxError("RET is neither FULL nor HDRS");
}

/// envid-parameter = "ENVID=" xtext, of at most 100 characters; decoded it is printable, RFC 3461 §4.4
std::string envidValue(const Parameter& parameter) {
  const std::string_view encoded = valueOf(parameter);
  std::string envid = xtextOf(parameter, encoded);
  for (const char c : envid) {
    if (ascii::isControl(c) || ascii::isEightBit(c)) throw SyntaxError("ENVID is not printable");
  }
  if (encoded.size() > 100) throw SyntaxError("ENVID of more than 100 characters");
  return envid;
}

/// notify-esmtp-value = "NEVER" / 1#notify-list-element; notify-list-element = "SUCCESS" / "FAILURE" / "DELAY",
/// RFC 3461 §4.1
Notify notifyValue(std::string_view value) {
  Notify notify;
  if (ascii::equalsIgnoringCase(value, "NEVER")) return notify;
  Cursor in(value);
  do {
    const std::string_view element = in.takeWhile(ascii::isAlpha);
    if (ascii::equalsIgnoringCase(element, "SUCCESS")) {
      notify.success = true;
    } else if (ascii::equalsIgnoringCase(element, "FAILURE")) {
      notify.failure = true;
    } else if (ascii::equalsIgnoringCase(element, "DELAY")) {
      notify.delay = true;
    } else {
      throw SyntaxError("NOTIFY is neither NEVER nor a list of SUCCESS, FAILURE, DELAY");
    }
  } while (in.take(","));
  if (!in.atEnd()) throw SyntaxError("NOTIFY is not a list");
  return notify;
}

/// original-recipient-address = addr-type ";" xtext, of at most 500 characters, RFC 3461 §4.2
OriginalRecipient orcptValue(const Parameter& parameter) {
  const std::string_view value = valueOf(parameter);
  if (value.size() > 500) throw SyntaxError("ORCPT of more than 500 characters");
  Cursor in(value);
  OriginalRecipient recipient;
  recipient.addressType =
      in.expectWhile([](char c) { return ascii::isAlnum(c) || c == '-'; }, "an address type in ORCPT");
  in.expect(";");
  recipient.address = xtextOf(parameter, in.rest());
  if (recipient.address.empty()) throw SyntaxError("ORCPT without an address");
  return recipient;
}

/// As minted by us: 1*32 letters and digits.
std::string deliveryIdValue(std::string_view value) {
  Cursor in(value);
  const std::string_view id = in.expectWhile(ascii::isAlnum, "a delivery id");
  if (!in.atEnd() || id.size() > 32) throw SyntaxError("XDELIVERYID is not an id");
  return std::string(id);
}

/// 64 lower-case hexadecimal digits.
std::string retryKeyValue(std::string_view value) {
  Cursor in(value);
  const std::string_view key = in.takeWhile([](char c) { return ascii::isHexDigit(c) && !ascii::isUpper(c); });
  if (!in.atEnd() || key.size() != 64) throw SyntaxError("XRETRYKEY is not a SHA-256 in hexadecimal");
  return std::string(key);
}

[[noreturn]] void refuse(const Parameter& parameter) {
  throw UnknownParameter("parameter " + parameter.keyword + " not known here");
}

}  // namespace

MailParameters mailParameters(Cursor& in, const Extensions& extensions) {
  MailParameters parameters;
  while (!in.atEnd()) {
    const Parameter parameter = esmtpParam(in);
    const std::string& keyword = parameter.keyword;
    if (keyword == "SIZE" && extensions.size) {
      setOnce(parameters.size, parameter, sizeValue(valueOf(parameter)));
    } else if (keyword == "BODY" && extensions.eightBitMime) {
      setOnce(parameters.body, parameter, bodyValue(valueOf(parameter)));
    } else if (keyword == "SMTPUTF8" && extensions.smtpUtf8) {
      if (parameter.value || parameters.smtpUtf8) throw SyntaxError("SMTPUTF8 stands once and has no value");
      parameters.smtpUtf8 = true;
    } else if (keyword == "AUTH" && extensions.auth) {
      setOnce(parameters.auth, parameter, authValue(parameter));
    } else if (keyword == "RET" && extensions.dsn) {
      setOnce(parameters.ret, parameter, retValue(valueOf(parameter)));
    } else if (keyword == "ENVID" && extensions.dsn) {
      setOnce(parameters.envid, parameter, envidValue(parameter));
    } else {
      refuse(parameter);
    }
  }
  return parameters;
}

RcptParameters rcptParameters(Cursor& in, const Extensions& extensions) {
  RcptParameters parameters;
  while (!in.atEnd()) {
    const Parameter parameter = esmtpParam(in);
    const std::string& keyword = parameter.keyword;
    if (keyword == "NOTIFY" && extensions.dsn) {
      setOnce(parameters.notify, parameter, notifyValue(valueOf(parameter)));
    } else if (keyword == "ORCPT" && (extensions.dsn || extensions.deliveryId)) {
      setOnce(parameters.originalRecipient, parameter, orcptValue(parameter));
    } else if (keyword == "XDELIVERYID" && extensions.deliveryId) {
      setOnce(parameters.deliveryId, parameter, deliveryIdValue(valueOf(parameter)));
    } else if (keyword == "XRETRYKEY" && extensions.deliveryId) {
      setOnce(parameters.retryKey, parameter, retryKeyValue(valueOf(parameter)));
    } else {
      refuse(parameter);
    }
  }
  return parameters;
}

std::string text(const MailParameters& parameters) {
  std::string written;
  if (parameters.size) written += " SIZE=" + std::to_string(*parameters.size);
  if (parameters.body) written += *parameters.body == Body::eightBitMime ? " BODY=8BITMIME" : " BODY=7BIT";
  if (parameters.smtpUtf8) written += " SMTPUTF8";
  if (parameters.auth) written += " AUTH=" + (parameters.auth->empty() ? "<>" : xtext::encode(*parameters.auth));
  if (parameters.ret) written += *parameters.ret == Ret::full ? " RET=FULL" : " RET=HDRS";
  if (parameters.envid) written += " ENVID=" + xtext::encode(*parameters.envid);
  return written;
}

std::string text(const RcptParameters& parameters) {
  std::string written;
  if (const auto& notify = parameters.notify) {
    std::string list;
    if (notify->success) list += ",SUCCESS";
    if (notify->failure) list += ",FAILURE";
    if (notify->delay) list += ",DELAY";
    written += " NOTIFY=" + (list.empty() ? "NEVER" : list.substr(1));
  }
  if (const auto& recipient = parameters.originalRecipient) {
    written += " ORCPT=" + recipient->addressType + ';' + xtext::encode(recipient->address);
  }
  if (parameters.deliveryId) written += " XDELIVERYID=" + *parameters.deliveryId;
  if (parameters.retryKey) written += " XRETRYKEY=" + *parameters.retryKey;
  return written;
}

}  // namespace posthouse::smtp
