#pragma once
#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "support/child_process.h"

namespace posthouse::test {

/// A certificate that signs itself, and its key, in PEM files that live as long as this.
struct SelfSigned {
  TemporaryFolder folder;
  std::string certificate = folder.path() / "certificate.pem";
  std::string key = folder.path() / "key.pem";

  /// `names` with commas between them; the first is the subject's, too. `kind`: "ec" or "rsa".
  explicit SelfSigned(const std::string& names = "mail.test", const std::string& kind = "ec") { make(names, kind); }

  /// Another certificate in the same files.
  void make(const std::string& names, const std::string& kind = "ec") const {
    std::string alternatives;
    for (std::size_t begin = 0; begin <= names.size();) {
      const std::size_t end = std::min(names.find(',', begin), names.size());
      alternatives += (alternatives.empty() ? "DNS:" : ",DNS:") + names.substr(begin, end - begin);
      begin = end + 1;
    }
    const std::string command = "openssl req -x509 -newkey " +
                                (kind == "ec" ? std::string("ec -pkeyopt ec_paramgen_curve:prime256v1") : "rsa:2048") +
                                " -nodes -days 2 -subj /CN=" + names.substr(0, names.find(',')) +
                                " -addext 'subjectAltName=" + alternatives + "' -keyout " + key + " -out " +
                                certificate + " 2>/dev/null";
    if (std::system(command.c_str()) != 0) throw std::runtime_error("openssl cannot make a certificate");
  }
};

}  // namespace posthouse::test
