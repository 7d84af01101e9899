#pragma once
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <set>
#include <stop_token>
#include <string>

#include "async/task.h"
#include "db/database.h"
#include "mail/v1/sessions.grpc.pb.h"
#include "net/loop.h"
#include "observe/log.h"
#include "rpc/answer.h"
#include "sessions/ending_watch.h"

namespace posthouse::accountd {

/// mail.v1.Sessions: keeps the list of who is logged in, as the attached programs tell it, and tells them whose
/// sessions have to end.
///
/// None is missed. A session is reported after it has begun, and then looked at for whatever was decided until then;
/// what is decided later, its program, which listens from before its first report, hears of.
class SessionsService final : public mail::v1::Sessions::CallbackService {
 public:
  /// `draining` ends the attachments, so that the programs look for another accountd.
  SessionsService(net::Loop& loop, db::Database& database, EndingWatch& watch, prometheus::Registry& registry,
                  observe::Log log, std::stop_token draining);

  grpc::ServerBidiReactor<mail::v1::AttachRequest, mail::v1::AttachResponse>* Attach(
      grpc::CallbackServerContext* context) override;

  /// Keeps the attached programs known, and forgets those that are lost and endings that everybody has read; until the
  /// stop.
  Task<> keepTidy(std::stop_token stop);

  /// A program that nobody has kept for so long is gone, though no connection of its has ended.
  static constexpr std::chrono::seconds kLost{30};

 private:
  using Call = rpc::Exchange<mail::v1::AttachRequest, mail::v1::AttachResponse>;
  struct Attached;
  Task<grpc::Status> attach(Call& call, grpc::CallbackServerContext& context);
  Task<> hear(Call& call, Attached& attached, mail::v1::AttachRequest first);
  Task<bool> report(Attached& attached, const mail::v1::AttachRequest& request);
  Task<> tell(Call& call, Attached& attached);
  Task<> keep();
  Task<> prune();

  net::Loop& loop_;
  db::Database& database_;
  EndingWatch& watch_;
  prometheus::Gauge& attachments_;
  const observe::Log log_;
  const std::stop_token draining_;
  std::set<Attached*> attached_;
};

}  // namespace posthouse::accountd
