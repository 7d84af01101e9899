#include "store/group_repository.h"

#include <map>
#include <utility>

namespace posthouse::store {

std::vector<Member> GroupRepository::members(AccountId group) {
  std::vector<Member> members;
  const auto rows = transaction_.exec(R"sql(
    SELECT a.account_id, a.address FROM posthouse.membership m JOIN posthouse.account a ON a.account_id = m.member_id
     WHERE m.account_id = $1 ORDER BY a.address)sql",
                                      group);
  for (const auto& row : rows) members.push_back({row.get<AccountId>(0), row.get<std::string>(1)});
  return members;
}

std::vector<Group> GroupRepository::withMembers(std::vector<Account> accounts) {
  std::vector<AccountId> ids;
  for (const Account& account : accounts) ids.push_back(account.id);
  std::map<AccountId, std::vector<std::string>> members;
  const auto rows = transaction_.exec(R"sql(
    SELECT m.account_id, a.address FROM posthouse.membership m JOIN posthouse.account a ON a.account_id = m.member_id
     WHERE m.account_id = ANY ($1::bigint[]) ORDER BY a.address)sql",
                                      ids);
  for (const auto& row : rows) members[row.get<AccountId>(0)].push_back(row.get<std::string>(1));
  std::vector<Group> groups;
  for (Account& account : accounts) {
    const AccountId id = account.id;
    groups.push_back({std::move(account), std::move(members[id])});
  }
  return groups;
}

std::vector<AccountId> GroupRepository::of(AccountId member) {
  std::vector<AccountId> groups;
  const auto rows = transaction_.exec("SELECT account_id FROM posthouse.membership WHERE member_id = $1", member);
  for (const auto& row : rows) groups.push_back(row.get<AccountId>(0));
  return groups;
}

void GroupRepository::add(AccountId group, const std::vector<AccountId>& members) {
  transaction_.exec(R"sql(
    INSERT INTO posthouse.membership (account_id, member_id) SELECT $1, m FROM unnest($2::bigint[]) m ON CONFLICT DO NOTHING)sql",
                    group, members);
}

void GroupRepository::remove(AccountId group, const std::vector<AccountId>& members) {
  transaction_.exec("DELETE FROM posthouse.membership WHERE account_id = $1 AND member_id = ANY ($2::bigint[])", group,
                    members);
}

void GroupRepository::setMembersOnly(AccountId group, bool membersOnly) {
  transaction_.exec("UPDATE posthouse.account SET members_only = $2 WHERE account_id = $1", group, membersOnly);
}

}  // namespace posthouse::store
