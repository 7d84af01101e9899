#include "statuses.h"

#include "db/errors.h"
#include "ldap/unavailable.h"
#include "logins/mechanism.h"
#include "tokens/issuer_unavailable.h"

namespace posthouse::accountd {

using grpc::StatusCode;

grpc::Status status(const Refusal& refusal) {
  switch (refusal.kind) {
    case Refusal::Kind::invalid:
      return {StatusCode::INVALID_ARGUMENT, refusal.text};
    case Refusal::Kind::notFound:
      return {StatusCode::NOT_FOUND, refusal.text};
    case Refusal::Kind::exists:
      return {StatusCode::ALREADY_EXISTS, refusal.text};
    case Refusal::Kind::inUse:
    case Refusal::Kind::limit:
    case Refusal::Kind::notConfigured:
      return {StatusCode::FAILED_PRECONDITION, refusal.text};
    case Refusal::Kind::forbidden:
      return {StatusCode::PERMISSION_DENIED, refusal.text};
  }
  return {StatusCode::INTERNAL, refusal.text};
}

Task<grpc::Status> orUnavailable(Task<grpc::Status> handler) try {
  co_return co_await std::move(handler);
} catch (const Overloaded& error) {
  co_return grpc::Status(StatusCode::UNAVAILABLE, error.what());
} catch (const MechanismUnavailable& error) {
  co_return grpc::Status(StatusCode::FAILED_PRECONDITION, error.what());
} catch (const IssuerUnavailable& error) {
  co_return grpc::Status(StatusCode::UNAVAILABLE, error.what());
} catch (const db::Unavailable& error) {
  co_return grpc::Status(StatusCode::UNAVAILABLE, error.what());
} catch (const ldap::Unavailable& error) {
  co_return grpc::Status(StatusCode::UNAVAILABLE, error.what());
} catch (const db::Busy& error) {
  co_return grpc::Status(StatusCode::UNAVAILABLE, error.what());
}

}  // namespace posthouse::accountd
