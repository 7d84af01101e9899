#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "maildir/file_name.h"

namespace posthouse::mailctl::maildir {

/// Dovecot's dovecot-uidlist: which message of a folder has which UID, and by which name POP3 clients know it.
///   version 1: "1 <uidvalidity> <next uid>", then "<uid> <file name>"
///   version 3: "3 V<uidvalidity> N<next uid> G<guid>", then "<uid> P<unique id> G<guid> :<file name>", where of what
///   stands before the colon only the UID has to be there
struct DovecotUidList {
  struct Entry {
    std::uint32_t uid = 0;
    std::string uniqueId;     // if it is told: with pop3_save_uidl, or after a migration to Dovecot
    bool isFileName = false;  // the unique id is the base of the file's name: told by an empty P
    std::string guid;         // if it is told
  };

  std::uint32_t uidValidity = 0;
  std::unordered_map<std::string, Entry> entries;  // by the base of the file's name
  std::vector<BrokenLine> broken;

  /// Throws SyntaxError if it does not begin as such a file does.
  static DovecotUidList parse(std::string_view text);
};

}  // namespace posthouse::mailctl::maildir
