#include "daemon/last_call.h"

#include "net/patience.h"

namespace posthouse::daemon {

Task<> LastCall::callLater() {
  try {
    co_await loop_.sleep(after_, ended_.get_token());
  } catch (const net::Interrupted&) {
    co_return;  // everybody has gone
  }
  called_.request_stop();
}

Task<> LastCall::close() {
  ended_.request_stop();
  co_await timer_.drained();
}

}  // namespace posthouse::daemon
