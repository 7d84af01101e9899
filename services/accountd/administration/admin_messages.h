#pragma once
#include <vector>

#include "administration/administration.h"
#include "mail/admin/v1/accounts.pb.h"
#include "store/account_repository.h"
#include "store/administrator_repository.h"
#include "store/audit_repository.h"
#include "store/group_repository.h"

namespace posthouse::accountd {

/// Our values as protobuf messages.
void tell(const store::Domain& domain, mail::admin::v1::Domain& message);
void tell(const store::Account& account, mail::admin::v1::User& message);
void tell(const store::Account& account, mail::admin::v1::Quota& message);
void tell(const store::Group& group, mail::admin::v1::Group& message);
void tell(const store::Administrator& administrator, mail::admin::v1::Administrator& message);
void tell(const store::AuditEntry& entry, mail::admin::v1::AuditEntry& message);
void tell(const std::vector<store::Domain>& domains, mail::admin::v1::ListDomainsResponse& response);
void tell(const std::vector<store::Administrator>& administrators,
          mail::admin::v1::ListAdministratorsResponse& response);
void tell(const SendAs& sendAs, mail::admin::v1::SendAs& message);
void tell(const store::Alias& alias, mail::admin::v1::Alias& message);

/// And the other way.
NewUser asked(const mail::admin::v1::AddUserRequest& request);

}  // namespace posthouse::accountd
