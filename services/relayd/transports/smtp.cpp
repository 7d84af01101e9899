#include "transports/smtp.h"

#include <algorithm>

#include "dns/mail_hosts.h"

namespace posthouse::relayd {
namespace {

using smtpclient::Outcome;
using smtpclient::Phase;
using smtpclient::Result;

std::vector<Report> forAll(const Parcel& parcel, const Report& report) {
  return {parcel.recipients.size(), report};
}

smtp::Reply replyOf(dns::NoMailHost reason) {
  switch (reason) {
    case dns::NoMailHost::noSuchDomain:
      return {550, "5.1.2 There is no such domain"};
    case dns::NoMailHost::takesNoMail:
      return {556, "5.1.10 The domain takes no mail"};
    case dns::NoMailHost::loops:
      return {550, "5.4.6 The domain's mail would come back to this server"};
    case dns::NoMailHost::notNow:
      break;
  }
  return {451, "4.4.3 The domain's mail exchangers cannot be looked up now"};
}

/// Nothing was said about the mail itself: another host may do better.
bool isAboutTheHost(const Outcome& outcome) {
  return outcome.phase <= Phase::tls || (!outcome.isFromPeer && outcome.reply.isTransient()) ||
         outcome.reply.code == 421;
}

bool mayTryAnother(const Result& result) {
  return !result.mayHaveArrived && std::ranges::all_of(result.recipients, isAboutTheHost);
}

bool isAddress(const std::string& text) {
  return net::Network::parse(text).has_value() && !text.contains('/');
}

}  // namespace

Task<std::expected<std::vector<SmtpTransport::Host>, smtp::Reply>> SmtpTransport::hosts(const std::string& domain,
                                                                                        net::Patience patience) {
  patience.timeout = std::min(patience.timeout, options_.lookup);
  const auto names = co_await dns::mailHosts(dns_, domain, options_.hostname, random_, patience);
  if (!names) co_return std::unexpected(replyOf(names.error()));
  std::vector<Host> found;
  bool allDefinite = true;
  for (const std::string& name : *names) {
    if (isAddress(name)) {
      found.push_back({name, name});
      continue;
    }
    const auto six = co_await dns_.aaaa(name, patience);
    const auto four = co_await dns_.a(name, patience);
    for (const auto* answer : {&six, &four}) {
      allDefinite = allDefinite && dns::isDefinite(answer->status);
      for (const std::string& address : answer->records) found.push_back({name, address});
    }
    if (found.size() >= options_.maxAddresses) break;
  }
  if (found.size() > options_.maxAddresses) found.resize(options_.maxAddresses);
  if (!found.empty()) co_return found;
  if (allDefinite) co_return std::unexpected(smtp::Reply(550, "5.1.2 The domain's mail exchangers have no address"));
  co_return std::unexpected(replyOf(dns::NoMailHost::notNow));
}

Task<std::vector<Report>> SmtpTransport::send(const Parcel& parcel, net::Patience whole) {
  const auto hosts = co_await this->hosts(parcel.domain, whole);
  if (!hosts) co_return forAll(parcel, {.reply = hosts.error(), .connected = false});
  const smtpclient::Envelope envelope = parcel.envelope();
  LeasedContent content(parcel.octets, parcel.lease);
  std::vector<Report> reports;
  for (const Host& host : *hosts) {
    const net::Address address{host.address, options_.port, {}};
    const Result result = co_await pool_.send(address, host.name, envelope, content, whole);
    const bool wasForNow = !reports.empty() && reports.front().reply.isTransient();
    const bool decides = !mayTryAnother(result);
    // Of hosts that all failed, one that failed for now leaves hope.
    if (decides || !wasForNow) {
      reports.clear();
      for (const Outcome& outcome : result.recipients)
        reports.push_back({.reply = outcome.reply,
                           .host = host.name,
                           .tls = result.tlsVersion,
                           .connected = outcome.phase > Phase::tls});
    }
    if (decides || whole.stop.stop_requested()) break;
  }
  co_return reports;
}

}  // namespace posthouse::relayd
