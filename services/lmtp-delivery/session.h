#pragma once
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/memory_budget.h"
#include "config.h"
#include "directory/directory.h"
#include "mailroom.h"
#include "metrics.h"
#include "net/line_stream.h"
#include "observe/log.h"
#include "smtp/command.h"
#include "smtp/reply.h"

namespace posthouse::lmtp_delivery {

/// One LMTP client (RFC 2033). Everything it is given must outlive it.
class Session {
 public:
  struct Parts {
    const Config& config;
    directory::Directory& directory;
    Mailroom& mailroom;
    Metrics& metrics;
    const observe::Log& log;
    MemoryBudget& memory;      // for messages
    std::stop_token lastCall;  // heard while the client is waited for anywhere
  };

  /// `id` names it in logs and replies. `stop` ends it between transactions.
  Session(std::unique_ptr<net::ByteStream> client, const Parts& parts, std::string id, std::stop_token stop);

  Task<> run();

 private:
  using Reply = smtp::Reply;

  Task<> converse();
  Task<std::optional<std::string>> nextCommand();
  Task<> answer(const std::string& line);
  void send(const Reply& reply);

  // commands/: one file each
  Task<Reply> on(const smtp::Lhlo& lhlo);
  Task<Reply> on(const smtp::Mail& mail);
  Task<Reply> on(const smtp::Rcpt& rcpt);
  Task<Reply> on(const smtp::Data& data);
  Task<Reply> on(const smtp::Rset& rset);
  Task<Reply> on(const smtp::Noop& noop);
  Task<Reply> on(const smtp::Quit& quit);
  template <class Other>
  Task<Reply> on(const Other& other);

  Task<> receiveData();
  Task<std::optional<Reply>> readContent(std::string& content, MemoryShare& memory);
  Task<> deliver(const std::string& content);
  Task<std::vector<Verdict>> deliverWatched(const std::string& content);
  Task<std::vector<Verdict>> deliverToAll(const std::string& content, const ClientGone& gone);
  Task<Verdict> deliverAnew(const std::string& content, Recipient& recipient, const ClientGone& gone);
  Task<> watchClient(ClientGone& gone, std::stop_token answered);
  Reply replyTo(const Recipient& recipient, Verdict verdict) const;
  void record(const Recipient& recipient, Verdict verdict, const Reply& reply, std::size_t size) const;
  void endTransaction();

  net::LineStream stream_;
  Parts parts_;
  std::stop_token stop_;
  bool isTrusted_;
  std::string id_;
  bool greeted_ = false;
  bool quit_ = false;
  bool awaitsData_ = false;
  std::size_t errors_ = 0;
  std::optional<smtp::Mail> mail_;
  std::vector<Recipient> recipients_;
};

}  // namespace posthouse::lmtp_delivery
