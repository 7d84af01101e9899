#pragma once
#include <span>
#include <string_view>

namespace posthouse::filterd {

/// A reason to think worse of a message, found in its octets: as they were sent, and in each part after decoding.
struct Rule {
  std::string_view symbol;
  double score = 0;
  bool isVirus = false;  // refused whatever the score is
  bool (*hits)(std::string_view octets) = nullptr;
};

/// All that are shipped, each in a file of its own.
std::span<const Rule> rules();

}  // namespace posthouse::filterd
