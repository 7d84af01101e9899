#pragma once
#include <chrono>
#include <stop_token>
#include <unordered_set>

#include "async/task.h"
#include "mail_store.h"
#include "net/loop.h"
#include "observe/log.h"

namespace posthouse::pop3d {

/// The maildrops that sessions of this process hold: keeps their leases from running out.
class Leases {
 public:
  /// What a session asks for, and then has, while it lives.
  class Claim {
   public:
    Claim(Leases& leases, store::MaildropHolder holder) : leases_(leases), holder_(std::move(holder)) {}
    Claim(const Claim&) = delete;
    Claim& operator=(const Claim&) = delete;
    ~Claim() { leases_.granted_.erase(this); }

    /// The maildrop was opened: from here on the lease is renewed.
    void granted() { leases_.granted_.insert(this); }
    const store::MaildropHolder& holder() const noexcept { return holder_; }

   private:
    Leases& leases_;
    const store::MaildropHolder holder_;
  };

  /// `instance` is what an administrator knows this process by.
  Leases(MailStore& store, std::string instance);

  /// Who a session is to others.
  store::MaildropHolder holder(store::AccountId account, std::string id, std::string session) const;

  /// Lets go what dead processes hold, and then renews what was granted, every `period`, until the stop.
  Task<> run(net::Loop& loop, std::chrono::milliseconds period, const observe::Log& log, std::stop_token stop);

 private:
  Task<> turn();

  MailStore& store_;
  const std::string instance_;
  const std::string process_;
  bool hasLookedForDead_ = false;
  std::unordered_set<const Claim*> granted_;
};

}  // namespace posthouse::pop3d
