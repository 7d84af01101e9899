#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "message/address.h"
#include "message/date.h"
#include "message/mime_field.h"

namespace posthouse::message {

/// Header fields in the making: folded at 78 characters, encoded words where the text is not ASCII, CRLF after each.
/// CR, LF and NUL in what is handed in become spaces, so no value can add a field.
class HeaderBuilder {
 public:
  /// Unstructured UTF-8 text: Subject, Comments.
  HeaderBuilder& text(std::string_view name, std::string_view utf8);
  /// An address list: From, To. Names become encoded words or quoted strings as they need.
  HeaderBuilder& addresses(std::string_view name, std::span<const Address> list);
  HeaderBuilder& date(std::string_view name, const Date& date);
  /// Structured text that is right already (message ids, keywords): only folded at its spaces.
  HeaderBuilder& structured(std::string_view name, std::string_view value);
  /// `value` and its parameters, RFC 2231 where one is not ASCII.
  HeaderBuilder& parameterized(std::string_view name, std::string_view value, std::span<const Parameter> parameters);

  const std::string& octets() const noexcept { return octets_; }

 private:
  void field(std::string_view name, std::string_view value);
  std::string octets_;
};

/// A MIME entity: the Content-* fields that describe its body, and the body encoded for transport.
struct Entity {
  std::string fields;  // each ended by CRLF; no empty line
  std::string body;
};

/// text/`subtype` in UTF-8; lines may end with LF. 7bit if it is ASCII in short lines, else quoted-printable.
Entity textEntity(std::string_view utf8, std::string_view subtype = "plain");
/// A file in base64. `type` is "image/png" and the like.
Entity fileEntity(std::string_view octets, std::string_view type, std::string_view fileName);
/// A message as it is, message/rfc822, or its header alone, text/rfc822-headers (RFC 6522 §3): 7bit or 8bit,
/// message/global if the header is UTF-8.
Entity messageEntity(std::string_view message);
Entity messageHeadersEntity(std::string_view header);
/// Text of type `type` that is transported as it is, 7bit or 8bit: message/delivery-status.
Entity plainEntity(std::string_view octets, std::string_view type);
/// multipart/`subtype`, with a boundary that occurs in none of the parts.
Entity multipartEntity(std::string_view subtype, std::span<const Entity> parts,
                       std::span<const Parameter> parameters = {});

/// The finished message: `header` (From, To, Subject, Date, Message-ID), MIME-Version, the entity.
std::string buildMessage(const HeaderBuilder& header, const Entity& content);

}  // namespace posthouse::message
