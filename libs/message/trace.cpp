// Trace fields, RFC 5321 §4.4.
#include "message/trace.h"

#include <algorithm>

#include "base/ascii.h"

namespace posthouse::message {

namespace {

/// A word of ours in the field: nothing in it can end a line, a comment or the field.
std::string safe(std::string_view text) {
  std::string out(text.substr(0, 255));
  for (char& c : out) {
    if (ascii::isControl(c) || c == ' ' || c == '(' || c == ')' || c == ';' || c == '\\') c = '?';
  }
  return out;
}

std::string safeComment(std::string_view text) {
  std::string out(text.substr(0, 255));
  for (char& c : out) {
    if (ascii::isControl(c) || c == '(' || c == ')' || c == '\\') c = '?';
  }
  return out;
}

/// A path may hold quoted blanks; only what breaks lines or its brackets goes.
std::string safePath(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (ascii::isControl(c) || c == '<' || c == '>') c = '?';
  }
  return out;
}

std::string addressLiteral(std::string_view address) {
  return (address.find(':') == std::string_view::npos ? "[" : "[IPv6:") + safe(address) + "]";
}

}  // namespace

std::string withProtocol(const SessionKind& kind) {
  const std::string suffix = std::string(kind.tls ? "S" : "") + (kind.authenticated ? "A" : "");
  if (kind.lmtp) return (kind.smtpUtf8 ? "UTF8LMTP" : "LMTP") + suffix;
  if (kind.smtpUtf8) return "UTF8SMTP" + suffix;
  return kind.extended ? "ESMTP" + suffix : "SMTP";
}

std::string renderReceived(const Received& received) {
  std::string field = "Received: from " + (received.helo.empty() ? "unknown" : safe(received.helo));
  if (!received.clientAddress.empty()) {
    field += " (";
    if (!received.clientName.empty()) field += safe(received.clientName) + " ";
    field += addressLiteral(received.clientAddress) + ")";
  }
  field += "\r\n\tby " + safe(received.by);
  if (!received.with.empty()) field += " with " + safe(received.with);
  if (!received.tls.empty()) field += " (" + safeComment(received.tls) + ")";
  if (!received.id.empty()) field += " id " + safe(received.id);
  if (!received.recipient.empty()) field += "\r\n\tfor <" + safePath(received.recipient) + ">";
  return field + ";\r\n\t" + formatDate(received.date) + "\r\n";
}

std::string renderReturnPath(std::string_view reversePath) {
  return "Return-Path: <" + safePath(reversePath) + ">\r\n";
}

std::size_t countHops(const Header& header) {
  return countFields(header, "Received");
}

}  // namespace posthouse::message
