#pragma once
#include <curl/curl.h>
#include <uv.h>

#include "net/loop.h"

namespace posthouse::httpclient {

/// libcurl's multi handle: the loop watches its sockets and its one timer (curl_multi_socket_action), and each transfer
/// hears of its end outside of libcurl, where it may take itself back or begin another.
class Multi {
 public:
  Multi(net::Loop& loop, long maxConnections);
  Multi(const Multi&) = delete;
  Multi& operator=(const Multi&) = delete;
  ~Multi();

  /// Its CURLOPT_PRIVATE is a Transfer.
  void add(CURL* transfer);
  void remove(CURL* transfer) noexcept { curl_multi_remove_handle(multi_, transfer); }

 private:
  /// A socket of libcurl's that the loop watches. Freed when libuv has let go of it.
  struct Watch {
    uv_poll_t poll;
    Multi* multi;
    curl_socket_t socket;
  };

  static int onSocket(CURL* transfer, curl_socket_t socket, int what, void* self, void* watch);
  static int onTimer(CURLM* multi, long milliseconds, void* self);
  static void onReady(uv_poll_t* poll, int status, int events);
  Watch* watch(curl_socket_t socket);
  void act(curl_socket_t socket, int events);
  void tellFinished();

  net::Loop& loop_;
  CURLM* multi_;
  uv_timer_t* timer_;
};

}  // namespace posthouse::httpclient
