// What is taken for a principal's name is what Kerberos writes for the principal that it reads there.
#include <krb5.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "kerberos/principal_name.h"

using namespace posthouse::accountd;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const krb5_context context = [] {
    krb5_context made = nullptr;
    if (krb5_init_context(&made) != 0) std::abort();
    return made;
  }();
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (!isPrincipalName(text)) return 0;
  krb5_principal principal = nullptr;
  if (krb5_parse_name_flags(context, text.c_str(), KRB5_PRINCIPAL_PARSE_REQUIRE_REALM, &principal) != 0) std::abort();
  char* written = nullptr;
  if (krb5_unparse_name(context, principal, &written) != 0 || text != written) std::abort();
  krb5_free_unparsed_name(context, written);
  krb5_free_principal(context, principal);
  return 0;
}
