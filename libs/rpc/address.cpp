#include "rpc/address.h"

#include <fmt/core.h>

#include "net/address.h"

namespace posthouse::rpc {

namespace {

void check(config::Configuration& configuration, config::Section& section, std::string_view key,
           const std::string& text) {
  const auto parsed = net::Address::parse(text);
  if (!parsed) {
    section.fail(key, fmt::format("\"{}\" is not an address; write it as \"unix:/path\" or \"host:port\"", text));
  } else if (!parsed->isUnix() && !configuration.section("grpc").has("certificate")) {
    section.fail(key, fmt::format("gRPC over TCP ({}) needs mutual TLS: set grpc.certificate, grpc.key and "
                                  "grpc.ca_file, or use unix:/path",
                                  text));
  }
}

}  // namespace

std::string address(config::Configuration& configuration, config::Section& section, std::string_view key,
                    std::string_view otherwise) {
  std::string text = section.text(key, otherwise);
  if (section.has(key)) check(configuration, section, key, text);
  return text;
}

std::string addressOf(config::Configuration& configuration, std::string_view program) {
  constexpr std::string_view kKey = "grpc_address";
  config::Section section = configuration.section(program);
  std::string text = section.text(kKey);
  if (section.has(kKey)) check(configuration, section, kKey, text);
  return text;
}

std::vector<std::string> addresses(config::Configuration& configuration, config::Section& section,
                                   std::string_view key) {
  std::vector<std::string> texts = section.list(key);
  for (const std::string& text : texts) check(configuration, section, key, text);
  return texts;
}

}  // namespace posthouse::rpc
