#include "logins/worker_threads.h"

namespace posthouse::accountd {

WorkerThreads::WorkerThreads(net::Loop& loop, std::size_t threads, std::size_t queueLimit, std::string jobs,
                             prometheus::Gauge& waiting)
    : loop_(loop),
      queueLimit_(queueLimit),
      overloaded_("too many " + std::move(jobs) + " wait already"),
      waiting_(waiting) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

WorkerThreads::~WorkerThreads() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void WorkerThreads::enqueue(std::move_only_function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    if (jobs_.size() >= queueLimit_) throw Overloaded(overloaded_);
    jobs_.push_back(std::move(job));
    waiting_.Increment();
  }
  wake_.notify_one();
}

void WorkerThreads::work() {
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
