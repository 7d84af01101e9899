#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "account_admin.h"
#include "mail/admin/v1/second_factors.grpc.pb.h"
#include "verbs/verbs.h"

namespace posthouse::mailctl {
namespace {

using Stub = admin::Totp::Stub;

template <class Request>
Request about(const Arguments& arguments) {
  Request request;
  request.set_address(arguments.positional[0]);
  return request;
}

ExitCode enroll(Context& context, const Arguments& arguments) {
  const auto enrolment =
      ask<admin::EnrollTotpResponse>(context, &Stub::EnrollTotp, about<admin::EnrollTotpRequest>(arguments));
  context.output().done(
      fmt::format(
          "{}\n\nsecret: {}\n\nIt is not in force before the authenticator's code comes back: mailctl user totp "
          "confirm {} CODE",
          enrolment.uri(), enrolment.secret(), enrolment.address()),
      {{"address", enrolment.address()}, {"uri", enrolment.uri()}, {"secret", enrolment.secret()}});
  return ExitCode::done;
}

nlohmann::json asJson(const admin::RecoveryCodes& codes) {
  return {{"address", codes.address()},
          {"recovery_codes", std::vector<std::string>(codes.codes().begin(), codes.codes().end())}};
}

ExitCode confirm(Context& context, const Arguments& arguments) {
  auto request = about<admin::ConfirmTotpRequest>(arguments);
  request.set_code(arguments.positional[1]);
  const auto codes = ask<admin::RecoveryCodes>(context, &Stub::ConfirmTotp, request);
  context.output().done(
      fmt::format("One-time codes of {0} are in force. Mail programs log in by app password from now on: mailctl user "
                  "app-password add {0}\n\nRecovery codes, each of which does once instead of a code:\n{1}",
                  codes.address(), fmt::join(codes.codes(), "\n")),
      asJson(codes));
  return ExitCode::done;
}

ExitCode makeRecoveryCodes(Context& context, const Arguments& arguments) {
  const auto codes =
      ask<admin::RecoveryCodes>(context, &Stub::MakeRecoveryCodes, about<admin::MakeRecoveryCodesRequest>(arguments));
  context.output().done(fmt::format("{}", fmt::join(codes.codes(), "\n")), asJson(codes));
  return ExitCode::done;
}

std::string_view name(const admin::TotpState& totp) {
  const admin::TotpState::State state = totp.state();
  if (state == admin::TotpState::STATE_IN_FORCE)
    return totp.refuses_codes() ? "in force, refused after too many wrong codes" : "in force";
  return state == admin::TotpState::STATE_UNCONFIRMED ? "not confirmed" : "off";
}

ExitCode show(Context& context, const Arguments& arguments) {
  const auto state = ask<admin::TotpState>(context, &Stub::GetTotp, about<admin::GetTotpRequest>(arguments));
  const std::string said(name(state));
  context.output().table({"ADDRESS", "TOTP", "RECOVERY-CODES"},
                         {{state.address(), said, std::to_string(state.recovery_codes())}},
                         {{"address", state.address()},
                          {"totp", said},
                          {"recovery_codes", state.recovery_codes()},
                          {"refuses_codes", state.refuses_codes()}});
  return ExitCode::done;
}

ExitCode off(Context& context, const Arguments& arguments) {
  const auto request = about<admin::RemoveTotpRequest>(arguments);
  ask<admin::RemoveTotpResponse>(context, &Stub::RemoveTotp, request);
  context.output().done(fmt::format("{} has no one-time codes any more.", request.address()),
                        {{"removed", request.address()}});
  return ExitCode::done;
}

}  // namespace

std::vector<Verb> totpVerbs() {
  return {
      {"user",
       "totp enroll",
       "ADDRESS",
       1,
       1,
       {},
       "Give a user a secret that makes one-time codes, and print it",
       "As otpauth://, for a QR code, and to be typed into an authenticator. Once it is confirmed, web logins take a "
       "code\nbeside the password, and mail programs an app password instead of it.",
       enroll},
      {"user",
       "totp confirm",
       "ADDRESS CODE",
       2,
       2,
       {},
       "Put it in force with one of its codes, and print recovery codes",
       "",
       confirm},
      {"user",
       "totp show",
       "ADDRESS",
       1,
       1,
       {},
       "Whether a user has one-time codes",
       "After 100 wrong codes in a row none is taken any more, until a recovery code has let the user in: whoever\n"
       "tried them knows the password. New recovery codes: mailctl user totp recovery-codes.",
       show},
      {"user",
       "totp recovery-codes",
       "ADDRESS",
       1,
       1,
       {},
       "Make new recovery codes, in the place of the old ones",
       "",
       makeRecoveryCodes},
      {"user", "totp off", "ADDRESS", 1, 1, {}, "Take one-time codes away from a user", "", off},
  };
}

}  // namespace posthouse::mailctl
