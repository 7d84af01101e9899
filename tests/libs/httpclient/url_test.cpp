#include "httpclient/url.h"

#include <catch2/catch.hpp>

using namespace posthouse;

TEST_CASE("https goes anywhere, http to this machine only", "[httpclient]") {
  const auto [url, isFetched] = GENERATE(table<std::string, bool>({
      {"https://example.org/keys", true},
      {"HTTPS://Example.org", true},
      {"https://[2001:db8::1]:8443/", true},
      {"http://localhost:8080/keys", true},
      {"http://127.0.0.1/", true},
      {"http://127.1/", true},
      {"http://[::1]:80/", true},
      {"http://example.org/keys", false},
      {"http://localhost.example.org/", false},
      {"http://127.0.0.1.example.org/", false},
      {"http://localhost@example.org/", false},
      {"https://user:secret@example.org/", false},
      {"ftp://localhost/keys", false},
      {"file:///etc/passwd", false},
      {"example.org", false},
      {"https://", false},
      {"", false},
  }));
  CAPTURE(url);
  CHECK(httpclient::objection(url).has_value() != isFetched);
}
