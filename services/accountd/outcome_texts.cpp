#include "outcome_texts.h"

namespace posthouse::accountd {

using mail::v1::AuthenticateResponse;

AuthenticateResponse::Result asTold(Outcome::Result result) {
  switch (result) {
    case Outcome::Result::ok:
      return AuthenticateResponse::RESULT_OK;
    case Outcome::Result::disabled:
      return AuthenticateResponse::RESULT_DISABLED;
    case Outcome::Result::notAuthorized:
      return AuthenticateResponse::RESULT_NOT_AUTHORIZED;
    case Outcome::Result::malformed:
      return AuthenticateResponse::RESULT_MALFORMED;
    case Outcome::Result::noSuchMechanism:
      return AuthenticateResponse::RESULT_NO_MECHANISM;
    case Outcome::Result::needsCode:
      return AuthenticateResponse::RESULT_NEEDS_CODE;
    case Outcome::Result::needsAppPassword:
      return AuthenticateResponse::RESULT_NEEDS_APP_PASSWORD;
    case Outcome::Result::throttled:
      return AuthenticateResponse::RESULT_THROTTLED;
    case Outcome::Result::badPassword:
    case Outcome::Result::badTicket:
    case Outcome::Result::badCertificate:
    case Outcome::Result::badCode:
    case Outcome::Result::noSuchUser:
      break;
  }
  return AuthenticateResponse::RESULT_BAD_CREDENTIALS;
}

std::string_view label(Outcome::Result result) {
  switch (result) {
    case Outcome::Result::ok:
      return "ok";
    case Outcome::Result::badPassword:
      return "bad_password";
    case Outcome::Result::badTicket:
      return "bad_ticket";
    case Outcome::Result::badCertificate:
      return "bad_certificate";
    case Outcome::Result::noSuchUser:
      return "no_user";
    case Outcome::Result::disabled:
      return "disabled";
    case Outcome::Result::notAuthorized:
      return "not_authorized";
    case Outcome::Result::malformed:
      return "malformed";
    case Outcome::Result::noSuchMechanism:
      return "no_mechanism";
    case Outcome::Result::needsCode:
      return "needs_code";
    case Outcome::Result::badCode:
      return "bad_code";
    case Outcome::Result::needsAppPassword:
      return "needs_app_password";
    case Outcome::Result::throttled:
      return "throttled";
  }
  return "error";
}

}  // namespace posthouse::accountd
