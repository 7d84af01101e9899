// The acceptor with tickets that no KDC would give, as MIT Kerberos judges them.
#include "kerberos/gss_acceptor.h"

#include <filesystem>

#include "forged_ticket.h"
#include "kerberos/keytab.h"
#include "logins/mechanism.h"

using namespace posthouse;
using namespace posthouse::accountd;

namespace {

struct Stage {
  Stage() {
    forge.addKey("imap/mail.test@EXAMPLE.TEST");
    forge.addKey("pop/mail.test@EXAMPLE.TEST");
  }

  std::expected<SecurityContext::Accepted, Rejection> accept(const std::string& token) {
    return acceptor.begin("imap")->accept(token);
  }
  /// Why a ticket is not accepted; empty if it is.
  std::string objection(const Forgery& forgery) {
    const auto accepted = accept(Initiator(forge, forgery).step());
    return accepted ? "" : accepted.error().reason;
  }

  Forge forge;
  GssAcceptor acceptor{forge.keytab(), forge.file("replays")};
};

}  // namespace

TEST_CASE("a ticket proves who its principal is, and the service who it is", "[accountd][kerberos]") {
  Stage stage;
  Initiator client(stage.forge, {.client = "alice/admin@OTHER.TEST"});
  const auto context = stage.acceptor.begin("imap");
  const auto accepted = context->accept(client.step());
  REQUIRE(accepted);
  CHECK(accepted->isComplete);
  CHECK(client.step(accepted->token).empty());
  CHECK(context->initiator() == "alice/admin@OTHER.TEST");
  CHECK_FALSE(context->hasExpired());

  CHECK(client.unwrap(context->wrap("to the client").value()) == "to the client");
  CHECK(context->unwrap(client.wrap("to the server")) == "to the server");
  std::string forged = client.wrap("to the server");
  forged.back() = static_cast<char>(forged.back() ^ 1);
  CHECK_FALSE(context->unwrap(forged));
}

TEST_CASE("a context of several tokens", "[accountd][kerberos]") {
  Stage stage;
  Initiator client(stage.forge, {}, Initiator::kMutual | GSS_C_DCE_STYLE);
  const auto context = stage.acceptor.begin("imap");
  const auto first = context->accept(client.step());
  REQUIRE(first);
  CHECK_FALSE(first->isComplete);
  const auto second = context->accept(client.step(first->token));
  REQUIRE(second);
  CHECK(second->isComplete);
  CHECK(second->token.empty());
  CHECK(context->initiator() == "alice@EXAMPLE.TEST");
}

TEST_CASE("a ticket is good in its time and for its service", "[accountd][kerberos]") {
  Stage stage;
  CHECK(stage.objection({}).empty());
  CHECK(stage.objection({.ends = -60}).empty());  // clocks may differ by five minutes
  CHECK_THAT(stage.objection({.starts = -7200, .ends = -3600}), Catch::Contains("expired"));
  CHECK_THAT(stage.objection({.starts = 3600, .ends = 7200}), Catch::Contains("not yet valid"));
  CHECK_FALSE(stage.objection({.service = "pop/mail.test@EXAMPLE.TEST"}).empty());
  CHECK_FALSE(
      stage.objection({.service = "pop/mail.test@EXAMPLE.TEST", .named = "imap/mail.test@EXAMPLE.TEST"}).empty());
  CHECK(stage.objection({.named = "imap/alias.test@EXAMPLE.TEST"}).empty());  // the key says what it is for
}

TEST_CASE("a ticket is shown with a new proof each time", "[accountd][kerberos]") {
  Stage stage;
  const std::string token = Initiator(stage.forge, {}).step();
  REQUIRE(stage.accept(token));
  const auto again = stage.accept(token);
  REQUIRE_FALSE(again);
  CHECK_FALSE(again.error().isMalformed);
  CHECK_THAT(again.error().reason, Catch::Contains("replay"));
}

TEST_CASE("what is no token is told from a ticket that is no good", "[accountd][kerberos]") {
  Stage stage;
  const std::string token = Initiator(stage.forge, {}).step();
  for (const std::string& octets : {std::string(), std::string("rubbish"), token.substr(0, 10),
                                    std::string(40'000, '\0'), std::string("NTLMSSP\0\1\0\0\0", 12)}) {
    CAPTURE(octets.size());
    const auto accepted = stage.accept(octets);
    REQUIRE_FALSE(accepted);
    CHECK(accepted.error().isMalformed);
  }
  std::string forged = token;
  forged[forged.size() - 20] = static_cast<char>(forged[forged.size() - 20] ^ 1);
  CHECK_FALSE(stage.accept(forged));
  for (const std::size_t size : {std::size_t{20}, std::size_t{200}, token.size() - 1})
    CHECK_FALSE(stage.accept(token.substr(0, size)));
  CHECK(stage.accept(token));
}

TEST_CASE("where the files cannot be used, no client is to blame", "[accountd][kerberos]") {
  Stage stage;
  const std::string token = Initiator(stage.forge, {}).step();
  CHECK_THROWS_AS(GssAcceptor(stage.forge.keytab(), stage.forge.file("no/folder")).begin("imap")->accept(token),
                  MechanismUnavailable);
  CHECK_THROWS_AS(GssAcceptor(stage.forge.file("nothing"), "").begin("imap")->accept(token), MechanismUnavailable);
  CHECK_THROWS_AS(stage.acceptor.begin("smtp")->accept(token), MechanismUnavailable);
  CHECK(stage.accept(token));
}

TEST_CASE("Kerberos chooses its replay cache where settings.cpp believes that it does", "[accountd][kerberos]") {
  Stage stage;
  const test::TemporaryFolder folder;
  REQUIRE(setenv("KRB5RCACHEDIR", folder.path().c_str(), 1) == 0);
  CHECK(GssAcceptor(stage.forge.keytab(), "").begin("imap")->accept(Initiator(stage.forge, {}).step()));
  unsetenv("KRB5RCACHEDIR");
  CHECK_FALSE(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("keys that come later are used at once", "[accountd][kerberos]") {
  Stage stage;
  stage.forge.addKey("imap/mail.test@EXAMPLE.TEST", 2);
  CHECK(stage.objection({}).empty());
}

TEST_CASE("a keytab says whose keys it holds", "[accountd][kerberos]") {
  Stage stage;
  stage.forge.addKey("imap/mail.test@EXAMPLE.TEST", 2);
  CHECK(readKeytab(stage.forge.keytab()) ==
        std::vector<std::string>{"imap/mail.test@EXAMPLE.TEST", "pop/mail.test@EXAMPLE.TEST"});
  CHECK_THAT(readKeytab(stage.forge.file("nothing")).error(), Catch::Contains("nothing"));
}
