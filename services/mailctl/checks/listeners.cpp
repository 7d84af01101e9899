#include <fmt/format.h>

#include <chrono>
#include <stdexcept>

#include "admin_address.h"
#include "checks/checks.h"
#include "net/connect.h"
#include "net/loop.h"

namespace posthouse::mailctl {
namespace {

using namespace std::chrono_literals;

Task<> touch(net::Loop& loop, net::Address address) {
  const auto stream = co_await net::connect(loop, std::move(address), 3s);
  stream->close();
}

Finding connectTo(const std::string& name, const net::Address& address) {
  try {
    net::Loop loop;
    loop.runUntilDone(touch(loop, address));
    return {Grade::ok, "ports", fmt::format("{} takes connections at {}", name, address.text()), ""};
  } catch (const std::runtime_error& error) {
    return {Grade::fail, "ports", fmt::format("{} takes no connection at {}: {}", name, address.text(), error.what()),
            "see that the program runs, and that no firewall is between"};
  }
}

}  // namespace

Findings checkListeners(Context& context) {
  Findings findings;
  for (const std::string& program : context.programs()) {
    for (config::Section& listener : context.configuration().section(program).tables("listener")) {
      const std::string name = fmt::format("{} {}", program, listener.text("name", ""));
      const std::optional<net::Address> address = net::Address::parse(listener.text("address", ""));
      if (address) findings.push_back(connectTo(name, reachable(*address, context.setting(program, "grpc_address"))));
    }
  }
  return findings;
}

}  // namespace posthouse::mailctl
