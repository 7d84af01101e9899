#include "clamd_answer.h"

#include <catch2/catch.hpp>

using namespace posthouse::filterd;

TEST_CASE("an answer of clamd names a virus, or says that there is none", "[filterd]") {
  const auto [answer, virus, complete] = GENERATE(table<std::string, std::string, bool>({
      {"stream: OK", "", true},
      {"stream: Eicar FOUND", "Eicar", true},
      {"stream: a FOUND FOUND", "a FOUND", true},
      {"stream: OK FOUND", "OK", true},
      {"stream: \x01\x80 FOUND", "??", true},
      {"stream: " + std::string(200, 'x') + " FOUND", std::string(100, 'x'), true},
      {"INSTREAM size limit exceeded. ERROR", "", false},
  }));
  CAPTURE(answer);
  const auto result = parseScanAnswer(answer, true);
  CHECK(result.virus == virus);
  CHECK(result.complete == complete);
  CHECK_FALSE(parseScanAnswer(answer, false).complete);
}

TEST_CASE("an answer of clamd that makes no sense is none", "[filterd]") {
  const std::string answer = GENERATE(as<std::string>(), "", "OK", "stream: ok", "stream: FOUND", "stream:  FOUND",
                                      "stream: OK\n", "stream: Can't allocate memory ERROR", "UNKNOWN COMMAND");
  CAPTURE(answer);
  CHECK_THROWS_AS(parseScanAnswer(answer, true), ScannerAway);
}
