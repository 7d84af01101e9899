#pragma once
#include <string>
#include <vector>

#include "imap/flags.h"
#include "store/flags.h"

/// Between the flags that a client names and the bits that the store keeps.
namespace posthouse::imapd {

/// The bits of the flags that need no dictionary: system flags, and the keywords that everybody uses ($Junk,
/// $Forwarded).
store::Flags fixedFlags(const imap::Flags& flags);
/// The keywords that do need one.
std::vector<std::string> dictionaryKeywords(const imap::Flags& flags);
/// All of them that `dictionary` knows.
store::Flags toStore(const imap::Flags& flags, const store::KeywordDictionary& dictionary);

/// "(\Seen $Junk \Recent)"
void appendFlags(std::string& out, const store::KeywordDictionary& dictionary, store::Flags flags, bool recent);

}  // namespace posthouse::imapd
