#pragma once
#include <krb5.h>

#include <string>

namespace posthouse::accountd {

/// Not the client's fault: keytab or replay cache cannot be used.
bool isOfFiles(krb5_error_code code);

/// `keytab`: as Kerberos names one ("FILE:/etc/mail.keytab"). Throws MechanismUnavailable if it cannot be read now.
void requireReadable(const std::string& keytab);

}  // namespace posthouse::accountd
