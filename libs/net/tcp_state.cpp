#include "net/tcp_state.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <optional>

namespace posthouse::net::tcp {
namespace {

constexpr unsigned kUnanswered = 2;  // one may be under way just now

std::optional<tcp_info> infoOf(int socket) noexcept {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
  return info;
}

}  // namespace

bool hasPeerClosed(int socket) noexcept {
  const auto info = infoOf(socket);
  return info && info->tcpi_state != TCP_ESTABLISHED && info->tcpi_state != TCP_FIN_WAIT1 &&
         info->tcpi_state != TCP_FIN_WAIT2;
}

bool isAcknowledged(int socket, bool isShutDown) noexcept {
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) return false;
  int waiting = 0;  // our FIN counts as one octet
  return ioctl(socket, SIOCOUTQ, &waiting) == 0 && waiting <= (isShutDown ? 1 : 0);
}

bool isPeerSilent(int socket, std::chrono::milliseconds silence) noexcept {
  const auto info = infoOf(socket);
  return info && (info->tcpi_retransmits >= kUnanswered || info->tcpi_probes >= kUnanswered) &&
         std::chrono::milliseconds(info->tcpi_last_ack_recv) >= silence;
}

}  // namespace posthouse::net::tcp
