#include <fmt/format.h>

#include "admin_address.h"
#include "checks/checks.h"
#include "grpc_health.h"
#include "http_get.h"

namespace posthouse::mailctl {
namespace {

std::string oneLine(std::string text) {
  for (std::size_t at = 0; (at = text.find('\n', at)) != text.npos;) text.replace(at, 1, "; ");
  return text;
}

Finding adminPort(const std::string& program, const net::Address& address) {
  const HttpAnswer alive = httpGet(address, "/healthz");
  if (alive.status == 0)
    return {Grade::fail, "programs", fmt::format("{} does not answer at {}: {}", program, address.text(), alive.body),
            fmt::format("start it (scripts/up, or systemctl start posthouse-{}) and read its log", program)};
  if (alive.status != 200)
    return {Grade::fail, "programs", fmt::format("{} is unwell: {}", program, oneLine(alive.body)), "restart it"};
  const HttpAnswer ready = httpGet(address, "/readyz");
  if (ready.status != 200)
    return {Grade::fail, "programs", fmt::format("{} lives, and is not ready: {}", program, oneLine(ready.body)),
            "mend what it names; it goes on by itself"};
  return {Grade::ok, "programs", fmt::format("{} is ready ({})", program, address.text()), ""};
}

}  // namespace

Findings checkPrograms(Context& context) {
  Findings findings;
  for (const std::string& program : context.programs()) {
    const std::optional<net::Address> address = adminAddress(context, program);
    if (address) {
      findings.push_back(adminPort(program, *address));
    } else {
      findings.push_back({Grade::warn, "programs", fmt::format("{} has no admin_address to ask", program),
                          fmt::format("set [{}] admin_address", program)});
    }
    const std::string grpc = context.setting(program, "grpc_address");
    if (grpc.empty()) continue;
    const std::optional<std::string> objection = grpcObjection(context.channel(program));
    if (objection) {
      findings.push_back(
          {Grade::fail, "grpc", fmt::format("{} at {}: {}", program, grpc, *objection),
           "see that the program runs, that you may use its socket, and over TCP that [grpc] has the certificates"});
    } else {
      findings.push_back({Grade::ok, "grpc", fmt::format("{} serves at {}", program, grpc), ""});
    }
  }
  return findings;
}

}  // namespace posthouse::mailctl
