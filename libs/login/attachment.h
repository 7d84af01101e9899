#pragma once
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "async/task_group.h"
#include "login/open_sessions.h"
#include "net/loop.h"
#include "observe/log.h"

namespace grpc {
class Channel;
}

namespace posthouse::login {

/// Keeps an accountd, any one, told of the sessions that are open here, and ends those that it says have to
/// (mail.v1.Sessions). While none can be reached, sessions go on; when one is back it is told of all, and looks at
/// each. Metric: posthouse_sessions_attached.
class Attachment {
 public:
  /// Begins at once. `program` and `instance` are what an administrator knows this process by.
  Attachment(net::Loop& loop, std::shared_ptr<grpc::Channel> accountd, OpenSessions& sessions, std::string program,
             std::string instance, prometheus::Registry& registry, observe::Log log);
  ~Attachment();
  Attachment(const Attachment&) = delete;
  Attachment& operator=(const Attachment&) = delete;

  /// When the last session has ended, or is about to: lets go of accountd.
  Task<> close();

 private:
  struct Call;
  Task<> run();
  Task<> hold(Call& call);
  Task<> listen(Call& call);
  Task<bool> tellChanges(Call& call);
  void attached();
  void detached(const std::string& why);

  net::Loop& loop_;
  const std::shared_ptr<grpc::Channel> accountd_;
  OpenSessions& sessions_;
  const std::string program_;
  const std::string instance_;
  const std::string id_;
  prometheus::Gauge& isAttached_;
  const observe::Log log_;
  std::int64_t attachment_ = 0;
  std::stop_source stop_;
  TaskGroup running_;
};

}  // namespace posthouse::login
