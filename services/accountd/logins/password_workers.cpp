#include "logins/password_workers.h"

#include <exception>
#include <optional>
#include <utility>

#include "crypto/secret.h"

namespace posthouse::accountd {

PasswordWorkers::PasswordWorkers(net::Loop& loop, std::size_t threads, std::size_t queueLimit,
                                 prometheus::Gauge& waiting)
    : loop_(loop), queueLimit_(queueLimit), waiting_(waiting) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

PasswordWorkers::~PasswordWorkers() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

Task<Secrets> PasswordWorkers::derive(std::string preparedPassword, PasswordPolicy policy) {
  const auto job = [&] { return deriveSecrets(preparedPassword, policy); };
  Secrets secrets = co_await run<Secrets>(job);
  crypto::wipe(preparedPassword);
  co_return secrets;
}

Task<bool> PasswordWorkers::verify(std::string password, std::string phc) {
  const auto job = [&] { return crypto::verifyPassword(password, phc); };
  const bool matches = co_await run<bool>(job);
  crypto::wipe(password);
  co_return matches;
}

/// What the worker uses lives in this frame, which waits until the loop has taken the answer over.
template <class T, class Job>
Task<T> PasswordWorkers::run(Job job) {
  Completion<T> done;
  enqueue([this, &job, &done] {
    std::optional<T> value;
    std::exception_ptr failure;
    try {
      value.emplace(job());
    } catch (...) {
      failure = std::current_exception();
    }
    loop_.post([&done, value = std::move(value), failure]() mutable {
      if (failure) {
        done.fail(failure);
      } else {
        done.complete(std::move(*value));
      }
    });
  });
  co_return co_await done;
}

void PasswordWorkers::enqueue(std::move_only_function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    if (jobs_.size() >= queueLimit_) throw Overloaded("too many password hashes wait already");
    jobs_.push_back(std::move(job));
    waiting_.Increment();
  }
  wake_.notify_one();
}

void PasswordWorkers::work() {
  while (true) {
    std::move_only_function<void()> job;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
      waiting_.Decrement();
    }
    job();
  }
}

}  // namespace posthouse::accountd
