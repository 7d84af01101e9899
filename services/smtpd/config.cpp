#include "config.h"

#include <utility>

#include "rpc/address.h"

namespace posthouse::smtpd {
namespace {

ListenerConfig listener(config::Section& section) {
  const std::string service =
      section.choice("service", {"mx", "submission"}, section.text("name", "") == "mx" ? "mx" : "submission");
  const bool isMx = service == "mx";
  using daemon::ListenerConfig::For::people, daemon::ListenerConfig::For::programs;
  ListenerConfig listener{daemon::ListenerConfig::from(section, isMx ? programs : people)};
  listener.service = isMx ? Service::mx : Service::submission;
  section.rejectUnread();
  return listener;
}

}  // namespace

Config Config::from(config::Configuration& configuration, config::Section& own, std::string hostname) {
  Config config;
  config.hostname = std::move(hostname);
  config.postmaster = own.text("postmaster", "postmaster@" + config.hostname);
  for (config::Section& section : own.tables("listener")) config.listeners.push_back(listener(section));
  config.maxMessageSize = own.bytes("max_message_size", config.maxMessageSize);
  config.maxHeaderSize = own.bytes("max_header_size", config.maxHeaderSize);
  config.maxRecipients = static_cast<std::size_t>(own.integer("max_recipients", 1000, 100, 100'000));
  config.maxErrors = static_cast<std::size_t>(own.integer("max_errors", 50, 1, 1'000'000));
  config.commandTimeout = own.duration("command_timeout", config.commandTimeout);
  config.dataTimeout = own.duration("data_timeout", config.dataTimeout);
  config.maxDataTime = own.duration("max_data_time", config.maxDataTime);
  config.deliveryBudget = own.duration("delivery_budget", config.deliveryBudget);
  config.queueLifetime = own.duration("queue_lifetime", config.queueLifetime);
  config.messageMemory = own.bytes("message_memory", config.messageMemory);
  config.checkFrom = own.flag("check_from", config.checkFrom);
  config.relayNetworks = daemon::networks(own, "relay_networks");
  config.lmtpAddress = daemon::address(own, "lmtp_address", "127.0.0.1:2424");

  config.database = daemon::DatabaseSettings::from(configuration, own);
  config.clientPolicy = daemon::ClientPolicy::from(configuration, own);
  own.rejectUnread();

  config::Section accountd = configuration.section("accountd");
  config.accountdAddress = rpc::address(configuration, accountd, "grpc_address", "unix:/run/posthouse/accountd.sock");
  config::Section filterd = configuration.section("filterd");
  config.filterdAddress = rpc::address(configuration, filterd, "grpc_address", "unix:/run/posthouse/filterd.sock");
  config.filterDeadline = filterd.duration("deadline", config.filterDeadline);
  config.acceptUnfiltered = filterd.choice("on_failure", {"accept", "defer"}, "defer") == "accept";
  return config;
}

}  // namespace posthouse::smtpd
