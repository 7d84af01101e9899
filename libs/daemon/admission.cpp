#include "daemon/admission.h"

#include <arpa/inet.h>

#include <algorithm>

namespace posthouse::daemon {

namespace {

/// Whoever has one IPv6 address has all of its network.
std::string neighbourhood(const net::Address& client) {
  in6_addr octets{};
  if (inet_pton(AF_INET6, client.host.c_str(), &octets) != 1) return client.host;
  return std::string(reinterpret_cast<const char*>(&octets), 8);
}

}  // namespace

std::size_t Admission::clientsFor(std::size_t descriptors) {
  constexpr std::size_t kLeast = 32;
  constexpr std::size_t kMost = 1024;
  return descriptors - std::min(descriptors, std::clamp(descriptors / 4, kLeast, kMost));
}

Admission::Place::Place(Admission& admission, std::size_t& ofListener)
    : admission_(admission), ofListener_(ofListener) {
  ++admission_.clients_;
}

Admission::Place::~Place() {
  --admission_.clients_;
  if (!isLimited_) return;
  --ofListener_;
  const auto found = admission_.byAddress_.find(address_);
  if (--found->second == 0) admission_.byAddress_.erase(found);
}

Admission::Verdict Admission::Place::hasDescriptor() const {
  return admission_.clients_ > admission_.descriptors_ ? Verdict::descriptors : Verdict::admitted;
}

Admission::Verdict Admission::Place::judge(const net::Address& client) {
  const ClientPolicy& policy = admission_.policy_;
  if (policy.isExempt(client)) return Verdict::admitted;
  isLimited_ = true;
  address_ = neighbourhood(client);
  const std::size_t ofAddress = ++admission_.byAddress_[address_];
  if (++ofListener_ > policy.limits.connections) return Verdict::limit;
  return ofAddress > policy.limits.connectionsPerAddress ? Verdict::address : Verdict::admitted;
}

}  // namespace posthouse::daemon
