// AP-REQs as MIT Kerberos judges them, with tickets that no KDC would give.
#include "kerberos/krb5_ticket_reader.h"

#include "forged_ticket.h"
#include "kerberos/krb5_context.h"
#include "logins/mechanism.h"

using namespace posthouse;
using namespace posthouse::accountd;

namespace {

krb5_data dataOf(const std::string& octets) {
  return {
      .magic = KV5M_DATA, .length = static_cast<unsigned int>(octets.size()), .data = const_cast<char*>(octets.data())};
}

/// A client of krb5_sendauth, without the framing.
class Client {
 public:
  /// `ahead`: seconds that its clock is.
  Client(Forge& forge, const Forgery& forgery, krb5_flags options = AP_OPTS_MUTUAL_REQUIRED, int ahead = 0) {
    krb5_ccache cache = nullptr;
    context_.check(krb5_cc_resolve(context_, forge.ticket(forgery).c_str(), &cache));
    krb5_creds wanted{};
    krb5_creds* found = nullptr;
    context_.check(krb5_cc_get_principal(context_, cache, &wanted.client));
    context_.check(krb5_parse_name(context_, forgery.named.c_str(), &wanted.server));
    context_.check(krb5_get_credentials(context_, KRB5_GC_CACHED, cache, &wanted, &found));
    if (ahead != 0)
      context_.check(krb5_set_real_time(context_, static_cast<krb5_timestamp>(std::time(nullptr) + ahead), 0));
    krb5_data request{};
    context_.check(krb5_mk_req_extended(context_, &exchange_, options, nullptr, found, &request));
    request_.assign(request.data, request.length);
    krb5_free_data_contents(context_, &request);
    krb5_free_creds(context_, found);
    krb5_free_cred_contents(context_, &wanted);
    krb5_cc_close(context_, cache);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { krb5_auth_con_free(context_, exchange_); }

  const std::string& request() const { return request_; }
  /// Whether the AP-REP is of who could read the request.
  bool trusts(const std::string& reply) {
    const krb5_data data = dataOf(reply);
    krb5_ap_rep_enc_part* part = nullptr;
    const krb5_error_code code = krb5_rd_rep(context_, exchange_, &data, &part);
    if (code == 0) krb5_free_ap_rep_enc_part(context_, part);
    return code == 0;
  }

 private:
  Krb5Context context_;
  krb5_auth_context exchange_ = nullptr;
  std::string request_;
};

struct Stage {
  Stage() {
    forge.addKey("pop/mail.test@EXAMPLE.TEST");
    forge.addKey("imap/mail.test@EXAMPLE.TEST");
  }

  /// What is wrong with a ticket; code 0 if nothing is.
  BadTicket objection(const std::string& request) {
    const auto shown = reader.read("pop", request);
    return shown ? BadTicket{} : shown.error();
  }
  BadTicket objection(Forgery forgery, int ahead = 0) {
    return objection(Client(forge, forgery, AP_OPTS_MUTUAL_REQUIRED, ahead).request());
  }

