#pragma once
#include <cstddef>
#include <string_view>
#include <vector>

namespace posthouse::smtpd {

/// A header field where it stands, or a line that is none (its name is then empty).
struct FieldText {
  std::string_view name;
  std::string_view octets;  // all of it, with continuation lines and the last CRLF
};

/// The part of a message that its fields are in (RFC 5322 §2.1), without the empty line that ends it.
std::string_view headerSection(std::string_view message);

/// Its fields, one after the other; together they are the whole section.
std::vector<FieldText> fieldsOf(std::string_view section);

std::size_t countFields(const std::vector<FieldText>& fields, std::string_view name);

}  // namespace posthouse::smtpd
