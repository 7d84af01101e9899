#include "events/peers.h"

#include "rpc/address.h"

namespace posthouse::events {

std::vector<std::string> peers(config::Configuration& configuration) {
  config::Section section = configuration.section("events");
  std::vector<std::string> peers = rpc::addresses(configuration, section, "peers");
  section.rejectUnread();
  return peers;
}

}  // namespace posthouse::events
