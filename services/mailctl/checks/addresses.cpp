#include <fmt/format.h>

#include "account_admin.h"
#include "checks/checks.h"
#include "mail/v1/account.grpc.pb.h"

namespace posthouse::mailctl {
namespace {

bool hasSomebody(Context& context, const std::string& address) {
  const auto stub = mail::v1::Accounts::NewStub(context.channel("accountd"));
  mail::v1::ResolveRequest request;
  request.set_address(address);
  mail::v1::ResolveResponse response;
  callNow("accountd", kCallDeadline,
          [&](grpc::ClientContext* callContext) { return stub->Resolve(callContext, request, &response); });
  return response.result() == mail::v1::ResolveResponse::RESULT_FOUND;
}

}  // namespace

Findings checkAddresses(Context& context) {
  Findings findings;
  try {
    const auto response =
        ask<admin::ListDomainsResponse>(context, &admin::AccountAdmin::Stub::ListDomains, admin::ListDomainsRequest());
    if (response.domains().empty())
      findings.push_back({Grade::warn, "addresses", "no domain is ours yet", "mailctl domain add DOMAIN"});
    for (const admin::Domain& domain : response.domains()) {
      for (const std::string_view name : {"postmaster", "abuse"}) {
        const std::string address = fmt::format("{}@{}", name, domain.name());
        if (hasSomebody(context, address)) {
          findings.push_back({Grade::ok, "addresses", address + " reaches somebody", ""});
        } else {
          findings.push_back({Grade::warn, "addresses",
                              address + " reaches nobody; other mail servers expect it (RFC 2142)",
                              fmt::format("mailctl alias add {} SOMEBODY", address)});
        }
      }
    }
  } catch (const Failure& failure) {
    findings.push_back({Grade::fail, "addresses", failure.what(), "see what is said about accountd above"});
  }
  return findings;
}

}  // namespace posthouse::mailctl
