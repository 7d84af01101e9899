// What somebody typed as an app password or a recovery code: anything is a secret or none, and a secret is read back
// from how it is shown.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "logins/typed_secret.h"

using namespace posthouse::accountd;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const std::string_view typed(reinterpret_cast<const char*>(octets), size);
  for (const std::size_t length : {kAppPasswordSize, kRecoveryCodeSize}) {
    const auto secret = readTypedSecret(typed, length);
    if (!secret) continue;
    if (secret->size() != length || secret->size() > typed.size()) std::abort();
    if (readTypedSecret(inGroups(*secret), length) != secret || readTypedSecret(*secret, length) != secret)
      std::abort();
  }
  return 0;
}
