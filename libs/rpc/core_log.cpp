#include "rpc/core_log.h"

#include <grpc/support/log.h>

#include <cstdio>
#include <mutex>
#include <optional>

namespace posthouse::rpc {

namespace {

/// gRPC's hook is a bare function, called on any of its threads.
std::mutex mutex;
std::optional<observe::Log> target;  // guarded by mutex

void write(gpr_log_func_args* line) {
  const std::lock_guard lock(mutex);
  if (!target) return;
  // What it calls an error is mostly a stranger's fault, and never ends our work.
  if (line->severity == GPR_LOG_SEVERITY_ERROR) {
    target->warn("grpc.problem", line->message);
  } else {
    target->debug("grpc.note", line->message);
  }
}

}  // namespace

CoreLog::CoreLog(const observe::Log& log) {
  const std::lock_guard lock(mutex);
  target = log;
  gpr_set_log_function(write);
}

CoreLog::~CoreLog() {
  const std::lock_guard lock(mutex);
  target.reset();
}

}  // namespace posthouse::rpc
