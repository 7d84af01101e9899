#pragma once
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "support/child_process.h"

namespace posthouse::test {

/// A certificate authority of a test's own, in PEM files that live as long as this.
class Authority {
 public:
  struct Certificate {
    std::string file;
    std::string key;
  };

  Authority() {
    run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=authority -addext "
        "keyUsage=critical,keyCertSign -keyout ca.key -out ca.pem");
  }

  std::string file() const { return folder_.path() / "ca.pem"; }

  /// Good for localhost and `name`; issued before it is shown. `days` below 0: expired.
  Certificate issue(const std::string& name, int days = 2) const {
    // x509 knows no end in the past, so ca does what it should: its folder is made for it.
    const std::string base = "issued-" + name;
    run("openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=" + name + " -keyout " +
        base + ".key -out request.pem");
    run("printf 'subjectAltName=DNS:" + name +
        ",DNS:localhost,IP:127.0.0.1\\nextendedKeyUsage=serverAuth,clientAuth\\n' > " + "extensions");
    const std::string dates =
        days < 0 ? "-startdate 20200101000000Z -enddate 20200102000000Z" : "-days " + std::to_string(days);
    run(": > index; openssl rand -hex 8 > serial; printf "
        "'[ca]\\ndefault_ca=here\\n[here]\\ndatabase=index\\nserial=serial\\n"
        "new_certs_dir=.\\ndefault_md=sha256\\npolicy=any\\n[any]\\ncommonName=supplied\\n' > ca.conf; "
        "openssl ca -batch -notext -config ca.conf -cert ca.pem -keyfile ca.key -extfile extensions " +
        dates + " -in request.pem -out " + base + ".pem");
    return {folder_.path() / (base + ".pem"), folder_.path() / (base + ".key")};
  }

  const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  void run(const std::string& command) const {
    const std::string quiet = "cd " + folder_.path().string() + " && ( " + command + " ) 2>openssl.log";
    if (std::system(quiet.c_str()) != 0) throw std::runtime_error("openssl cannot: " + command);
  }

  TemporaryFolder folder_;
};

}  // namespace posthouse::test
