#pragma once
#include <chrono>
#include <vector>

#include "async/completion.h"
#include "async/task.h"
#include "mail_store.h"
#include "net/loop.h"

namespace posthouse::pop3d {

/// Lets maildrops go, by one statement those of sessions that end at about the same time: there are as many of them as
/// logins.
class Releases {
 public:
  /// A maildrop waits `gather` for others.
  Releases(net::Loop& loop, MailStore& store, std::chrono::milliseconds gather)
      : loop_(loop), store_(store), gather_(gather) {}

  /// Comes back when the maildrop is free. Throws if the store cannot be asked.
  Task<> release(store::MaildropHolder holder);

 private:
  using WasReleased = Completion<bool>;
  /// Those who come while the first of them waits for others.
  struct Round {
    std::vector<store::MaildropHolder> holders;
    std::vector<WasReleased*> others;  // who wait
  };

  Task<bool> lead(store::MaildropHolder holder);
  Task<bool> follow(store::MaildropHolder holder);
  Task<bool> releaseAll(std::vector<store::MaildropHolder> holders);

  net::Loop& loop_;
  MailStore& store_;
  const std::chrono::milliseconds gather_;
  Round* round_ = nullptr;  // that may be joined
};

}  // namespace posthouse::pop3d
