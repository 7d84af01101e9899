#include "ldap/pool.h"

#include <prometheus/gauge.h>

namespace posthouse::accountd::ldap {

Pool::Pool(net::Loop& loop, const Settings& settings, Servers& servers, Session::Identity identity,
           prometheus::Gauge& busy)
    : loop_(loop), settings_(settings), servers_(servers), timeout_(settings.timeout), busy_(busy) {
  for (std::size_t i = 0; i < settings.connections; ++i) threads_.emplace_back([this, identity] { work(identity); });
}

Pool::~Pool() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Pool::enqueue(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (jobs_.size() >= kMostWaiting) throw Unavailable("too many wait for an external directory already");
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
}

void Pool::work(Session::Identity identity) {
  Session session(settings_, servers_, identity);
  while (true) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    busy_.Increment();
    job(session);
    busy_.Decrement();
  }
}

}  // namespace posthouse::accountd::ldap
