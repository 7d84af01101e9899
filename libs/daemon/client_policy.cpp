#include "daemon/client_policy.h"

#include <fmt/core.h>

namespace posthouse::daemon {

namespace {

bool anyContains(const std::vector<net::Network>& networks, const net::Address& address) {
  return std::any_of(networks.begin(), networks.end(),
                     [&](const net::Network& network) { return network.contains(address); });
}

}  // namespace

std::vector<net::Network> networks(config::Section& section, std::string_view key) {
  std::vector<net::Network> parsed;
  for (const std::string& text : section.list(key)) {
    if (const auto network = net::Network::parse(text)) {
      parsed.push_back(*network);
    } else {
      section.fail(key,
                   fmt::format("\"{}\" is not a network; write it as \"192.0.2.0/24\" or \"2001:db8::/32\"", text));
    }
  }
  return parsed;
}

net::Address address(config::Section& section, std::string_view key, std::string_view otherwise) {
  const std::string text = section.text(key, otherwise);
  if (const auto parsed = net::Address::parse(text)) return *parsed;
  section.fail(
      key,
      fmt::format("\"{}\" is not an address; write it as \"127.0.0.1:2525\", \"[::]:25\" or \"unix:/path\"", text));
  return {};
}

void ClientLimits::read(config::Section& section) {
  constexpr std::int64_t kMany = 1'000'000;
  const auto count = [&](std::string_view key, std::size_t& limit) {
    limit = static_cast<std::size_t>(section.integer(key, static_cast<std::int64_t>(limit), 1, kMany));
  };
  count("max_connections", connections);
  count("max_connections_per_address", connectionsPerAddress);
  count("max_connections_per_account", connectionsPerAccount);
  count("max_idle_commands", idleCommands);
  const auto asked = section.duration("max_silence", silence);
  // The system counts TCP_KEEPIDLE in seconds, 32767 at most. What [limits] said wrong was told there.
  if (asked != silence && (asked < std::chrono::seconds(3) || asked > std::chrono::hours(12)))
    section.fail("max_silence", "write what is from \"3s\" to \"12h\"");
  silence = asked;
}

ClientPolicy ClientPolicy::from(config::Configuration& configuration, config::Section& program) {
  ClientPolicy policy;
  config::Section auth = configuration.section("auth");
  policy.plaintextNetworks = networks(auth, "plaintext_networks");
  auth.rejectUnread();
  config::Section limits = configuration.section("limits");
  policy.exemptNetworks = networks(limits, "exempt_networks");
  policy.limits.read(limits);
  limits.rejectUnread();
  policy.limits.read(program);
  return policy;
}

bool ClientPolicy::isProtected(const net::ByteStream& client) const {
  return client.isSecure() || client.peer().isLoopback() || anyContains(plaintextNetworks, client.peer());
}

bool ClientPolicy::isExempt(const net::Address& client) const {
  return client.isLoopback() || anyContains(exemptNetworks, client);
}

}  // namespace posthouse::daemon
