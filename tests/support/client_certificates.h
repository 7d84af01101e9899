#pragma once
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "support/child_process.h"

namespace posthouse::test {

/// Certificates of clients, by an authority of a test's own or by nobody, in PEM files that live as long as this.
class ClientCertificates {
 public:
  struct Pair {
    std::string certificate;
    std::string key;
  };
  /// How a certificate is to be.
  struct Wish {
    std::string mailbox = "alice@mail.test";  // in its subjectAltName; empty: none
    std::string usage = "clientAuth";         // its extended key usage; empty: none
    std::string from = "20200101000000Z";
    std::string to = "21000101000000Z";
    std::string extensions = {};  // more, as OpenSSL's configuration has them
  };

  ClientCertificates() {
    std::ofstream(path("ca.conf")) << "[ca]\ndefault_ca=here\n[here]\ndatabase=index\nserial=serial\ncrlnumber=number\n"
                                      "new_certs_dir=.\ndefault_md=sha256\npolicy=any\nunique_subject=no\n"
                                      "[any]\ncommonName=supplied\n";
    run(": > index; echo 01 > serial; echo 01 > number; openssl req -x509 " + kKey +
        " -days 9999 -subj /CN=authority -addext keyUsage=critical,keyCertSign,cRLSign -keyout ca.key -out ca.pem");
  }

  std::string authority() const { return path("ca.pem"); }

  Pair issue(const Wish& wish) { return make(wish, "-cert ca.pem -keyfile ca.key"); }
  Pair issue() { return issue(Wish{}); }
  Pair signItself(const Wish& wish) { return make(wish, "-selfsign -keyfile KEY"); }
  Pair signItself() { return signItself(Wish{}); }

  /// The list of what was revoked, into a file by that name.
  std::string revocations(const std::string& name, const std::string& until = "21000101000000Z") const {
    run("openssl ca -config ca.conf -cert ca.pem -keyfile ca.key -gencrl -crl_lastupdate 20200101000000Z "
        "-crl_nextupdate " +
        until + " -out " + name);
    return path(name);
  }
  void revoke(const Pair& pair) const {
    run("openssl ca -config ca.conf -cert ca.pem -keyfile ca.key -revoke " + pair.certificate);
  }

 private:
  inline static const std::string kKey = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";

  std::string path(const std::string& name) const { return folder_.path() / name; }

  Pair make(const Wish& wish, std::string how) {
    const std::string name = "client" + std::to_string(++made_);
    {
      std::ofstream file(path("extensions"));
      if (!wish.mailbox.empty()) file << "subjectAltName=email:" << wish.mailbox << '\n';
      if (!wish.usage.empty()) file << "extendedKeyUsage=" << wish.usage << '\n';
      file << wish.extensions << '\n';
    }
    if (const auto at = how.find("KEY"); at != how.npos) how.replace(at, 3, name + ".key");
    run("openssl req -new " + kKey + " -subj /CN=" + name + " -keyout " + name + ".key -out request.pem");
    run("openssl ca -batch -notext -config ca.conf " + how + " -extfile extensions -startdate " + wish.from +
        " -enddate " + wish.to + " -in request.pem -out " + name + ".pem");
    return {path(name + ".pem"), path(name + ".key")};
  }

  void run(const std::string& command) const {
    const std::string quiet = "cd " + folder_.path().string() + " && ( " + command + " ) 2>openssl.log";
    if (std::system(quiet.c_str()) != 0) throw std::runtime_error("openssl cannot: " + command);
  }

  TemporaryFolder folder_;
  int made_ = 0;
};

}  // namespace posthouse::test
