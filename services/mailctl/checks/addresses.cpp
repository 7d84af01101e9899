#include <fmt/format.h>
#include <fmt/ranges.h>

#include "account_admin.h"
#include "checks/checks.h"
#include "mail/v1/account.grpc.pb.h"

namespace posthouse::mailctl {
namespace {

/// Whom an address reaches, here and elsewhere.
std::vector<std::string> reached(Context& context, const std::string& address) {
  const auto stub = mail::v1::Accounts::NewStub(context.channel("accountd"));
  mail::v1::ResolveRequest request;
  request.set_address(address);
  mail::v1::ResolveResponse response;
  callNow("accountd", kCallDeadline,
          [&](grpc::ClientContext* callContext) { return stub->Resolve(callContext, request, &response); });
  std::vector<std::string> somebody;
  for (const mail::v1::Account& account : response.accounts()) somebody.push_back(account.address());
  somebody.insert(somebody.end(), response.remote_addresses().begin(), response.remote_addresses().end());
  return somebody;
}

/// What a server must take: "postmaster" (RFC 5321 §4.5.1), and postmaster and abuse of every domain (RFC 2142).
Finding required(Context& context, const std::string& address, const std::string& mend) {
  constexpr std::size_t kShown = 3;
  std::vector<std::string> somebody = reached(context, address);
  if (somebody.empty())
    return {Grade::warn, "addresses", address + " reaches nobody; other mail servers expect it (RFC 2142)", mend};
  if (somebody.size() > kShown) {
    somebody.resize(kShown);
    somebody.emplace_back("others");
  }
  return {Grade::ok, "addresses", fmt::format("{} reaches {}", address, fmt::join(somebody, ", ")), ""};
}

void check(Context& context, const admin::Domain& domain, Findings& findings) {
  for (const std::string_view name : {"postmaster", "abuse"}) {
    const std::string address = fmt::format("{}@{}", name, domain.name());
    findings.push_back(required(context, address, fmt::format("mailctl alias add {} SOMEBODY", address)));
  }
  const std::string& catchAll = domain.catch_all();
  const bool isHere = catchAll.ends_with("@" + domain.name());
  if (isHere && reached(context, catchAll).empty())
    findings.push_back({Grade::warn, "addresses",
                        fmt::format("the catch-all of {}, {}, is nobody any more", domain.name(), catchAll),
                        fmt::format("mailctl domain set {} catch-all=SOMEBODY", domain.name())});
}

}  // namespace

Findings checkAddresses(Context& context) {
  Findings findings;
  try {
    const auto response =
        ask<admin::ListDomainsResponse>(context, &admin::AccountAdmin::Stub::ListDomains, admin::ListDomainsRequest());
    if (response.domains().empty()) {
      findings.push_back({Grade::warn, "addresses", "no domain is ours yet", "mailctl domain add DOMAIN"});
    } else {
      findings.push_back(required(context, "postmaster", "set accountd.postmaster to an address"));
    }
    for (const admin::Domain& domain : response.domains()) check(context, domain, findings);
  } catch (const Failure& failure) {
    findings.push_back({Grade::fail, "addresses", failure.what(), "see what is said about accountd above"});
  }
  return findings;
}

}  // namespace posthouse::mailctl
