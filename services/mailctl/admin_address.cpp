#include "admin_address.h"

namespace posthouse::mailctl {

net::Address reachable(net::Address listening, const std::string& grpcAddress) {
  if (listening.host != "0.0.0.0" && listening.host != "::") return listening;
  const std::optional<net::Address> grpc = net::Address::parse(grpcAddress);
  const bool named = grpc && !grpc->isUnix() && grpc->host != "0.0.0.0" && grpc->host != "::";
  listening.host = named ? grpc->host : "127.0.0.1";
  return listening;
}

std::optional<net::Address> adminAddress(Context& context, const std::string& program) {
  const std::optional<net::Address> address = net::Address::parse(context.setting(program, "admin_address"));
  if (!address) return std::nullopt;
  return reachable(*address, context.setting(program, "grpc_address"));
}

}  // namespace posthouse::mailctl
