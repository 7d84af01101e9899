#pragma once
#include <cstddef>
#include <memory>
#include <string>

#include "async/task.h"
#include "httpclient/message.h"
#include "net/loop.h"
#include "net/patience.h"

namespace posthouse::httpclient {

class Multi;

struct ClientOptions {
  std::string caFile{};  // PEM; empty: the authorities that the system trusts
  std::string userAgent = "Posthouse";
  std::size_t maxRequests = 256;  // at once; one more fails
  long maxConnections = 32;       // at once; requests beyond wait for one
};

/// Fetches over HTTP/1.1 and HTTP/2. Keeps connections for a while, for who asks the same host again.
class Client {
 public:
  explicit Client(net::Loop& loop, ClientOptions options = {});
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  /// Nobody may be waiting any more; not from within a coroutine that fetch() has resumed in the same turn of the loop.
  ~Client();

  /// The answer, whatever its status. `patience` bounds the whole, redirections too. Throws Failed, also when time is
  /// up; net::Interrupted for a stop or a wakeup. What was begun is then dropped.
  Task<Response> fetch(Request request, net::Patience patience);

 private:
  struct Step;
  Task<Step> fetchOnce(const Request& request, net::Patience patience);

  net::Loop& loop_;
  const ClientOptions options_;
  std::unique_ptr<Multi> multi_;
  std::size_t running_ = 0;
};

}  // namespace posthouse::httpclient
