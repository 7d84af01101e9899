#pragma once
#include <map>
#include <string>
#include <vector>

#include "logins/second_factors.h"

namespace posthouse::test {

/// App passwords by what is typed, all of account 1 and good everywhere but by POP3; and one good code for everybody.
struct FakeSecondFactors : accountd::SecondFactors {
  std::map<std::string, accountd::AppPassword> known;
  std::string code = "123456";
  std::vector<std::int64_t> asked;  // the accounts that app passwords were looked for
  std::vector<std::int64_t> uses;

  Task<std::optional<accountd::AppPassword>> appPassword(std::int64_t account, std::string_view typed,
                                                         const accountd::Connection& connection) override {
    asked.push_back(account);
    const auto found = known.find(std::string(typed));
    if (account != 1 || found == known.end() || connection.protocol == "pop3") co_return std::nullopt;
    co_return found->second;
  }
  Task<std::vector<accountd::AppPassword>> appPasswords(std::int64_t account,
                                                        const accountd::Connection& connection) override {
    asked.push_back(account);
    std::vector<accountd::AppPassword> all;
    if (account == 1 && connection.protocol != "pop3")
      for (const auto& [typed, password] : known) all.push_back(password);
    co_return all;
  }
  void used(const accountd::AppPassword& password, const accountd::Connection&) override {
    uses.push_back(password.id);
  }
  Task<bool> takeCode(const accountd::Credential&, std::string said) override { co_return said == code; }
};

}  // namespace posthouse::test
