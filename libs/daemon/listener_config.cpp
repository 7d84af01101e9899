#include "daemon/listener_config.h"

#include "daemon/client_policy.h"

namespace posthouse::daemon {

ListenerConfig ListenerConfig::from(config::Section& section) {
  ListenerConfig config;
  config.name = section.text("name");
  config.address = daemon::address(section, "address", "");
  const std::string tls = section.choice("tls", {"none", "starttls", "implicit"}, "none");
  config.tls = tls == "implicit" ? Tls::implicit : tls == "starttls" ? Tls::starttls : Tls::none;
  config.proxyProtocol = section.choice("proxy_protocol", {"off", "required"}, "off") == "required";
  config.proxyTrusted = networks(section, "proxy_trusted");
  if (config.proxyProtocol && config.proxyTrusted.empty()) {
    section.fail("proxy_trusted", "list the networks of your proxies: their word decides who the client is");
  }
  return config;
}

}  // namespace posthouse::daemon
