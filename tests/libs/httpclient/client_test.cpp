#include "httpclient/client.h"

#include <catch2/catch.hpp>
#include <functional>

#include "net/tls_certificate.h"
#include "support/authority.h"
#include "support/self_signed.h"
#include "support/small_http_server.h"

using namespace posthouse;
using namespace posthouse::httpclient;
using namespace std::chrono_literals;
using test::SmallHttpServer;
using Why = Failed::Why;

namespace {

/// A client and a server on one loop, which end in the right order.
struct Street {
  explicit Street(SmallHttpServer::Handler handler, std::optional<net::TlsContext> tls = std::nullopt,
                  ClientOptions options = {})
      : server(loop, std::move(handler), std::move(tls)), client(std::in_place, loop, std::move(options)) {}
  ~Street() {
    client.reset();
    loop.runUntilDone(server.close());
  }

  Response fetch(Request request, net::Patience patience = 10s) {
    return loop.runUntilDone(client->fetch(std::move(request), std::move(patience)));
  }
  Response get(std::string_view path) { return fetch({.url = server.url(path), .headers = {}}); }

  Why failure(Request request, net::Patience patience = 10s) {
    try {
      const Response response = fetch(std::move(request), std::move(patience));
      FAIL("an answer with status " << response.status << ": " << response.body);
    } catch (const Failed& failed) {
      CAPTURE(failed.what());
      return failed.why;
    }
    return Why::badUrl;
  }

  net::Loop loop;
  SmallHttpServer server;
  std::optional<Client> client;
};

SmallHttpServer::Handler always(std::string answer) {
  return [answer](const SmallHttpServer::Asked&) { return std::optional(answer); };
}

}  // namespace

TEST_CASE("what was asked for comes with its status, headers and body", "[httpclient]") {
  Street street(
      always(SmallHttpServer::answer("200 OK", "{\"keys\":[]}", "Cache-Control:  max-age=60 \r\nX-A: b\r\n")));
  const Response response =
      street.fetch({.url = street.server.url("/keys?x=1"), .headers = {{"Accept", "application/json"}}});
  CHECK(response.status == 200);
  CHECK(response.body == "{\"keys\":[]}");
  CHECK(response.header("cache-control") == "max-age=60");
  CHECK(response.header("X-A") == "b");
  CHECK_FALSE(response.header("X-B"));
  REQUIRE(street.server.asked.size() == 1);
  CHECK(street.server.asked[0].line == "GET /keys?x=1 HTTP/1.1");
  CHECK(street.server.asked[0].header("Accept") == "application/json");
  CHECK(street.server.asked[0].header("User-Agent") == "Posthouse");
}

TEST_CASE("a POST sends its body as it is", "[httpclient]") {
  Street street(always(SmallHttpServer::answer("200 OK", "")));
  const std::string body("token=\0%41&x", 12);
  street.fetch({.method = Request::Method::post,
                .url = street.server.url("/"),
                .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
                .body = body});
  REQUIRE(street.server.asked.size() == 1);
  CHECK(street.server.asked[0].line == "POST / HTTP/1.1");
  CHECK(street.server.asked[0].body == body);
  CHECK(street.server.asked[0].header("Content-Type") == "application/x-www-form-urlencoded");
  CHECK(street.server.asked[0].header("Expect").empty());
}

TEST_CASE("a status is an answer, whatever it is", "[httpclient]") {
  const auto [line, status] =
      GENERATE(table<std::string, int>({{"404 Not Found", 404}, {"500 Oh", 500}, {"302 Found", 302}, {"204 No", 204}}));
  Street street(always(SmallHttpServer::answer(line, "", "Location: /other\r\n")));
  CHECK(street.get("/").status == status);
  CHECK(street.server.asked.size() == 1);
}

TEST_CASE("a connection is used again, until the server closes it", "[httpclient]") {
  Street street(always(SmallHttpServer::answer("200 OK", "x")));
  CHECK(street.get("/1").body == "x");
  CHECK(street.get("/2").body == "x");
  CHECK(street.server.connections == 1);
  street.server.hangsUp = true;
  CHECK(street.get("/3").body == "x");
  CHECK(street.get("/4").body == "x");
  CHECK(street.server.connections == 2);
}

TEST_CASE("a silent server is given up on in time", "[httpclient]") {
  Street street([](const SmallHttpServer::Asked&) { return std::nullopt; });
  CHECK(street.failure({.url = street.server.url("/"), .headers = {}}, 100ms) == Why::timeout);
  CHECK(street.server.connections == 1);
}

TEST_CASE("a server that sends its answer for ever is given up on in time", "[httpclient]") {
  Street street(always("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbeginning"));
  CHECK(street.failure({.url = street.server.url("/"), .headers = {}}, 100ms) == Why::timeout);
}

TEST_CASE("a stop drops what was begun", "[httpclient]") {
  std::stop_source stop;
  Street street([&stop](const SmallHttpServer::Asked&) {
    stop.request_stop();
    return std::nullopt;
  });
  CHECK_THROWS_AS(street.fetch({.url = street.server.url("/"), .headers = {}}, {10s, stop.get_token()}),
                  net::Interrupted);
}

TEST_CASE("an answer that is too large is not taken", "[httpclient]") {
  const std::string answer = GENERATE(
      SmallHttpServer::answer("200 OK", std::string(1001, 'x')),
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" + std::string(2000, 'x') + "\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + std::string(2000, 'x'));
  Street street(always(answer));
  CHECK(street.failure({.url = street.server.url("/"), .headers = {}, .maxBody = 1000}) == Why::tooLarge);
}

