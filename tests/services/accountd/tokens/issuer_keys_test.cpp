#include "tokens/issuer_keys.h"

#include <catch2/catch.hpp>

#include "async/task_group.h"
#include "services/accountd/tokens/token_maker.h"
#include "support/quiet_sink.h"
#include "support/series.h"
#include "tokens/issuer_unavailable.h"

using namespace posthouse;
using namespace posthouse::accountd;
using namespace posthouse::test;
using namespace std::chrono_literals;

namespace {

/// Keys that the test puts there; none: the source is away.
struct FakeSource final : KeySource {
  explicit FakeSource(net::Loop& loopOfAll) : loop(loopOfAll) {}

  Task<FetchedKeys> fetch(std::stop_token) override {
    ++fetches;
    co_await loop.yield();
    if (keys.empty()) throw NoKeys("away");
    co_return FetchedKeys{*parseJwks(setOf(keys)), freshness};
  }

  net::Loop& loop;
  std::vector<json> keys;
  std::optional<std::chrono::seconds> freshness;
  int fetches = 0;
};

struct Kept {
  explicit Kept(std::vector<json> keys) {
    auto made = std::make_unique<FakeSource>(loop);
    source = made.get();
    source->keys = std::move(keys);
    config.issuer = "idp";
    issuer.emplace(loop, std::move(made), config, metrics, observe::Log(sink, "accountd", "1"), [this] { return now; });
    group.spawn(issuer->keep(stop.get_token()));
  }
  ~Kept() {
    stop.request_stop();
    loop.runUntilDone(group.drained());
  }

  /// Whether a token's unknown key could be looked for.
  bool renew() {
    try {
      loop.runUntilDone(issuer->renew());
      return true;
    } catch (const IssuerUnavailable&) {
      return false;
    }
  }
  std::optional<double> fetched(const std::string& result) const {
    return valueOf(registry, "posthouse_oauth_key_fetches_total{issuer=\"idp\",result=\"" + result + "\"}");
  }

  net::Loop loop;
  prometheus::Registry registry;
  test::QuietSink sink{registry};
  TokenMetrics metrics{registry};
  IssuerConfig config;
  std::chrono::steady_clock::time_point now{};
  FakeSource* source = nullptr;
  std::optional<IssuerKeys> issuer;
  std::stop_source stop;
  TaskGroup group;
};

const json& aKey() {
  static const json key = Signer("ED25519").jwk("a");
  return key;
}
const json& anotherKey() {
  static const json key = Signer("ED25519").jwk("b");
  return key;
}

}  // namespace

TEST_CASE("the first who needs keys waits for them", "[accountd]") {
  Kept kept({aKey()});
  CHECK(kept.issuer->current().empty());
  CHECK(kept.renew());
  CHECK(kept.issuer->current().size() == 1);
  CHECK(kept.source->fetches == 1);
  CHECK(kept.fetched("ok") == 1);
  CHECK(valueOf(kept.registry, "posthouse_oauth_keys_fetched_timestamp_seconds{issuer=\"idp\"}") > 1.7e9);
}

TEST_CASE("unknown keys have others fetched, but not as often as clients like", "[accountd]") {
  Kept kept({aKey()});
  REQUIRE(kept.renew());
  kept.source->keys.push_back(anotherKey());
  CHECK(kept.renew());
  CHECK(kept.issuer->current().size() == 2);
  for (int i = 0; i < 100; ++i) CHECK(kept.renew());
  CHECK(kept.source->fetches == 4);
  kept.now += 29s;
  CHECK(kept.renew());
  CHECK(kept.source->fetches == 4);
  kept.now += 1s;
  CHECK(kept.renew());
  CHECK(kept.renew());
  CHECK(kept.source->fetches == 5);
  kept.now += 1h;
  for (int i = 0; i < 100; ++i) CHECK(kept.renew());
  CHECK(kept.source->fetches == 8);
}

TEST_CASE("many who wait for one key have it fetched once", "[accountd]") {
  Kept kept({aKey()});
  REQUIRE(kept.renew());
  TaskGroup many;
  for (int i = 0; i < 50; ++i) many.spawn(kept.issuer->renew());
  kept.loop.runUntilDone(many.drained());
  CHECK(kept.source->fetches == 2);
}

TEST_CASE("the old keys stay while there are no others to be had", "[accountd]") {
  Kept kept({aKey()});
  REQUIRE(kept.renew());
  kept.source->keys.clear();
  CHECK_FALSE(kept.renew());
  CHECK(kept.issuer->current().size() == 1);
  CHECK(kept.fetched("error") == 1);
  CHECK_FALSE(kept.renew());  // at once: it has just been tried
  CHECK(kept.fetched("error") == 1);
}

TEST_CASE("without any keys nobody waits, and it is tried again by itself", "[accountd]") {
  Kept kept({});
  CHECK_FALSE(kept.renew());
  CHECK_FALSE(kept.renew());
  CHECK(kept.source->fetches == 1);
  kept.source->keys = {aKey()};
  const auto arrive = [](Kept& here) -> Task<> {
    while (here.issuer->current().empty()) co_await here.loop.sleep(10ms);
  };
  kept.loop.runUntilDone(arrive(kept));
  CHECK(kept.renew());
}

TEST_CASE("a stop lets go of who waits", "[accountd]") {
  Kept kept({aKey()});
  kept.stop.request_stop();
  kept.loop.runUntilDone(kept.group.drained());
  CHECK_FALSE(kept.renew());
}

TEST_CASE("how long keys are good is what Cache-Control says", "[accountd]") {
  CHECK(freshnessOf("max-age=600") == 600s);
  CHECK(freshnessOf("public, Max-Age=600, must-revalidate") == 600s);
  CHECK(freshnessOf("max-age=600, no-store") == 0s);
  CHECK(freshnessOf("no-cache") == 0s);
  CHECK_FALSE(freshnessOf(""));
  CHECK_FALSE(freshnessOf("public"));
  CHECK_FALSE(freshnessOf("s-maxage=600"));
  CHECK_FALSE(freshnessOf("max-age=x"));
  CHECK_FALSE(freshnessOf("max-age=99999999999999999999"));
}
