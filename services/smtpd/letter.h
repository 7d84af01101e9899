#pragma once
#include <string>
#include <string_view>

namespace posthouse::smtpd {

/// A message on its way on: header fields as we changed them, and the body as it came.
struct Letter {
  std::string header;     // with the empty line that ends it, if the message has one
  std::string_view body;  // a part of the octets received

  std::size_t size() const noexcept { return header.size() + body.size(); }
};

}  // namespace posthouse::smtpd
