// Whatever a client answers, an exchange ends within three steps, and what it takes for credentials is a name and a
// password. What is read as a message of EXTERNAL, ANONYMOUS or CRAM-MD5 is what came, a trace fits a line of a log,
// and a digest is not right by chance.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/ascii.h"
#include "base/utf8.h"
#include "sasl/anonymous.h"
#include "sasl/apop.h"
#include "sasl/cram_md5.h"
#include "sasl/exchange.h"
#include "sasl/external.h"

using namespace posthouse;
using namespace posthouse::sasl;

namespace {

void checkExchanges(std::string_view input) {
  const std::string_view first = input.substr(0, input.find('\n'));
  const std::string_view second = input.substr(first.size());
  for (const char* mechanism : {"PLAIN", "LOGIN"}) {
    const auto exchange = begin(mechanism);
    Step step = exchange->next(std::nullopt);
    for (const std::string_view answer : {first, second}) {
      if (std::holds_alternative<Challenge>(step)) step = exchange->next(answer);
    }
    if (std::holds_alternative<Challenge>(step)) std::abort();
    const auto* credentials = std::get_if<Credentials>(&step);
    if (credentials && (credentials->authenticationIdentity.empty() || credentials->password.empty())) std::abort();
  }
}

void checkExternal(std::string_view input) {
  const auto identity = parseExternal(input);
  if (identity && (*identity != input || identity->contains('\0') || !utf8::isValid(*identity))) std::abort();
}

void checkAnonymous(std::string_view input) {
  const auto trace = parseAnonymous(input);
  if (!trace) return;
  if (*trace != input || !utf8::isValid(*trace)) std::abort();
  for (const char c : *trace) {
    if (ascii::isControl(c)) std::abort();
  }
}

void checkDigests(std::string_view input) {
  if (const auto response = parseCramMd5(input)) {
    if (response->name.empty() || response->name + " " + response->digest != input) std::abort();
    if (verifyCramMd5("<1.2@mail.example>", *response, "nobody knows")) std::abort();
  }
  if (verifyApop("<1.2@mail.example>", input.substr(0, input.find('\n')), "nobody knows")) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  checkExchanges(input);
  checkExternal(input);
  checkAnonymous(input);
  checkDigests(input);
  return 0;
}
