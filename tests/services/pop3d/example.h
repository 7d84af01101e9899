#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/ascii.h"
#include "play.h"

namespace posthouse::pop3d {

/// A transcript without what is there for people alone, so that the examples of RFCs can be compared with what we say:
/// of a status line, its indicator, a response code, and all of it where it begins with a number.
inline std::string form(std::string_view transcript) {
  std::string form;
  while (!transcript.empty()) {
    const std::size_t end = transcript.find('\n');
    std::string_view line = transcript.substr(0, end);
    transcript.remove_prefix(std::min(end, transcript.size() - 1) + 1);
    for (const std::string_view indicator : {"S: +OK", "S: -ERR"}) {
      if (!line.starts_with(indicator)) continue;
      const std::string_view text = line.substr(std::min(indicator.size() + 1, line.size()));
      if (text.starts_with('[')) {
        line = line.substr(0, line.find(']') + 1);
      } else if (text.empty() || !ascii::isDigit(text.front())) {
        line = indicator;
      }
    }
    form.append(line).append("\n");
  }
  return form;
}

/// The stage of RFC 1939's examples: mrose, whose maildrop has two messages, of 120 and 200 octets.
struct ExampleStage : Stage {
  ExampleStage() {
    authenticator = test::FakeAuthenticator("mrose", {store::AccountId{7}, "mrose"});
    std::string first = "Subject: first\r\n\r\n";
    for (int line = 1; line <= 11; ++line)
      first += "line" + std::to_string(line / 10) + std::to_string(line % 10) + "\r\n";
    first += std::string(120 - first.size() - 2, '.') + "\r\n";
    std::string second = "Subject: second\r\n\r\n";
    second += std::string(200 - second.size() - 2, 'b') + "\r\n";
    store = MemoryStore({first, second});
  }
};

/// Lines of a script that the RFC describes in words.
inline const std::string kFirstTop =
    "S: Subject: first\nS: \nS: line01\nS: line02\nS: line03\nS: line04\nS: line05\nS: line06\nS: line07\nS: line08\n"
    "S: line09\nS: line10\n";
inline const std::string kFirstMessage = kFirstTop + "S: line11\nS: " + std::string(13, '.') + "\n";
inline const std::string kSecondMessage = "S: Subject: second\nS: \nS: " + std::string(179, 'b') + "\n";

inline const std::string kExampleLogin =
    "S: +OK POP3 server ready\n"
    "C: USER mrose\n"
    "S: +OK mrose is a real hoopy frood\n"
    "C: PASS secret\n"
    "S: +OK mrose's maildrop has 2 messages (320 octets)\n";

}  // namespace posthouse::pop3d
