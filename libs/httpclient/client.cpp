#include "httpclient/client.h"

#include <cassert>
#include <utility>

#include "httpclient/multi.h"
#include "httpclient/transfer.h"
#include "httpclient/url.h"
#include "net/wait.h"

namespace posthouse::httpclient {

/// An answer, and where it sends us instead; empty if it does not.
struct Client::Step {
  Response response;
  std::string location;
};

namespace {

struct Counted {
  std::size_t& count;
  explicit Counted(std::size_t& counted) : count(counted) { ++count; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --count; }
};

void requirePermitted(const std::string& url) {
  if (const auto why = objection(url)) throw Failed(Failed::Why::badUrl, url + " " + *why);
}

}  // namespace

Client::Client(net::Loop& loop, ClientOptions options)
    : loop_(loop), options_(std::move(options)), multi_(std::make_unique<Multi>(loop, options_.maxConnections)) {}

Client::~Client() {
  assert(running_ == 0);
}

Task<Response> Client::fetch(Request request, net::Patience patience) {
  assert(request.maxRedirects == 0 || request.method == Request::Method::get);
  const net::Deadline deadline(patience);
  if (running_ >= options_.maxRequests) throw Failed(Failed::Why::overloaded, "too many requests wait already");
  const Counted counted(running_);
  requirePermitted(request.url);
  for (int followed = 0;; ++followed) {
    Step step = co_await fetchOnce(request, deadline.left());
    if (request.maxRedirects == 0 || step.location.empty()) co_return std::move(step.response);
    if (followed == request.maxRedirects)
      throw Failed(Failed::Why::redirected, request.url + " was redirected once too often");
    if (schemeOf(step.location) != schemeOf(request.url))
      throw Failed(Failed::Why::redirected, request.url + " was redirected to another scheme");
    requirePermitted(step.location);
    request.url = std::move(step.location);
  }
}

Task<Client::Step> Client::fetchOnce(const Request& request, net::Patience patience) {
  net::Wait wait(loop_, patience);
  Transfer transfer(*multi_, request, options_, wait);
  try {
    co_await wait;
  } catch (const net::Interrupted& interrupted) {
    if (interrupted.why != net::Interrupt::timeout) throw;
    throw Failed(Failed::Why::timeout, request.url + " did not answer in time");
  }
  Step step;
  step.location = transfer.location();
  step.response = transfer.takeResponse();
  co_return step;
}

}  // namespace posthouse::httpclient
