#include "kerberos/files.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <system_error>

#include "logins/mechanism.h"

namespace posthouse::accountd {

/// Kerberos hands errno on, and has some codes beside it.
bool isOfFiles(krb5_error_code code) {
  constexpr krb5_error_code kCodes[] = {EACCES,
                                        EPERM,
                                        ENOENT,
                                        ENOTDIR,
                                        EISDIR,
                                        ELOOP,
                                        ENAMETOOLONG,
                                        EROFS,
                                        EIO,
                                        ENOSPC,
                                        EDQUOT,
                                        EFBIG,
                                        EMFILE,
                                        ENFILE,
                                        ENOLCK,
                                        KRB5_RC_IO,
                                        KRB5_RC_IO_IO,
                                        KRB5_RC_MALLOC,
                                        KRB5_RC_IO_PERM,
                                        KRB5_RC_IO_SPACE,
                                        KRB5_RC_UNKNOWN,
                                        KRB5_RC_IO_MALLOC,
                                        KRB5_RC_IO_UNKNOWN,
                                        KRB5_KT_IOERR};
  return std::ranges::find(kCodes, code) != std::end(kCodes);
}

void requireReadable(const std::string& keytab) {
  const std::string file = keytab.substr(keytab.find(':') + 1);
  if (::access(file.c_str(), R_OK) == 0) return;
  throw MechanismUnavailable("the keytab " + file + " cannot be read: " + std::generic_category().message(errno));
}

}  // namespace posthouse::accountd
