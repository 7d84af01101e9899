#include "administration/ledger.h"

#include <string>

#include "administration/refusals.h"

namespace posthouse::accountd {

Answer<Principal> Ledger::admit(db::Transaction& transaction, const Act& act) const {
  Answer<Principal> principal = Principal::of(transaction, actor_);
  if (!principal) return principal;
  if (auto refusal = principal->objection(act)) return std::unexpected(std::move(*refusal));
  return principal;
}

Answer<Principal> Ledger::admitToChange(db::Transaction& transaction, const Act& act) const {
  Answer<Principal> principal = admit(transaction, act);
  if (principal && principal->isOutranked(transaction, act.object))
    return forbidden(act.object + " administers more than " + principal->address() + ", who may not change it");
  return principal;
}

Answer<bool> Ledger::isAdmitted(const Answer<Principal>& principal, const Act& act) {
  if (!principal) return std::unexpected(principal.error());
  if (auto refusal = principal->objection(act)) return std::unexpected(std::move(*refusal));
  return true;
}

store::AuditEntry Ledger::entry(const Act& act, const Principal& principal, const Details& details) const {
  return {.actor = principal.address(),
          .peer = actor_.peer,
          .action = std::string(act.action),
          .object = act.object,
          .domain = act.domain,
          .details = details.json()};
}

}  // namespace posthouse::accountd
