#include "daemon/listener_config.h"

#include "daemon/client_policy.h"
#include "daemon/tls_settings.h"

namespace posthouse::daemon {

ListenerConfig ListenerConfig::from(config::Section& section, For whom) {
  ListenerConfig config;
  config.name = section.text("name");
  config.address = daemon::address(section, "address", "");
  const std::string tls = section.choice("tls", {"none", "starttls", "implicit"}, "none");
  config.tls = tls == "implicit" ? Tls::implicit : tls == "starttls" ? Tls::starttls : Tls::none;
  config.clientCertificates = daemon::clientCertificates(section, "client_certificates");
  if (config.tls == Tls::none &&
      config.clientCertificates.value_or(net::ClientCertificates::off) != net::ClientCertificates::off)
    section.fail("client_certificates", "are shown in TLS, which this listener has not");
  if (whom == For::programs && !config.clientCertificates) config.clientCertificates = net::ClientCertificates::off;
  config.proxyProtocol = section.choice("proxy_protocol", {"off", "required"}, "off") == "required";
  config.proxyTrusted = networks(section, "proxy_trusted");
  if (config.proxyProtocol && config.proxyTrusted.empty()) {
    section.fail("proxy_trusted", "list the networks of your proxies: their word decides who the client is");
  }
  return config;
}

}  // namespace posthouse::daemon
