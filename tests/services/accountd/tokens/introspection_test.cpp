#include "tokens/introspection.h"

#include <catch2/catch.hpp>

#include "services/accountd/tokens/issuer_street.h"

using namespace posthouse;
using namespace posthouse::accountd;
using namespace posthouse::test;

namespace {

struct Asking {
  Task<> ask(std::string token) {
    try {
      const auto answer = co_await introspection.ask(std::move(token));
      said += answer ? "yes " : "no ";
    } catch (const IssuerUnavailable&) {
      said += "unavailable ";
    }
  }

  IssuerStreet street;
  TokenMetrics metrics{street.registry};
  httpclient::Client client{street.loop, {.maxRequests = 1}};
  Introspection introspection{street.config, client, metrics, observe::Log(street.sink, "accountd", "1")};
  std::string said;
};

}  // namespace

TEST_CASE("that too much is asked at once is not the issuer's fault, and holds up nobody else", "[accountd]") {
  Asking asking;
  asking.street.asks();
  asking.street.introspection(asking.street.but({{"active", true}}));
  TaskGroup together;
  together.spawn(asking.ask("one"));
  together.spawn(asking.ask("two"));
  CHECK(asking.said == "unavailable ");
  asking.street.loop.runUntilDone(together.drained());
  asking.street.loop.runUntilDone(asking.ask("three"));
  asking.street.loop.runUntilDone(asking.ask("two"));
  CHECK(asking.said == "unavailable yes yes yes ");
  CHECK(asking.street.askedFor("/introspect") == 3);
  CHECK(valueOf(asking.street.registry, "posthouse_oauth_introspection_duration_seconds_count{issuer=\"" +
                                            asking.street.url("") + "\",result=\"error\"}") == 0);
}
