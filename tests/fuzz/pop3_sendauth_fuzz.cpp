// Whatever comes, no more octets are waited for than are allowed, and a message that was read is framed as it was sent.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "pop3/sendauth.h"

using namespace posthouse::pop3;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::vector<std::string_view> messages;
  for (const std::size_t most : {sendauth::kMaxVersion, sendauth::kMaxVersion, sendauth::kMaxRequest}) {
    if (rest.size() < sendauth::kLengthSize) break;
    const auto length = sendauth::messageLength(rest.substr(0, sendauth::kLengthSize), most);
    if (!length) break;
    if (sendauth::looksLikeText(rest) || *length > most) std::abort();
    if (rest.size() - sendauth::kLengthSize < *length) break;
    messages.push_back(rest.substr(sendauth::kLengthSize, *length));
    if (sendauth::message(messages.back()) != rest.substr(0, sendauth::kLengthSize + *length)) std::abort();
    rest.remove_prefix(sendauth::kLengthSize + *length);
  }
  if (messages.size() < 2) return 0;
  const bool isOurs = messages[0] == sendauth::kVersion && messages[1] == sendauth::kApplication;
  const sendauth::Verdict verdict = sendauth::judge(messages[0], messages[1]);
  if (isOurs != (verdict == sendauth::Verdict::good) || sendauth::octetOf(verdict).size() != 1) std::abort();
  return 0;
}
