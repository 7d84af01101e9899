#pragma once
#include <deque>
#include <stdexcept>
#include <string>
#include <string_view>

#include "net/byte_stream.h"
#include "net/loop.h"

namespace posthouse::test {

/// A client played from a transcript, for session tests. Lines "C: text" are what the client sends (CRLF is added), "S:
/// ..." lines are only there for the reader; what the session really said is recorded, in order, so that `transcript()`
/// can be compared with the script.
///
/// The client is polite: its next C-lines come only after the session has said as many lines as the script has S-lines
/// before them (that is when a real client would send them). Consecutive C-lines arrive in one segment, as from a
/// pipelining client. After the last line the input ends. Octets that no line can hold are sent by "C* text", where \r
/// \n \0 \\ \xNN are escapes and nothing is added.
class ScriptStream final : public net::ByteStream {
 public:
  explicit ScriptStream(std::string_view script);

  /// What happened, in the notation of the script.
  std::string transcript() const;
  bool isClosed() const noexcept { return closed_; }

  Task<std::size_t> read(std::string& into, net::Patience patience) override;
  Task<> write(std::string_view octets, net::Patience patience) override;
  bool hasPendingInput() const noexcept override;
  Task<> shutdown(net::Patience) override { co_return; }
  bool hasPeerClosed() const noexcept override { return (leaves_ || breaksOff_) && turns_.empty(); }
  bool isAcknowledged() const noexcept override { return acknowledges_; }
  void close() noexcept override { closed_ = true; }
  const net::Address& peer() const noexcept override { return peer_; }
  const net::Address& local() const noexcept override { return local_; }

  /// The client's system acknowledges nothing that was said from here on.
  void loseReplies() { acknowledges_ = false; }
  /// The client closes with its last line, and not when it has seen the replies.
  void leaveEarly() { leaves_ = true; }
  /// The same, and its system has answered with a reset: it had not read all that was said, and acknowledged.
  void breakOff() { breaksOff_ = true; }

  /// 192.0.2.1:40000 and 192.0.2.25:25 unless a test says otherwise.
  void setPeer(net::Address peer) { peer_ = std::move(peer); }

 private:
  struct Turn {
    std::string sent;           // by the client, in one segment
    std::string shown;          // the same, as the script's lines
    std::size_t repliesBefore;  // lines that the server has said by then
  };

  std::deque<Turn> turns_;
  std::string said_;         // by the server, an unfinished line
  std::size_t replies_ = 0;  // finished lines said by the server
  std::string transcript_;
  bool closed_ = false;
  bool acknowledges_ = true;
  bool leaves_ = false;
  bool breaksOff_ = false;
  net::Address peer_{"192.0.2.1", 40000, ""};
  net::Address local_{"192.0.2.25", 25, ""};
};

}  // namespace posthouse::test
