#pragma once
#include <optional>
#include <vector>

#include "smtpclient/budget.h"
#include "smtpclient/connection.h"

namespace posthouse::smtpclient {

/// One mail on a connection: MAIL, RCPT, DATA and what the peer says to each.
class Transaction {
 public:
  Transaction(Connection& connection, const Envelope& envelope, Content& content, Connection::Budget budget);

  Task<Result> run();

 private:
  /// A command whose reply is awaited.
  struct Step {
    enum class Kind { reset, mail, rcpt, data } kind;
    std::size_t recipient = 0;
  };

  std::optional<smtp::Reply> refusedBeforehand() const;
  smtp::Mail mail() const;
  smtp::Rcpt rcpt(std::size_t number) const;

  Task<> converse();
  Task<> say(Step step, smtp::Command command);
  Task<> readReplies();
  void enter(Phase phase);
  void on(const Step& step, const smtp::Reply& reply);
  Task<> sendContent();
  Task<> readEnd();
  Task<std::optional<Outcome>> lastWords();
  void settle(std::size_t recipient, Outcome outcome);
  void settleAll(const Outcome& outcome);

  Connection& connection_;
  const Envelope& envelope_;
  Content& content_;
  Connection::Budget budget_;
  Phase phase_ = Phase::mail;
  std::vector<Step> awaited_;
  std::vector<std::optional<Outcome>> outcomes_;
  std::vector<std::size_t> accepted_;  // recipients whose RCPT was
  std::optional<smtp::Reply> dataReply_;
  Laps laps_;
  bool mailRefused_ = false;
  bool dotSent_ = false;
};

}  // namespace posthouse::smtpclient
