// Mail data as received, RFC 5321 §4.1.1.4 and §4.5.2.
#include "smtp/data_decoder.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/octet_block.h"

namespace posthouse::smtp {

std::size_t DataDecoder::decode(std::string_view input, std::string& content) {
  std::size_t taken = 0;
  while (taken < input.size() && state_ != State::end) {
    taken += lines(input.substr(taken), content);
    if (taken == input.size()) break;
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

/// Takes the blocks that `input` begins with in which every line ends with CRLF and none begins with a dot. Mail is
/// hardly anything else: they go over in one piece.
std::size_t DataDecoder::lines(std::string_view input, std::string& content) {
  if (state_ != State::lineStart && state_ != State::inLine && state_ != State::cr) return 0;
  std::uint64_t afterCr = state_ == State::cr;  // bit 0 of what the block before says about this one
  std::uint64_t afterLf = state_ == State::lineStart;
  std::uint64_t nul = 0;
  std::uint64_t eightBit = 0;
  std::size_t taken = 0;
  for (; input.size() - taken >= OctetBlock::kSize; taken += OctetBlock::kSize) {
    const OctetBlock block(input.data() + taken);
    const std::uint64_t cr = block.equal('\r');
    const std::uint64_t lf = block.equal('\n');
    const std::uint64_t first = lf << 1 | afterLf;  // octets of lines
    if (lf != (cr << 1 | afterCr) || (first & block.equal('.')) != 0) break;
    afterCr = cr >> OctetBlock::kLast;
    afterLf = lf >> OctetBlock::kLast;
    nul |= block.equal('\0');
    eightBit |= block.eightBit();
  }
  if (taken == 0) return 0;
  content.append(input.substr(0, taken));
  state_ = afterCr != 0 ? State::cr : afterLf != 0 ? State::lineStart : State::inLine;
  sawNul_ = sawNul_ || nul != 0;
  sawEightBit_ = sawEightBit_ || eightBit != 0;
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
