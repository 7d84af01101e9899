#include "logins/typed_secret.h"

#include "base/ascii.h"
#include "crypto/digest.h"
#include "crypto/random.h"

namespace posthouse::accountd {
namespace {

constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t kGroup = 4;

char meant(char typed) {
  const char c = ascii::toLower(typed);
  if (c == 'o') return '0';
  return c == 'i' || c == 'l' ? '1' : c;
}

}  // namespace

std::string makeTypedSecret(std::size_t size) {
  std::string secret;
  while (secret.size() < size) secret += kAlphabet[crypto::randomBelow(kAlphabet.size())];
  return secret;
}

std::string inGroups(std::string_view secret) {
  std::string groups;
  for (std::size_t i = 0; i < secret.size(); i += kGroup)
    groups.append(groups.empty() ? "" : "-").append(secret.substr(i, kGroup));
  return groups;
}

std::optional<std::string> readTypedSecret(std::string_view typed, std::size_t size) {
  std::string secret;
  for (const char c : typed) {
    if (c == '-' || c == ' ') continue;
    if (secret.size() == size || !kAlphabet.contains(meant(c))) return std::nullopt;
    secret += meant(c);
  }
  if (secret.size() != size) return std::nullopt;
  return secret;
}

std::string digestOf(std::string_view purpose, std::int64_t account, std::string_view secret) {
  std::string salted(purpose);
  salted.append(1, '\0').append(std::to_string(account)).append(1, '\0').append(secret);
  return std::string(crypto::sha256(salted).view());
}

}  // namespace posthouse::accountd
