#include "defence/defence_admin_service.h"

#include <chrono>

#include "administration/actor.h"
#include "administration/admin_answers.h"

namespace posthouse::accountd {
namespace {

namespace admin = mail::admin::v1;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

std::int64_t seconds(std::chrono::system_clock::time_point time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

admin::TestStep::Verdict asTold(LoginTrial::Verdict verdict) {
  switch (verdict) {
    case LoginTrial::Verdict::ok:
      return admin::TestStep::VERDICT_OK;
    case LoginTrial::Verdict::note:
      return admin::TestStep::VERDICT_NOTE;
    case LoginTrial::Verdict::failed:
      return admin::TestStep::VERDICT_FAILED;
  }
  return admin::TestStep::VERDICT_UNSPECIFIED;
}

}  // namespace

// Found by the templates of admin_answers.h.
static void tell(const ShownBan& ban, admin::Ban& message) {
  message.set_network(ban.network);
  message.set_address(ban.address);
  message.set_reason(ban.reason);
  message.set_automatic(ban.isAutomatic);
  message.set_since(seconds(ban.since));
  message.set_until(seconds(ban.until));
}

static void tell(const DefenceReport& report, admin::ListBansResponse& response) {
  for (const ShownBan& ban : report.bans) tell(ban, *response.add_bans());
  for (const Slowed& slowed : report.slowed) {
    admin::Slowed& message = *response.add_slowed();
    message.set_network(slowed.network);
    message.set_address(slowed.address);
    message.set_nobody(slowed.isNobody);
    message.set_failures(slowed.failures);
  }
}

static void tell(const LoginTrial& test, admin::TestLoginResponse& response) {
  response.set_succeeds(test.succeeds);
  for (const LoginTrial::Step& step : test.steps) {
    admin::TestStep& message = *response.add_steps();
    message.set_name(step.name);
    message.set_verdict(asTold(step.verdict));
    message.set_text(step.text);
  }
}

ServerUnaryReactor* DefenceAdminService::AddBan(CallbackServerContext* context, const admin::AddBanRequest* request,
                                                admin::Ban* response) {
  return serve(loop_, context,
               change(office_.as(actorOf(*context)), *response, journal_, "auth.ban", &DefenceOffice::ban,
                      request->subject(), request->seconds(), request->reason()));
}

ServerUnaryReactor* DefenceAdminService::RemoveBan(CallbackServerContext* context,
                                                   const admin::RemoveBanRequest* request, admin::Ban* response) {
  return serve(loop_, context,
               change(office_.as(actorOf(*context)), *response, journal_, "auth.unban", &DefenceOffice::unban,
                      request->subject()));
}

ServerUnaryReactor* DefenceAdminService::ListBans(CallbackServerContext* context, const admin::ListBansRequest*,
                                                  admin::ListBansResponse* response) {
  return serve(loop_, context, read(office_.as(actorOf(*context)), *response, &DefenceOffice::list));
}

ServerUnaryReactor* DefenceAdminService::TestLogin(CallbackServerContext* context,
                                                   const admin::TestLoginRequest* request,
                                                   admin::TestLoginResponse* response) {
  return serve(
      loop_, context,
      read(office_.as(actorOf(*context)), *response, &DefenceOffice::test, request->address(), request->password(),
           Connection{.protocol = request->protocol(),
                      .remoteAddress = request->remote_address(),
                      .sessionId = {},
                      .channelBindings = {}}));
}

}  // namespace posthouse::accountd
