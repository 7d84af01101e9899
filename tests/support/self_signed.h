#pragma once
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "support/child_process.h"

namespace posthouse::test {

/// A certificate for mail.test that signs itself, and its key, in PEM files that live as long as this.
struct SelfSigned {
  TemporaryFolder folder;
  std::string certificate = folder.path() / "certificate.pem";
  std::string key = folder.path() / "key.pem";

  SelfSigned() {
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=mail.test "
        "-addext subjectAltName=DNS:mail.test -keyout " +
        key + " -out " + certificate + " 2>/dev/null";
    if (std::system(command.c_str()) != 0) throw std::runtime_error("openssl cannot make a certificate");
  }
};

}  // namespace posthouse::test
