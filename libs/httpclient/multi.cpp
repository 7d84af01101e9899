#include "httpclient/multi.h"

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "httpclient/transfer.h"

namespace posthouse::httpclient {
namespace {

/// libcurl asks to be initialised before the first call; more than once is fine.
void curlReady() {
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (initialised != CURLE_OK) throw std::runtime_error("libcurl could not be initialised");
  // Without either of them a name's lookup blocks the loop.
  const curl_version_info_data& version = *curl_version_info(CURLVERSION_NOW);
  if ((version.features & CURL_VERSION_ASYNCHDNS) == 0)
    throw std::runtime_error("this libcurl cannot look up names without blocking");
}

template <class Value>
void set(CURLM* multi, CURLMoption option, Value value) {
  if (const CURLMcode error = curl_multi_setopt(multi, option, value); error != CURLM_OK)
    throw std::runtime_error(std::string("libcurl: ") + curl_multi_strerror(error));
}

}  // namespace

Multi::Multi(net::Loop& loop, long maxConnections) : loop_(loop) {
  curlReady();
  multi_ = curl_multi_init();
  if (multi_ == nullptr) throw std::bad_alloc();
  set(multi_, CURLMOPT_SOCKETFUNCTION, &Multi::onSocket);
  set(multi_, CURLMOPT_SOCKETDATA, this);
  set(multi_, CURLMOPT_TIMERFUNCTION, &Multi::onTimer);
  set(multi_, CURLMOPT_TIMERDATA, this);
  set(multi_, CURLMOPT_MAX_TOTAL_CONNECTIONS, maxConnections);
  set(multi_, CURLMOPT_MAXCONNECTS, maxConnections);
  timer_ = new uv_timer_t;
  uv_timer_init(loop_.uv(), timer_);
  timer_->data = this;
}

Multi::~Multi() {
  curl_multi_cleanup(multi_);
  uv_close(reinterpret_cast<uv_handle_t*>(timer_),
           [](uv_handle_t* handle) { delete reinterpret_cast<uv_timer_t*>(handle); });
}

void Multi::add(CURL* transfer) {
  if (const CURLMcode error = curl_multi_add_handle(multi_, transfer); error != CURLM_OK)
    throw std::runtime_error(std::string("libcurl: ") + curl_multi_strerror(error));
}

int Multi::onSocket(CURL*, curl_socket_t socket, int what, void* self, void* known) {
  auto& multi = *static_cast<Multi*>(self);
  auto* watch = static_cast<Watch*>(known);
  if (what == CURL_POLL_REMOVE) {
    if (watch == nullptr) return 0;
    curl_multi_assign(multi.multi_, socket, nullptr);
    uv_poll_stop(&watch->poll);
    uv_close(reinterpret_cast<uv_handle_t*>(&watch->poll),
             [](uv_handle_t* handle) { delete static_cast<Watch*>(handle->data); });
    return 0;
  }
  if (watch == nullptr) watch = multi.watch(socket);
  if (watch == nullptr) return -1;
  const int events = ((what & CURL_POLL_IN) != 0 ? UV_READABLE : 0) | ((what & CURL_POLL_OUT) != 0 ? UV_WRITABLE : 0);
  return uv_poll_start(&watch->poll, events, &Multi::onReady) == 0 ? 0 : -1;
}

/// Null if it cannot be watched.
Multi::Watch* Multi::watch(curl_socket_t socket) {
  auto made = std::make_unique<Watch>(Watch{{}, this, socket});
  if (uv_poll_init_socket(loop_.uv(), &made->poll, socket) != 0) return nullptr;
  made->poll.data = made.get();
  curl_multi_assign(multi_, socket, made.get());
  return made.release();
}

int Multi::onTimer(CURLM*, long milliseconds, void* self) {
  auto& multi = *static_cast<Multi*>(self);
  if (milliseconds < 0) {
    uv_timer_stop(multi.timer_);
    return 0;
  }
  const auto tick = [](uv_timer_t* timer) { static_cast<Multi*>(timer->data)->act(CURL_SOCKET_TIMEOUT, 0); };
  uv_timer_start(multi.timer_, tick, static_cast<std::uint64_t>(milliseconds), 0);
  return 0;
}

void Multi::onReady(uv_poll_t* poll, int status, int events) {
  const auto& watch = *static_cast<Watch*>(poll->data);
  int ready = status < 0 ? CURL_CSELECT_ERR : 0;
  if ((events & UV_READABLE) != 0) ready |= CURL_CSELECT_IN;
  if ((events & UV_WRITABLE) != 0) ready |= CURL_CSELECT_OUT;
  watch.multi->act(watch.socket, ready);
}

void Multi::act(curl_socket_t socket, int events) {
  int running = 0;
  curl_multi_socket_action(multi_, socket, events, &running);
  tellFinished();
}

void Multi::tellFinished() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode result = message->data.result;  // gone when the transfer is taken back
    Transfer* transfer = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    transfer->finish(result);
  }
}

}  // namespace posthouse::httpclient
