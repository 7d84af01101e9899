#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "async/task_group.h"
#include "net/connect.h"
#include "net/line_stream.h"
#include "net/tcp_listener.h"
#include "net/tls_context.h"

using namespace posthouse;
using namespace posthouse::net;
using namespace std::chrono_literals;

namespace {

/// A certificate for mail.test that signs itself, made for one test.
struct Certificate {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("posthouse-tls-test-" + std::to_string(getpid()));
  std::string certificate = folder / "certificate.pem";
  std::string key = folder / "key.pem";
  Certificate() {
    std::filesystem::create_directories(folder);
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=mail.test "
        "-addext subjectAltName=DNS:mail.test -keyout " +
        key + " -out " + certificate + " 2>/dev/null";
    REQUIRE(std::system(command.c_str()) == 0);
  }
  ~Certificate() { std::filesystem::remove_all(folder); }
};

Task<> serve(std::unique_ptr<ByteStream> client, const TlsContext& context) {
  LineStream lines(std::move(client));
  auto line = co_await lines.readLine(100, 5s);
  if (line != "STARTTLS") co_return;
  lines.write("220 Go ahead\r\n");
  co_await lines.flush(5s);
  try {
    co_await lines.startTls(context, 5s);
    while ((line = co_await lines.readLine(2 << 20, 5s))) {
      lines.write(*line + "\r\n");
      co_await lines.flush(5s);
    }
  } catch (const ConnectionLost&) {  // a client that refuses the certificate
  }
}

Task<std::string> ask(Loop& loop, Address address, const TlsContext& context, std::string serverName,
                      std::string question) {
  LineStream lines(co_await connect(loop, std::move(address), 5s));
  lines.write("STARTTLS\r\n");
  co_await lines.flush(5s);
  co_await lines.readLine(100, 5s);
  co_await lines.startTlsAsClient(context, serverName, 5s);
  lines.write(question + "\r\n");
  co_await lines.flush(5s);
  auto answer = co_await lines.readLine(2 << 20, 5s);
  if (!lines.bytes().isSecure()) co_return "not secure";
  co_await lines.bytes().shutdown(5s);
  co_return answer.value_or("(end)");
}

/// What a client hears that sends a record which no key has made.
Task<std::string> sendBadRecord(Loop& loop, Address address, const TlsContext& context) {
  LineStream lines(co_await connect(loop, std::move(address), 5s));
  lines.write("STARTTLS\r\n");
  co_await lines.flush(5s);
  co_await lines.readLine(100, 5s);
  ByteStream& inTheClear = lines.bytes();
  co_await lines.startTlsAsClient(context, "mail.test", 5s);
  co_await inTheClear.write(std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'x'), 5s);
  try {
    co_await lines.readLine(100, 5s);
  } catch (const ConnectionLost& lost) {
    co_return lost.what();
  }
  co_return "(end)";
}

}  // namespace

TEST_CASE("a bad record is answered with an alert", "[net]") {
  Loop loop;
  const Certificate files;
  const TlsContext serverContext = TlsContext::server(files.certificate, files.key);
  const TlsContext strict = TlsContext::client(TlsContext::Verify::serverName, files.certificate);
  TaskGroup group;
  {
    TcpListener listener(loop, Address{"127.0.0.1", 0, ""}, [&](std::unique_ptr<ByteStream> client) {
      group.spawn(serve(std::move(client), serverContext));
    });
    CHECK_THAT(loop.runUntilDone(sendBadRecord(loop, listener.address(), strict)),
               Catch::Contains("alert bad record mac"));
  }
  loop.runUntilDone(group.drained());
}

TEST_CASE("TLS begins in the middle of a conversation, and large answers pass", "[net]") {
  Loop loop;
  const Certificate files;
  const TlsContext serverContext = TlsContext::server(files.certificate, files.key);
  TaskGroup group;
  {
    TcpListener listener(loop, Address{"127.0.0.1", 0, ""}, [&](std::unique_ptr<ByteStream> client) {
      group.spawn(serve(std::move(client), serverContext));
    });
    const TlsContext any = TlsContext::client(TlsContext::Verify::none);
    const TlsContext strict = TlsContext::client(TlsContext::Verify::serverName, files.certificate);
    const std::string large(1'000'000, 'x');
    CHECK(loop.runUntilDone(ask(loop, listener.address(), any, "other.test", "hello")) == "hello");
    CHECK(loop.runUntilDone(ask(loop, listener.address(), strict, "mail.test", large)) == large);
    CHECK_THROWS_WITH(loop.runUntilDone(ask(loop, listener.address(), strict, "other.test", "hello")),
                      Catch::Contains("hostname mismatch"));
  }
  loop.runUntilDone(group.drained());
  CHECK(TlsCertificate::load(files.certificate, files.key).notAfter() > std::chrono::system_clock::now() + 24h);
}

TEST_CASE("a missing key file is named", "[net]") {
  CHECK_THROWS_WITH(TlsContext::server("/nonexistent/certificate.pem", "/nonexistent/key.pem"),
                    Catch::Contains("/nonexistent/certificate.pem"));
}
