#include "kerberos/settings.h"

#include <fstream>

#include "config/configuration.h"
#include "forged_ticket.h"
#include "mechanisms/offer.h"

using namespace posthouse;
using namespace posthouse::accountd;
using Catch::Contains;

namespace {

struct Read {
  KerberosSettings settings;
  std::vector<std::string> mechanisms;
  std::string complaint;  // empty: there is none
};

Read read(const std::string& accountd) {
  const char* const none[] = {nullptr};
  config::Configuration configuration = config::Configuration::parse("[accountd]\n" + accountd, "x.toml", none, {});
  config::Section section = configuration.section("accountd");
  Read read;
  read.settings = KerberosSettings::from(section);
  read.mechanisms =
      readMechanisms(section, read.settings.isSet() ? Lacking{} : Lacking{{"GSSAPI", "a keytab: set accountd.keytab"}});
  section.rejectUnread();
  try {
    configuration.check();
  } catch (const config::InvalidConfiguration& error) {
    read.complaint = error.what();
  }
  return read;
}

bool offersGssapi(const Read& read) {
  return std::ranges::find(read.mechanisms, "GSSAPI") != read.mechanisms.end();
}

std::string keys(const Forge& forge, const std::string& more = {}) {
  return "keytab = \"" + forge.keytab() + "\"\n" + more;
}

}  // namespace

TEST_CASE("GSSAPI is offered where there is a keytab, for the services that it has keys of", "[accountd][kerberos]") {
  CHECK_FALSE(offersGssapi(read("")));
  Forge forge;
  forge.addKey("imap/mail.test@EXAMPLE.TEST");
  forge.addKey("smtp/mail.test@EXAMPLE.TEST");
  forge.addKey("host/mail.test@EXAMPLE.TEST");
  const Read all = read(keys(forge));
  CHECK(all.complaint.empty());
  CHECK(offersGssapi(all));
  CHECK(all.settings.services == std::vector<std::string>{"imap", "smtp"});
  CHECK(all.settings.serviceOf("imap") == "imap");
  CHECK(all.settings.serviceOf("submission") == "smtp");
  CHECK_FALSE(all.settings.serviceOf("pop3"));
  CHECK_FALSE(all.settings.serviceOf("smtp"));

  const Read some = read(keys(forge, "kerberos_services = [\"smtp\"]\n"));
  CHECK(some.complaint.empty());
  CHECK(some.settings.services == std::vector<std::string>{"smtp"});
  CHECK_FALSE(offersGssapi(read(keys(forge, "mechanisms = [\"PLAIN\"]\n"))));
}

TEST_CASE("what is wrong with a keytab is said before a client comes", "[accountd][kerberos]") {
  Forge forge;
  CHECK_THAT(read("mechanisms = [\"GSSAPI\"]\n").complaint, Contains("GSSAPI needs a keytab"));
  CHECK_THAT(read("kerberos_services = [\"imap\"]\n").complaint, Contains("set accountd.keytab"));
  CHECK_THAT(read(keys(forge)).complaint, Contains("accountd.keytab: cannot be read") && Contains("not found"));
  std::ofstream(forge.keytab()) << "\x05\x02";  // the version of the format, and nothing more
  CHECK_THAT(read(keys(forge)).complaint, Contains("holds no key; fill it"));
  std::ofstream(forge.keytab()) << "rubbish";
  CHECK_THAT(read(keys(forge)).complaint, Contains("accountd.keytab: cannot be read"));
  std::filesystem::remove(forge.keytab());

  forge.addKey("host/mail.test@EXAMPLE.TEST");
  CHECK_THAT(read(keys(forge)).complaint,
             Contains("imap, pop, smtp, sieve, HTTP") && Contains("only of host/mail.test@EXAMPLE.TEST"));
  forge.addKey("imap/mail.test@EXAMPLE.TEST");
  CHECK_THAT(read(keys(forge, "kerberos_services = [\"pop\"]\n")).complaint, Contains("no key of pop/HOST"));
  CHECK_THAT(read(keys(forge, "kerberos_services = [\"ftp\"]\n")).complaint, Contains("ftp is none of imap"));
  CHECK_THAT(read(keys(forge, "kerberos_replay_cache = \"" + forge.file("no/replays") + "\"\n")).complaint,
             Contains("accountd.kerberos_replay_cache") && Contains("may write to"));
}
