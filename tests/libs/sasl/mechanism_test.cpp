#include "sasl/mechanism.h"

#include <catch2/catch.hpp>

#include "sasl/exchange.h"
#include "sasl/scram.h"

using namespace posthouse::sasl;

TEST_CASE("what a mechanism asks of its connection is known before it begins", "[sasl]") {
  for (const char* name : {"PLAIN", "LOGIN"}) {
    REQUIRE(findMechanism(name) != nullptr);
    CHECK(findMechanism(name)->carriesSecret);
  }
  CHECK(findMechanism("plain") == findMechanism("PLAIN"));
  CHECK(findMechanism("DIGEST-MD5") == nullptr);
  CHECK(findMechanism("") == nullptr);
  for (const Mechanism& mechanism : knownMechanisms()) {
    CAPTURE(mechanism.name);
    CHECK(findMechanism(mechanism.name) == &mechanism);
    const auto scram = scramMechanism(mechanism.name);
    CHECK(scram.has_value() == mechanism.name.starts_with("SCRAM-"));
    if (scram) CHECK(mechanism.needsTls == scram->plus);
    CHECK(mechanism.clientFirst == (mechanism.name != "LOGIN" && mechanism.name != "CRAM-MD5"));
    CHECK_FALSE((mechanism.carriesSecret && mechanism.needsTls));
    CHECK(mechanism.needsClientCertificate == (mechanism.name == "EXTERNAL"));
  }
}