TEST_CASE("an answer that is as large as it may be is taken", "[httpclient]") {
  Street street(always(SmallHttpServer::answer("200 OK", std::string(1000, 'x'))));
  CHECK(street.fetch({.url = street.server.url("/"), .headers = {}, .maxBody = 1000}).body.size() == 1000);
}

TEST_CASE("headers without end are not taken", "[httpclient]") {
  std::string headers;
  for (int i = 0; i < 100; ++i) headers += "X-" + std::to_string(i) + ": " + std::string(1000, 'x') + "\r\n";
  Street street(always(SmallHttpServer::answer("200 OK", "", headers)));
  CHECK(street.failure({.url = street.server.url("/"), .headers = {}}) == Why::tooLarge);
}

TEST_CASE("an answer that is cut off is none", "[httpclient]") {
  const std::string answer = GENERATE("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345",
                                      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
                                      "HTTP/1.1 200", "", "SSH-2.0-OpenSSH_9.2\r\n", "{\"keys\":[]}\r\n");
  CAPTURE(answer);
  Street street(always(answer));
  street.server.hangsUp = true;
  CHECK(street.failure({.url = street.server.url("/"), .headers = {}}) == Why::brokenOff);
}

TEST_CASE("where nobody listens, that is said", "[httpclient]") {
  Street street(always(""));
  CHECK(street.failure({.url = "http://127.0.0.1:1/", .headers = {}}) == Why::unreachable);
}

TEST_CASE("what is not https is not fetched from elsewhere", "[httpclient]") {
  Street street(always(""));
  CHECK(street.failure({.url = "http://192.0.2.1/", .headers = {}}) == Why::badUrl);
  CHECK(street.failure({.url = "file:///etc/passwd", .headers = {}}) == Why::badUrl);
}

TEST_CASE("redirections are followed as far as the caller says, and never to another scheme", "[httpclient]") {
  const auto location = [](const std::string& url) {
    return SmallHttpServer::answer("302 Found", "", "Location: " + url + "\r\n");
  };
  Street street([&](const SmallHttpServer::Asked& asked) -> std::optional<std::string> {
    if (asked.line.starts_with("GET /a ")) return location("/b");
    if (asked.line.starts_with("GET /b ")) return location("c");
    if (asked.line.starts_with("GET /c ")) return SmallHttpServer::answer("200 OK", "here");
    if (asked.line.starts_with("GET /out ")) return location("http://192.0.2.1/");
    if (asked.line.starts_with("GET /file ")) return location("file:///etc/passwd");
    if (asked.line.starts_with("GET /secure ")) return location("https://127.0.0.1/");
    return location("/round");
  });
  const auto following = [&](std::string_view path, int most) {
    return Request{.url = street.server.url(path), .headers = {}, .maxRedirects = most};
  };
  CHECK(street.fetch(following("/a", 2)).body == "here");
  CHECK(street.failure(following("/a", 1)) == Why::redirected);
  CHECK(street.failure(following("/round", 5)) == Why::redirected);
  CHECK(street.failure(following("/out", 5)) == Why::badUrl);
  CHECK(street.failure(following("/file", 5)) == Why::redirected);
  CHECK(street.failure(following("/secure", 5)) == Why::redirected);
}

TEST_CASE("a certificate must be the host's, and of an authority that is trusted", "[httpclient]") {
  const test::Authority authority;
  const test::Authority other;
  const auto certificate = authority.issue("idp.test");
  const auto tls = net::TlsContext::server(certificate.file, certificate.key);
  const auto handler = always(SmallHttpServer::answer("200 OK", "secure"));
  {
    Street street(handler, tls, {.caFile = authority.file()});
    CHECK(street.get("/").body == "secure");
  }
  {
    Street street(handler, tls, {.caFile = other.file()});
    CHECK(street.failure({.url = street.server.url("/"), .headers = {}}) == Why::untrusted);
  }
  {
    Street street(handler, tls);
    CHECK(street.failure({.url = street.server.url("/"), .headers = {}}) == Why::untrusted);
  }
  {
    const test::SelfSigned elsewhere("elsewhere.test");
    Street street(handler, net::TlsContext::server(elsewhere.certificate, elsewhere.key),
                  {.caFile = elsewhere.certificate});
    CHECK(street.failure({.url = street.server.url("/"), .headers = {}}) == Why::untrusted);
  }
}

TEST_CASE("many requests at once share what connections there are, and too many are refused", "[httpclient]") {
  Street street(always(SmallHttpServer::answer("200 OK", "x")), std::nullopt, {.maxRequests = 50, .maxConnections = 4});
  int answered = 0;
  int refused = 0;
  TaskGroup group;
  const auto one = [](Street& at, int& good, int& bad) -> Task<> {
    try {
      const Response response = co_await at.client->fetch({.url = at.server.url("/"), .headers = {}}, 10s);
      if (response.body == "x") ++good;
    } catch (const Failed& failed) {
      if (failed.why == Why::overloaded) ++bad;
    }
  };
  for (int i = 0; i < 60; ++i) group.spawn(one(street, answered, refused));
  street.loop.runUntilDone(group.drained());
  CHECK(answered == 50);
  CHECK(refused == 10);
  CHECK(street.server.connections <= 4);
}
