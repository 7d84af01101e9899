#include <prometheus/registry.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include "net/connect.h"
#include "net/line_stream.h"
#include "observe/admin_http.h"
#include "observe/log.h"
#include "observe/process_metrics.h"

using namespace posthouse;
using namespace std::chrono_literals;

namespace {

std::string json(std::string_view text) {
  std::string out;
  observe::appendJsonString(out, text);
  return out;
}

/// What a log writes, until the sink is gone.
std::string logged(const std::function<void(observe::LogSink&)>& use) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  prometheus::Registry registry;
  {
    observe::LogSink sink(ends[1], registry);
    use(sink);
  }
  close(ends[1]);
  std::string text(65536, '\0');
  const ssize_t count = read(ends[0], text.data(), text.size());
  close(ends[0]);
  text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return text;
}

Task<std::string> get(net::Loop& loop, net::Address address, std::string request) {
  net::LineStream stream(co_await net::connect(loop, std::move(address), 5s));
  stream.write(request);
  co_await stream.flush(5s);
  std::string answer;
  for (;;) {
    const std::size_t got = co_await stream.readSome(answer, 65536, 5s);
    if (got == 0) break;
  }
  co_return answer;
}

}  // namespace

TEST_CASE("text becomes a JSON string whatever octets it holds", "[observe]") {
  CHECK(json("he said \"hi\"\n") == R"("he said \"hi\"\n")");
  CHECK(json(std::string("\0\x1f\\", 3)) == R"("\u0000\u001f\\")");
  CHECK(json("gr\xc3\xbc\xc3\x9f") == "\"gr\xc3\xbc\xc3\x9f\"");
  CHECK(json("\xff\xc3(\xed\xa0\x80") == "\"\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

TEST_CASE("a log line is one JSON object with what the session carries", "[observe]") {
  const std::string text = logged([](observe::LogSink& sink) {
    const observe::Log log(sink, "smtpd", "mx-1");
    log.with({{"session_id", "S1"}})
        .info("smtp.session.open", "a client came", {{"port", 25}, {"tls", false}, {"duration_s", 0.5}});
    log.debug("never", "below the threshold");
  });
  CHECK_THAT(
      text,
      Catch::Contains(
          R"("level":"info","event":"smtp.session.open","msg":"a client came","service":"smtpd","instance":"mx-1","session_id":"S1","port":25,"tls":false,"duration_s":0.5})"
          "\n"));
  CHECK_THAT(text, Catch::StartsWith(R"({"ts":"20)"));
  CHECK_THAT(text, !Catch::Contains("never"));
}

TEST_CASE("a reader that is stuck stops nobody, and costs so much memory and no more", "[observe]") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  prometheus::Registry registry;
  const auto dropped = [&registry] {
    for (const auto& family : registry.Collect()) {
      if (family.name == "posthouse_log_dropped_total") return family.metric.at(0).counter.value;
    }
    return -1.0;
  };
  constexpr int kLines = 20'000;
  {
    observe::LogSink sink(ends[1], registry);
    const observe::Log log(sink, "smtpd", "mx-1");
    const std::string text(1000, 'x');
    for (int i = 0; i < kLines; ++i) log.info("smtp.session.open", text);
    CHECK(dropped() > kLines - 2.0 * observe::LogSink::kMostWaiting / 1000);
    CHECK(dropped() < kLines);
  }  // ends although nobody reads
  char some[4096];
  const ssize_t count = read(ends[0], some, sizeof some);
  CHECK(std::string_view(some, static_cast<std::size_t>(std::max<ssize_t>(0, count))).starts_with(R"({"ts":"20)"));
  close(ends[0]);  // the write that waits ends here
  close(ends[1]);
}

TEST_CASE("what is repeated without end is written now and then", "[observe]") {
  prometheus::Registry registry;
  observe::LogSink sink(-1, registry);
  const auto start = observe::LogSink::Clock::now();
  using enum observe::Level;
  for (std::uint64_t i = 0; i < observe::LogSink::kMostOfOneEvent; ++i) CHECK(sink.admit(error, "db.down", start) == 0);
  CHECK_FALSE(sink.admit(error, "db.down", start + 1s));
  CHECK_FALSE(sink.admit(error, "db.down", start + 9s));
  CHECK(sink.admit(warn, "auth.failed", start + 9s) == 0);
  CHECK(sink.admit(error, "db.down", start + 10s) == 2);
  CHECK(sink.admit(error, "db.down", start + 10s) == 0);
  for (int i = 0; i < 1000; ++i) CHECK(sink.admit(info, "smtp.message.received", start) == 0);
}

TEST_CASE("a line tells how many like it were left out", "[observe]") {
  const std::string text = logged([](observe::LogSink& sink) {
    const auto before = observe::LogSink::Clock::now() - observe::LogSink::kWindow;
    for (std::uint64_t i = 0; i < observe::LogSink::kMostOfOneEvent + 7; ++i)
      sink.admit(observe::Level::warn, "db.down", before);
    observe::Log(sink, "smtpd", "mx-1").warn("db.down", "no answer");
  });
  CHECK_THAT(text, Catch::EndsWith(R"(,"suppressed":7})"
                                   "\n"));
}

TEST_CASE("the admin port answers", "[observe]") {
  net::Loop loop;
  prometheus::Registry registry;
  prometheus::BuildCounter().Name("posthouse_test_total").Help("Of the test.").Register(registry).Add({}).Increment(3);
  observe::Readiness readiness;
  std::optional<std::string> reason;
  readiness.add("database", [&] { return reason; });
  std::vector<bool> answers;
  readiness.onAnswer([&](bool isReady) { answers.push_back(isReady); });
  observe::AdminHttp http(loop, net::Address{"127.0.0.1", 0, ""}, {&registry}, readiness,
                          {"0.1.0", "log.level = \"info\"\n"});
  const auto ask = [&](const std::string& request) { return loop.runUntilDone(get(loop, http.address(), request)); };

  CHECK_THAT(ask("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"),
             Catch::StartsWith("HTTP/1.1 200 OK\r\n") && Catch::Contains("posthouse_test_total 3"));
  CHECK_THAT(ask("GET /readyz HTTP/1.1\r\n\r\n"), Catch::EndsWith("\r\n\r\nready\n"));
  CHECK_THAT(ask("GET /readyz?verbose HTTP/1.1\r\n\r\n"), Catch::EndsWith("\r\n\r\n[]\n"));
  reason = "no answer for 12 s";
  CHECK_THAT(ask("GET /readyz HTTP/1.1\r\n\r\n"),
             Catch::StartsWith("HTTP/1.1 503 ") && Catch::EndsWith("\r\n\r\ndatabase: no answer for 12 s\n"));
  CHECK_THAT(ask("GET /readyz?verbose HTTP/1.1\r\n\r\n"),
             Catch::StartsWith("HTTP/1.1 503 ") && Catch::EndsWith("\r\n\r\n[\"database: no answer for 12 s\"]\n"));
  CHECK(answers == std::vector{true, true, false, false});
  CHECK_THAT(ask("GET /startupz HTTP/1.1\r\n\r\n"), Catch::StartsWith("HTTP/1.1 200 "));
  CHECK_THAT(ask("GET /debug/config HTTP/1.1\r\n\r\n"), Catch::EndsWith("\r\n\r\nlog.level = \"info\"\n"));
  CHECK_THAT(ask("GET /healthz HTTP/1.0\r\n\r\n"), Catch::StartsWith("HTTP/1.1 200 "));
  CHECK_THAT(ask("HEAD /healthz HTTP/1.1\r\n\r\n"), Catch::EndsWith("\r\n\r\n"));
  CHECK_THAT(ask("POST /healthz HTTP/1.1\r\n\r\n"), Catch::StartsWith("HTTP/1.1 405 "));
  CHECK_THAT(ask("GET /nothing HTTP/1.1\r\n\r\n"), Catch::StartsWith("HTTP/1.1 404 "));
  CHECK_THAT(ask("garbage\r\n\r\n"), Catch::StartsWith("HTTP/1.1 400 "));
  CHECK_THAT(ask(std::string("\0\xff \x80 HTTP/1.1\r\n\r\n", 17)), Catch::StartsWith("HTTP/1.1 400 "));
  loop.runUntilDone(http.close());
}

TEST_CASE("the admin port refuses requests that are too large", "[observe]") {
  net::Loop loop;
  prometheus::Registry registry;
  observe::Readiness readiness;
  observe::AdminHttp http(loop, net::Address{"127.0.0.1", 0, ""}, {&registry}, readiness,
                          {"0.1.0", "log.level = \"info\"\n"});
  const auto ask = [&](const std::string& request) { return loop.runUntilDone(get(loop, http.address(), request)); };
  std::string fields;
  for (int i = 0; i < 100; ++i) fields += "X: y\r\n";

  CHECK_THAT(ask("GET /healthz HTTP/1.1\r\n" + fields.substr(6) + "\r\n"), Catch::StartsWith("HTTP/1.1 200 "));
  CHECK_THAT(ask("GET /healthz HTTP/1.1\r\n" + fields), Catch::StartsWith("HTTP/1.1 431 "));
  CHECK_THAT(ask("GET /" + std::string(8192, 'x')), Catch::StartsWith("HTTP/1.1 431 "));
  CHECK_THAT(ask("GET /healthz HTTP/1.1\r\nX: " + std::string(8192, 'x')), Catch::StartsWith("HTTP/1.1 431 "));
  CHECK_THAT(ask("GET /healthz HTTP/1.1\r\n\r\n"), Catch::StartsWith("HTTP/1.1 200 "));
  loop.runUntilDone(http.close());
}

TEST_CASE("the process tells about itself", "[observe]") {
  for (const auto& family : observe::ProcessMetrics().Collect()) {
    CAPTURE(family.name);
    REQUIRE(family.metric.size() == 1);
    const double value =
        family.type == prometheus::MetricType::Counter ? family.metric[0].counter.value : family.metric[0].gauge.value;
    if (family.name == "process_start_time_seconds") CHECK(std::abs(value - static_cast<double>(time(nullptr))) < 600);
    if (family.name != "process_cpu_seconds_total") CHECK(value > 0);
  }
}
