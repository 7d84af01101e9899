#include "administration.h"
#include "refusals.h"

namespace posthouse::accountd {

using store::DirectoryError;

Task<Answer<store::Domain>> Administration::addDomain(std::string name) {
  const Answer<std::string> domain = readDomain(name);
  if (!domain) co_return std::unexpected(domain.error());
  const auto job = [&](db::Transaction& transaction) { return store::DomainRepository(transaction).add(*domain); };
  const auto added = co_await database_.transact(job);
  if (!added) co_return std::unexpected(Refusal{Refusal::Kind::exists, "the domain " + *domain + " exists already"});
  co_return store::Domain{*domain};
}

Task<std::vector<store::Domain>> Administration::domains() {
  const auto job = [](db::Transaction& transaction) { return store::DomainRepository(transaction).list(); };
  co_return co_await database_.query(job);
}

Task<Answer<std::string>> Administration::removeDomain(std::string name) {
  const Answer<std::string> domain = readDomain(name);
  if (!domain) co_return std::unexpected(domain.error());
  const auto job = [&](db::Transaction& transaction) { return store::DomainRepository(transaction).remove(*domain); };
  const auto removed = co_await database_.transact(job);
  if (removed) co_return *domain;
  if (removed.error() == DirectoryError::inUse)
    co_return std::unexpected(
        Refusal{Refusal::Kind::inUse, *domain + " still has users or aliases; remove them first (mailctl user list " +
                                          *domain + ", mailctl alias list " + *domain + ")"});
  co_return std::unexpected(Refusal{Refusal::Kind::notFound, "there is no domain " + *domain});
}

}  // namespace posthouse::accountd
