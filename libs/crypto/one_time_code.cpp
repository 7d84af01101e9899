#include "crypto/one_time_code.h"

#include <cassert>
#include <cstddef>

namespace posthouse::crypto {

std::string oneTimeCode(std::string_view key, std::uint64_t counter, int digits, Hash hash) {
  assert(digits >= 6 && digits <= 8);
  std::string message(8, '\0');  // C, the most significant octet first
  for (int i = 7; i >= 0; --i, counter >>= 8) message[static_cast<std::size_t>(i)] = static_cast<char>(counter & 0xFF);
  const std::string mac = hmac(hash, key, message);

  // Dynamic truncation: the last four bits say where 31 bits are taken from.
  const auto at = [&](std::size_t place) { return static_cast<std::uint32_t>(static_cast<unsigned char>(mac[place])); };
  const std::size_t offset = at(mac.size() - 1) & 0xF;
  const std::uint32_t binary = (at(offset) & 0x7F) << 24 | at(offset + 1) << 16 | at(offset + 2) << 8 | at(offset + 3);

  std::string code(static_cast<std::size_t>(digits), '0');
  std::uint32_t rest = binary;
  for (auto digit = code.rbegin(); digit != code.rend(); ++digit, rest /= 10)
    *digit = static_cast<char>('0' + rest % 10);
  return code;
}

std::int64_t timeStep(std::chrono::system_clock::time_point time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()) / kTimeStep;
}

}  // namespace posthouse::crypto
