#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "account_admin.h"
#include "verbs/verbs.h"

namespace posthouse::mailctl {
namespace {

using Stub = admin::AccountAdmin::Stub;

void show(Context& context, const admin::SendAs& sendAs) {
  const std::string granted =
      sendAs.granted().empty() ? "nothing else" : fmt::format("{}", fmt::join(sendAs.granted(), ", "));
  context.output().table({"ADDRESS", "MAY SEND AS"}, {{sendAs.address(), granted}}, asJson(sendAs));
}

template <class Request>
ExitCode change(Context& context, const Arguments& arguments,
                grpc::Status (Stub::*call)(grpc::ClientContext*, const Request&, admin::SendAs*)) {
  Request request;
  request.set_address(arguments.positional[0]);
  request.mutable_senders()->Assign(arguments.positional.begin() + 1, arguments.positional.end());
  show(context, ask<admin::SendAs>(context, call, request));
  return ExitCode::done;
}

ExitCode add(Context& context, const Arguments& arguments) {
  return change(context, arguments, &Stub::AddSendAs);
}
ExitCode remove(Context& context, const Arguments& arguments) {
  return change(context, arguments, &Stub::RemoveSendAs);
}

ExitCode list(Context& context, const Arguments& arguments) {
  admin::GetSendAsRequest request;
  request.set_address(arguments.positional[0]);
  show(context, ask<admin::SendAs>(context, &Stub::GetSendAs, request));
  return ExitCode::done;
}

}  // namespace

std::vector<Verb> sendAsVerbs() {
  return {
      {"send-as",
       "add",
       "ADDRESS OTHER…",
       2,
       kAnyNumber,
       {},
       "Let a user send mail from other addresses",
       "OTHER is an address, or @example.org for every address of a domain. A user may always send from their own "
       "address, from\naliases and groups that lead to them, and from shared mailboxes that they are a member of.",
       add},
      {"send-as", "list", "ADDRESS", 1, 1, {}, "What a user was granted to send as", "", list},
      {"send-as", "remove", "ADDRESS OTHER…", 2, kAnyNumber, {}, "Take it away again", "", remove},
  };
}

}  // namespace posthouse::mailctl