  Forge forge;
  Krb5TicketReader reader{forge.keytab()};
};

const std::string kPop = "pop/mail.test@EXAMPLE.TEST";

// RFC 4120 §7.5.9
constexpr std::int32_t kExpired = 32;
constexpr std::int32_t kNotYetValid = 33;
constexpr std::int32_t kSkew = 37;

}  // namespace

TEST_CASE("an AP-REQ proves who its client is, and the AP-REP who we are", "[accountd][kerberos][kpop]") {
  Stage stage;
  Client client(stage.forge, {.client = "alice/mail@OTHER.TEST", .service = kPop});
  const auto shown = stage.reader.read("pop", client.request());
  REQUIRE(shown);
  CHECK(shown->principal == "alice/mail@OTHER.TEST");
  CHECK(client.trusts(shown->reply));
  CHECK_FALSE(Client(stage.forge, {.service = kPop}).trusts(shown->reply));
}

TEST_CASE("a client that does not ask who we are is not told", "[accountd][kerberos][kpop]") {
  Stage stage;
  const Client client(stage.forge, {.service = kPop}, 0);
  const auto shown = stage.reader.read("pop", client.request());
  REQUIRE(shown);
  CHECK(shown->principal == "alice@EXAMPLE.TEST");
  CHECK(shown->reply.empty());
}

TEST_CASE("an AP-REQ is good in its time, and for its service", "[accountd][kerberos][kpop]") {
  Stage stage;
  CHECK(stage.objection({.service = kPop, .ends = -60}).code == 0);  // clocks may differ by five minutes
  CHECK(stage.objection({.service = kPop, .starts = -7200, .ends = -3600}).code == kExpired);
  CHECK(stage.objection({.service = kPop, .starts = 3600, .ends = 7200}).code == kNotYetValid);
  CHECK(stage.objection({.service = kPop}, 1800).code == kSkew);
  CHECK(stage.objection({.service = "imap/mail.test@EXAMPLE.TEST"}).code != 0);
  CHECK(stage.objection({.service = "imap/mail.test@EXAMPLE.TEST", .named = kPop}).code != 0);
}

TEST_CASE("an AP-REQ is known again, however it is dressed", "[accountd][kerberos][kpop]") {
  Stage stage;
  const std::string request = Client(stage.forge, {.service = kPop}).request();
  const auto shown = stage.reader.read("pop", request);
  REQUIRE(shown);
  CHECK(shown->proof.size() == 32);
  const auto repeated = stage.reader.read("pop", request);
  REQUIRE(repeated);
  CHECK(repeated->proof == shown->proof);

  // The options are sealed by nothing: that the client asks who we are is one bit.
  const std::string options("\xA2\x07\x03\x05\x00\x20\x00\x00\x00", 9);
  const std::size_t place = request.find(options);
  REQUIRE(place != request.npos);
  std::string changed = request;
  changed[place + 5] = 0;
  const auto again = stage.reader.read("pop", changed);
  REQUIRE(again);
  CHECK(again->reply.empty());
  CHECK(again->proof == shown->proof);

  const std::string other = Client(stage.forge, {.service = kPop}).request();
  CHECK(stage.reader.read("pop", other).value().proof != shown->proof);
}

TEST_CASE("an AP-REQ that GSS-API was begun with is good for nothing else", "[accountd][kerberos][kpop]") {
  Stage stage;
  const std::string token = Initiator(stage.forge, {.service = kPop}).step();
  const std::size_t wrapped = token.find(std::string("\x01\x00\x6E", 3));  // TOK_ID, and an AP-REQ behind it
  REQUIRE(wrapped != token.npos);
  const BadTicket objection = stage.objection(token.substr(wrapped + 2));
  CHECK(objection.code == kGenericError);
  CHECK_FALSE(objection.isMalformed);
  CHECK_THAT(objection.text, Catch::Contains("GSS-API"));
}

TEST_CASE("what is no AP-REQ is told from one that is no good", "[accountd][kerberos][kpop]") {
  Stage stage;
  const std::string request = Client(stage.forge, {.service = kPop}).request();
  for (const std::string& octets :
       {std::string(), std::string("rubbish"), request.substr(0, 10), request.substr(0, request.size() - 1),
        std::string(65'536, '\0'), Initiator(stage.forge, {.service = kPop}).step()}) {
    CAPTURE(octets.size());
    const BadTicket objection = stage.objection(octets);
    CHECK(objection.isMalformed);
    CHECK(objection.code != 0);
  }
  std::string forged = request;
  forged.back() = static_cast<char>(forged.back() ^ 1);
  CHECK(stage.objection(forged).code != 0);
  CHECK_FALSE(stage.objection(forged).isMalformed);
  CHECK(stage.objection(request).code == 0);
}

TEST_CASE("where the keytab cannot be used, no AP-REQ is to blame", "[accountd][kerberos][kpop]") {
  Stage stage;
  const std::string request = Client(stage.forge, {.service = kPop}).request();
  CHECK_THROWS_AS(Krb5TicketReader(stage.forge.file("nothing")).read("pop", request), MechanismUnavailable);
  CHECK(stage.objection(request).code == 0);
}

TEST_CASE("a refusal is a KRB-ERROR that clients can print", "[accountd][kerberos][kpop]") {
  Stage stage;
  const std::string octets = stage.reader.refusal("pop", kSkew, "Clock skew too great");
  const Krb5Context context;
  const krb5_data data = dataOf(octets);
  krb5_error* error = nullptr;
  REQUIRE(krb5_rd_error(context, &data, &error) == 0);
  CHECK(error->error == kSkew);
  CHECK(std::string(error->text.data, error->text.length) == std::string("Clock skew too great\0", 21));
  krb5_free_error(context, error);
}
