#pragma once
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "maildir/file_name.h"

namespace posthouse::mailctl::maildir {

/// The courierpop3dsizelist of Courier's POP3 server: what it says to UIDL.
///   version 3: "/3 <next> <uidvalidity>", then "<file name> <size> <number>:<uidvalidity>:<has UTF-8>"
///   version 2: "/2 <next> <uidvalidity>", then "<file name> <size> <number>:<uidvalidity>"
///   version 1: "/1 <next>", then "<file name> <size> <number>"
///   before: no heading, "<file name> <size>"
/// A message with a number is "UID<number>-<uidvalidity>", or "UID<number>" where its uidvalidity is 0; one without, or
/// with the number 0, has the base of its file's name, with "+" and two hexadecimal digits for what may not stand
/// there.
struct CourierSizeList {
  std::unordered_map<std::string, std::string> uniqueIds;  // by the base of the file's name
  std::vector<BrokenLine> broken;

  /// Throws SyntaxError if it does not begin as such a file does.
  static CourierSizeList parse(std::string_view text);
};

}  // namespace posthouse::mailctl::maildir
