// Mail data as received, RFC 5321 §4.1.1.4 and §4.5.2.
#include "smtp/data_decoder.h"

#include <algorithm>

#include "base/ascii.h"

namespace posthouse::smtp {

std::size_t DataDecoder::decode(std::string_view input, std::string& content) {
  std::size_t taken = 0;
  while (taken < input.size() && state_ != State::end) {
    if (state_ == State::inLine) {
      // What lies between line ends needs no state: it goes over in one piece.
      const std::string_view rest = input.substr(taken);
      const std::string_view run = rest.substr(0, rest.find('\r'));
      text(run, content);
      taken += run.size();
      if (taken == input.size()) break;
    }
    step(input[taken++], content);
  }
  return taken;
}

/// Octets among which there is no CR.
void DataDecoder::text(std::string_view run, std::string& content) {
  content.append(run);
  sawBareLineEnd_ = sawBareLineEnd_ || run.contains('\n');
  sawNul_ = sawNul_ || run.contains('\0');
  sawEightBit_ = sawEightBit_ || std::ranges::any_of(run, ascii::isEightBit);
}

void DataDecoder::step(char c, std::string& content) {
  switch (state_) {
    case State::lineStart:
      if (c == '.') {
        state_ = State::dot;  // the dot is dropped, whatever follows
        return;
      }
      break;
    case State::dot:
      if (c == '\r') {
        state_ = State::dotCr;
        return;
      }
      break;
    case State::dotCr:
      if (c == '\n') {
        state_ = State::end;
        return;
      }
      content += '\r';
      sawBareLineEnd_ = true;
      break;
    case State::cr:
      if (c == '\n') {
        content += c;
        state_ = State::lineStart;
        return;
      }
      sawBareLineEnd_ = true;
      break;
    case State::inLine:
    case State::end:
      break;
  }
  if (c == '\r') {
    content += c;
    state_ = State::cr;
  } else {
    text({&c, 1}, content);
    state_ = State::inLine;
  }
}

}  // namespace posthouse::smtp
