#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "smtp/reply.h"

namespace posthouse::smtp {

/// What a server said in its reply to EHLO or LHLO (RFC 5321 §4.1.1.1), as a client reads it.
class Announcement {
 public:
  /// Nothing announced, as after HELO.
  Announcement() = default;
  /// Lines that are no ehlo-line are passed over.
  explicit Announcement(const Reply& reply);

  /// Keywords in either case.
  bool offers(std::string_view keyword) const;
  /// What follows the keyword, in the order given: the mechanisms of AUTH, the limit of SIZE.
  std::vector<std::string> parameters(std::string_view keyword) const;

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> keywords_;  // in capitals
};

}  // namespace posthouse::smtp
