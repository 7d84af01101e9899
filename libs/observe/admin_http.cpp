#include "observe/admin_http.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <iterator>

#include "observe/log.h"

namespace posthouse::observe {

namespace {

using namespace std::chrono_literals;

constexpr const char* kText = "text/plain; charset=utf-8";
constexpr std::size_t kMaxLine = 8 * 1024;
constexpr std::size_t kMaxFields = 100;
constexpr std::size_t kMaxRequests = 64;

}  // namespace

AdminHttp::AdminHttp(net::Loop& loop, const net::Address& address, std::vector<const prometheus::Collectable*> metrics,
                     const Readiness& readiness, About about)
    : loop_(loop),
      metrics_(std::move(metrics)),
      readiness_(readiness),
      about_(std::move(about)),
      requests_([](std::exception_ptr) {}) {
  listener_ = std::make_unique<net::TcpListener>(loop_, address, [this](std::unique_ptr<net::ByteStream> client) {
    if (requests_.size() < kMaxRequests) requests_.spawn(serve(std::move(client)));
  });
}

Task<> AdminHttp::close() {
  listener_.reset();
  stop_.request_stop();
  co_await requests_.drained();
}

HttpResponse AdminHttp::answer(const std::optional<RequestLine>& request) const {
  if (!request) return {400, kText, "bad request\n"};
  const auto& [method, path, query] = *request;
  if (method != "GET" && method != "HEAD") return {405, kText, "only GET\n"};
  if (path == "/healthz" || path == "/startupz") return {200, kText, "ok\n"};
  if (path == "/version") return {200, kText, about_.version + "\n"};
  if (path == "/debug/config") return {200, kText, about_.configuration};
  if (path == "/metrics") {
    std::vector<prometheus::MetricFamily> families;
    for (const prometheus::Collectable* source : metrics_) {
      auto collected = source->Collect();
      std::move(collected.begin(), collected.end(), std::back_inserter(families));
    }
    return {200, "text/plain; version=0.0.4; charset=utf-8", prometheus::TextSerializer().Serialize(families)};
  }
  if (path == "/readyz") return readiness(query == "verbose");
  return {404, kText, "there is /metrics, /startupz, /healthz, /readyz, /version and /debug/config\n"};
}

HttpResponse AdminHttp::readiness(bool verbose) const {
  const auto reasons = readiness_.reasons();
  const int status = reasons.empty() ? 200 : 503;
  std::string body;
  if (verbose) {
    for (const std::string& reason : reasons) appendJsonString(body += body.empty() ? "" : ",", reason);
    return {status, "application/json", "[" + body + "]\n"};
  }
  for (const std::string& reason : reasons) body += reason + "\n";
  return {status, kText, reasons.empty() ? "ready\n" : body};
}

/// The request line once all header fields have come, nothing if the client leaves before. Throws net::LineTooLong, for
/// too many fields, too.
Task<std::optional<std::string>> AdminHttp::readRequest(net::LineStream& stream, const net::Patience& patience) {
  auto request = co_await stream.readLine(kMaxLine, patience);
  if (!request) co_return std::nullopt;
  for (std::size_t fields = 0; fields < kMaxFields; ++fields) {
    const auto line = co_await stream.readLine(kMaxLine, patience);
    if (!line) co_return std::nullopt;
    if (line->empty()) co_return request;
  }
  throw net::LineTooLong();
}

Task<> AdminHttp::serve(std::unique_ptr<net::ByteStream> client) {
  net::LineStream stream(std::move(client));
  const net::Patience patience(10s, stop_.get_token());
  std::optional<std::string> request;
  bool tooLarge = false;
  try {
    request = co_await readRequest(stream, patience);
  } catch (const net::LineTooLong&) {
    tooLarge = true;
  }
  if (!request && !tooLarge) co_return;
  std::optional<RequestLine> line;
  if (request) line = parseRequestLine(*request);
  const HttpResponse response = tooLarge ? HttpResponse{431, "text/plain", "the request is too large\n"} : answer(line);
  stream.write(renderResponse(response, line && line->method == "HEAD"));
  co_await stream.flush(patience);
  co_await stream.bytes().shutdown(patience);
}

}  // namespace posthouse::observe
