#include "events/name_lookup.h"

#include <netdb.h>

#include <memory>

#include "net/address.h"
#include "net/wait.h"

namespace posthouse::events {

namespace {

/// A question on its way. Whoever asked may be gone before the answer comes.
struct Lookup {
  uv_getaddrinfo_t request{};
  net::Wait* wait = nullptr;
  int status = 0;
  std::unique_ptr<addrinfo, decltype(&uv_freeaddrinfo)> found{nullptr, uv_freeaddrinfo};
};

/// Tells the question that nobody waits any more.
struct Leaving {
  Lookup& lookup;
  ~Leaving() { lookup.wait = nullptr; }
};

void answered(uv_getaddrinfo_t* request, int status, addrinfo* found) {
  const std::unique_ptr<std::shared_ptr<Lookup>> held(static_cast<std::shared_ptr<Lookup>*>(request->data));
  Lookup& lookup = **held;
  lookup.status = status;
  lookup.found.reset(found);
  if (lookup.wait != nullptr) lookup.wait->finish();
}

}  // namespace

bool isName(const std::string& peer) {
  const auto address = net::Address::parse(peer);
  return address && !address->isUnix() && !net::Network::parse(address->host);
}

Task<std::optional<std::vector<std::string>>> lookUp(net::Loop& loop, std::string peer, net::Patience patience) {
  const net::Address name = net::Address::parse(peer).value();
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  const auto lookup = std::make_shared<Lookup>();
  auto held = std::make_unique<std::shared_ptr<Lookup>>(lookup);
  lookup->request.data = held.get();
  if (uv_getaddrinfo(loop.uv(), &lookup->request, answered, name.host.c_str(), std::to_string(name.port).c_str(),
                     &hints) != 0)
    co_return std::nullopt;
  static_cast<void>(held.release());  // the answer frees it
  net::Wait wait(loop, patience);
  const Leaving leaving{*lookup};
  lookup->wait = &wait;
  co_await wait;
  if (lookup->status != 0) co_return std::nullopt;
  std::vector<std::string> addresses;
  for (const addrinfo* each = lookup->found.get(); each != nullptr; each = each->ai_next)
    addresses.push_back(net::Address::of(each->ai_addr).text());
  co_return addresses;
}

}  // namespace posthouse::events
