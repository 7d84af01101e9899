#pragma once
#include "administration.h"
#include "mail/admin/v1/accounts.pb.h"
#include "store/account_repository.h"

namespace posthouse::accountd {

/// Our values as protobuf messages.
void tell(const store::Domain& domain, mail::admin::v1::Domain& message);
void tell(const store::Account& account, mail::admin::v1::User& message);
void tell(const store::Account& account, mail::admin::v1::Quota& message);
void tell(const store::Alias& alias, mail::admin::v1::Alias& message);

/// And the other way.
NewUser asked(const mail::admin::v1::AddUserRequest& request);

}  // namespace posthouse::accountd
