#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "account_admin.h"
#include "mail/admin/v1/sessions.grpc.pb.h"
#include "verbs/verbs.h"

namespace posthouse::mailctl {
namespace {

using Stub = admin::Sessions::Stub;

nlohmann::json asJson(const admin::Session& session) {
  return {{"session", session.session_id()},  {"address", session.address()},
          {"protocol", session.protocol()},   {"remote_address", session.remote_address()},
          {"mechanism", session.mechanism()}, {"tls", session.tls()},
          {"since", session.since()},         {"program", session.program()},
          {"instance", session.instance()}};
}

std::vector<std::string> row(const admin::Session& session) {
  return {session.address(),   session.protocol(),           session.remote_address(),
          session.mechanism(), session.tls() ? "yes" : "no", humanTime(session.since()),
          session.program(),   session.instance(),           session.session_id()};
}

ExitCode list(Context& context, const Arguments& arguments) {
  admin::ListSessionsRequest request;
  if (!arguments.positional.empty()) {
    const std::string& whose = arguments.positional[0];
    whose.contains('@') ? request.set_address(whose) : request.set_domain(whose);
  }
  auto sessions = listAll(context, &Stub::ListSessions, request);
  std::ranges::sort(sessions, {}, [](const admin::Session& session) {
    return std::tuple(session.address(), session.since(), session.session_id());
  });
  nlohmann::json json = nlohmann::json::array();
  std::vector<std::vector<std::string>> rows;
  for (const admin::Session& session : sessions) {
    json.push_back(asJson(session));
    rows.push_back(row(session));
  }
  context.output().table({"ADDRESS", "PROTOCOL", "FROM", "MECHANISM", "TLS", "SINCE", "PROGRAM", "INSTANCE", "SESSION"},
                         rows, json);
  return ExitCode::done;
}

ExitCode logout(Context& context, const Arguments& arguments) {
  const std::string& address = arguments.positional[0];
  const std::int64_t listed = endSessions(context, address, arguments.option("session").value_or(""));
  context.output().done(fmt::format("{} is logged out of {} session{}.", address, listed, listed == 1 ? "" : "s"),
                        {{"address", address}, {"sessions", listed}});
  return ExitCode::done;
}

}  // namespace

std::int64_t endSessions(Context& context, const std::string& address, const std::string& session) {
  admin::EndSessionsRequest request;
  request.set_address(address);
  request.set_session_id(session);
  return ask<admin::EndSessionsResponse>(context, &Stub::EndSessions, request).listed();
}

std::vector<Verb> sessionVerbs() {
  return {
      {"user",
       "sessions",
       "[ADDRESS|DOMAIN]",
       0,
       1,
       {},
       "Who is logged in now, on every instance",
       "Clients of IMAP and POP3, and of SMTP to submit mail. A session is shown half a second after its login.",
       list},
      {"user",
       "logout",
       "ADDRESS",
       1,
       1,
       {{"session", "ID", "only this one, as shown by: mailctl user sessions"}},
       "End a user's open sessions, on every instance",
       "Clients that know the password log in again. To keep them out: mailctl user disable, or passwd --logout.",
       logout},
  };
}

}  // namespace posthouse::mailctl
