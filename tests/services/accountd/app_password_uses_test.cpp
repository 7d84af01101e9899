#include "logins/app_password_uses.h"

#include <catch2/catch.hpp>

using namespace posthouse;
using namespace posthouse::accountd;
using namespace std::chrono_literals;

TEST_CASE("a last use is written at once, the next a minute later, and the rest at the end", "[accountd]") {
  std::chrono::system_clock::time_point now(1000h);
  AppPasswordUses uses([&] { return now; });
  const auto use = [&](std::int64_t password, const std::string& address) {
    Connection connection;
    connection.protocol = "imap";
    connection.remoteAddress = address;
    uses.note(store::AppPasswordId{password}, connection);
  };
  CHECK(uses.due().empty());
  use(1, "192.0.2.1");
  use(1, "192.0.2.2");
  use(2, "192.0.2.3");
  const auto first = uses.due();
  REQUIRE(first.size() == 2);
  CHECK(first[0].address == "192.0.2.2");
  CHECK(first[0].protocol == "imap");
  CHECK(first[0].at == now);
  CHECK(uses.due().empty());

  now += 59s;
  use(1, "192.0.2.4");
  CHECK(uses.due().empty());
  now += 1s;
  const auto second = uses.due();
  REQUIRE(second.size() == 1);
  CHECK(second[0].address == "192.0.2.4");
  CHECK(second[0].at == now - 1s);

  use(1, "192.0.2.5");
  CHECK(uses.due().empty());
  CHECK(uses.due(/*isLast=*/true).size() == 1);
  CHECK(uses.due(/*isLast=*/true).empty());
}
