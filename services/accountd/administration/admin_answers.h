#pragma once
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "administration/admin_messages.h"
#include "administration/administration.h"
#include "administration/journal.h"
#include "rpc/answer.h"
#include "statuses.h"

/// How a call of a service of mail.admin.v1 becomes a call of its office (Administration is one), and the Answer its
/// response.
namespace posthouse::accountd {

inline const std::string& subject(const store::Domain& domain) {
  return domain.name;
}
inline const std::string& subject(const store::Account& account) {
  return account.address;
}
inline const std::string& subject(const store::Group& group) {
  return group.account.address;
}
inline const std::string& subject(const store::Alias& alias) {
  return alias.address;
}

inline const std::string& subject(const SendAs& sendAs) {
  return sendAs.address;
}
inline const std::string& subject(const store::Administrator& administrator) {
  return administrator.address;
}

/// A method of an office.
template <class Office, class T, class... Wanted>
using Wish = Task<Answer<T>> (Office::*)(Wanted...);

/// What an Answer is to the caller: its value told, or its refusal. `office` is the actor's.
template <class Office, class T, class Response, class... Wanted>
Task<grpc::Status> read(Office office, Response& response, Wish<Office, T, Wanted...> wish,
                        std::type_identity_t<Wanted>... wanted) {
  const Answer<T> answer = co_await (office.*wish)(std::move(wanted)...);
  if (!answer) co_return status(answer.error());
  tell(*answer, response);
  co_return grpc::Status::OK;
}

/// The same, and it goes into the journal.
template <class Office, class T, class Response, class... Wanted>
Task<grpc::Status> change(Office office, Response& response, Journal& journal, std::string_view action,
                          Wish<Office, T, Wanted...> wish, std::type_identity_t<Wanted>... wanted) {
  const Answer<T> answer = co_await (office.*wish)(std::move(wanted)...);
  if (!answer) co_return status(answer.error());
  journal.changed(action, subject(*answer));
  tell(*answer, response);
  co_return grpc::Status::OK;
}

/// What is gone leaves its name only.
template <class Office, class... Wanted>
Task<grpc::Status> removal(Office office, Journal& journal, std::string_view action,
                           Wish<Office, std::string, Wanted...> wish, std::type_identity_t<Wanted>... wanted) {
  const Answer<std::string> answer = co_await (office.*wish)(std::move(wanted)...);
  if (!answer) co_return status(answer.error());
  journal.changed(action, *answer);
  co_return grpc::Status::OK;
}

/// What the next page of a listing begins after.
inline std::string mark(const store::AuditEntry& entry) {
  return std::to_string(entry.id);
}
template <class T>
std::string mark(const T& entry) {
  return subject(entry);
}

template <class T, class Request>
using Page = Task<Answer<std::vector<T>>> (*)(Administration&, const Request&, std::string after);

/// Page by page, so that no listing is in memory whole; a page is one snapshot, the listing is not.
template <class T, class Message, class Request>
Task<grpc::Status> list(rpc::Download<Message>& download, Administration administration, const Request& request,
                        Page<T, Request> page) {
  std::string after;
  while (true) {
    const Answer<std::vector<T>> entries = co_await page(administration, request, after);
    if (!entries) co_return status(entries.error());
    for (const T& entry : *entries) {
      Message message;
      tell(entry, message);
      const bool taken = co_await download.write(message);
      if (!taken) co_return grpc::Status::CANCELLED;
      after = mark(entry);
    }
    if (entries->size() < Administration::kPage) co_return grpc::Status::OK;
  }
}

template <class T, class Message, class Request>
grpc::ServerWriteReactor<Message>* serveList(net::Loop& loop, Administration administration, const Request* request,
                                             Page<T, Request> page) {
  return rpc::answerStream<Message>(
      loop, [administration = std::move(administration), request, page](rpc::Download<Message>& download) {
        return orUnavailable(list<T, Message, Request>(download, administration, *request, page));
      });
}

inline grpc::ServerUnaryReactor* serve(net::Loop& loop, grpc::CallbackServerContext* context, Task<grpc::Status> call) {
  return rpc::answer(loop, context, [call = orUnavailable(std::move(call))]() mutable { return std::move(call); });
}

}  // namespace posthouse::accountd
