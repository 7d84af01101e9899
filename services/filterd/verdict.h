#pragma once
#include <string>
#include <vector>

namespace posthouse::filterd {

struct HeaderField {
  std::string name;
  std::string value;  // unfolded
};

/// What is to become of a message.
struct Verdict {
  enum class Decision { accept, reject, defer };

  Decision decision = Decision::accept;
  bool isVirus = false;        // the reason of a refusal
  bool isSpam = false;         // accepted, and marked as spam
  std::string enhancedStatus;  // of a refusal, as "5.7.1" (RFC 3463)
  std::string reply;           // of a refusal: one line without codes
  double score = 0;
  std::vector<std::string> symbols;       // of the rules that hit
  std::string scannerFailure;             // why the virus scanner gave no answer; empty if it did or was not asked
  std::vector<HeaderField> headerFields;  // to be put above a message that is accepted
};

}  // namespace posthouse::filterd
