#pragma once
#include <cstddef>
#include <unordered_map>

#include "store/types.h"

namespace posthouse::pop3d {

/// How many sessions of this process are logged in to each account.
class AccountSessions {
 public:
  /// One of them, while it lives.
  class Place {
   public:
    Place(AccountSessions& sessions, store::AccountId account) : sessions_(sessions), account_(account) {
      ++sessions_.count_[account_];
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() {
      if (--sessions_.count_[account_] == 0) sessions_.count_.erase(account_);
    }

   private:
    AccountSessions& sessions_;
    store::AccountId account_;
  };

  std::size_t of(store::AccountId account) const {
    const auto found = count_.find(account);
    return found == count_.end() ? 0 : found->second;
  }

 private:
  std::unordered_map<store::AccountId, std::size_t> count_;
};

}  // namespace posthouse::pop3d
