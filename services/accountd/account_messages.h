#pragma once
#include <string_view>

#include "directory/resolve.h"
#include "logins/authenticator.h"
#include "logins/conversation.h"
#include "mail/v1/account.pb.h"

/// mail.v1.Accounts: what its messages are here, and the other way.
namespace posthouse::accountd {

Connection connectionOf(const mail::v1::AuthenticateRequest& request);
Connection connectionOf(const mail::v1::Connection& connection);

void tell(Outcome outcome, mail::v1::AuthenticateResponse& response);
void tell(Resolution resolution, mail::v1::ResolveResponse& response);

/// As metrics name it.
std::string_view label(Resolution::Result result);

}  // namespace posthouse::accountd
