#pragma once
#include <memory>
#include <string>

#include "net/address.h"
#include "net/loop.h"

struct ssl_session_st;

namespace posthouse::test {

/// A TLS client that is OpenSSL's own, on a blocking socket and a thread: what our streams say to a stranger.
struct OpensslClient {
  struct Options {
    std::string serverName = {};  // SNI; empty: none
    bool onlyTls12 = false;
    std::string signatureAlgorithms = {};  // as OpenSSL lists them; empty: its own
    std::shared_ptr<ssl_session_st> resume = {};
    std::string ciphers = {};      // of TLS 1.2
    std::string certificate = {};  // a PEM file: shown to a server that asks; empty: none
    std::string key = {};          // its key
  };
  struct Result {
    std::string failure;  // OpenSSL's words; empty if all went well
    std::string version;
    bool isResumed = false;
    std::string subject;                      // of the certificate that was shown: its common name
    std::string keyKind;                      // "EC", "RSA"
    std::string channelBinding;               // of RFC 9266: 32 octets exported
    std::string certificateHash;              // SHA-256
    std::string heard;                        // the first octets that the server said
    std::shared_ptr<ssl_session_st> session;  // to resume
  };

  /// Shakes hands, hears what the server says first and says goodbye. The loop runs meanwhile.
  static Task<Result> visit(net::Loop& loop, net::Address server, Options options);
};

}  // namespace posthouse::test
