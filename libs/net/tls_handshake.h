#pragma once
#include <functional>
#include <string>
#include <string_view>

namespace posthouse::net {

/// How a handshake went: for metrics.
struct TlsHandshake {
  enum class Result {
    ok,
    noShared,     // no version, cipher or signature that both sides know
    certificate,  // one side does not accept the other's
    error,        // anything else: no TLS at all, a peer that left, a wait that was too long
  };
  Result result = Result::error;
  std::string_view version;  // "TLSv1.3"; empty if there was no agreement
  bool isResumed = false;
};

using OnTlsHandshake = std::function<void(const TlsHandshake&)>;

/// What OpenSSL noted last on this thread, in its words; nothing is noted afterwards.
std::string lastTlsError();
/// What kind of failure that is, before lastTlsError() is asked.
TlsHandshake::Result lastTlsFailure();

}  // namespace posthouse::net
