#pragma once
#include <cstddef>
#include <string_view>

#include "net/address.h"
#include "net/byte_stream.h"
#include "net/loop.h"
#include "virus_scanner.h"

namespace posthouse::filterd {

/// Asks a clamd by its INSTREAM command (clamd(8)), with a connection for each question.
class Clamd final : public VirusScanner {
 public:
  /// `streamLimit`: octets, at most clamd's StreamMaxLength; what a message has beyond them is not sent.
  Clamd(net::Loop& loop, net::Address address, std::size_t streamLimit)
      : loop_(loop), address_(std::move(address)), streamLimit_(streamLimit) {}

  Task<Result> scan(std::string_view message, net::Patience patience) override;
  /// By the command PING.
  Task<> ping(net::Patience patience) override;

 private:
  net::Loop& loop_;
  net::Address address_;
  std::size_t streamLimit_;
};

/// One INSTREAM conversation over a connection.
Task<VirusScanner::Result> askClamd(net::ByteStream& clamd, std::string_view message, std::size_t streamLimit,
                                    net::Patience patience);

}  // namespace posthouse::filterd
