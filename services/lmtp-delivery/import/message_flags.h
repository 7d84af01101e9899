#pragma once
#include <span>
#include <string>
#include <vector>

#include "store/flags.h"

namespace posthouse::lmtp_delivery {

/// The flags that a message comes with, as the store has them.
struct MessageFlags {
  store::Flags known;
  std::vector<std::string> keywords;  // that need a place in the account's dictionary
  std::vector<std::string> unfit;     // no flags that a message could have

  /// `names`: as IMAP writes them.
  static MessageFlags of(std::span<const std::string> names);

  /// All together; keywords that the dictionary does not have are added to `lost`.
  store::Flags in(const store::KeywordDictionary& dictionary, std::vector<std::string>& lost) const;
};

}  // namespace posthouse::lmtp_delivery
