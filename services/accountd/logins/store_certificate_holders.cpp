#include "logins/store_certificate_holders.h"

#include "store/client_certificate_repository.h"

namespace posthouse::accountd {
namespace {

using store::ClientCertificateRepository;

CertificateHolder known(const ClientCertificateRepository::Holder& holder) {
  return {static_cast<std::int64_t>(holder.account), holder.address, holder.enabled};
}

}  // namespace

Task<std::optional<CertificateHolder>> StoreCertificateHolders::registered(std::string fingerprint) {
  const auto job = [&](db::Transaction& transaction) {
    return ClientCertificateRepository(transaction).holder(fingerprint);
  };
  const auto found = co_await database_.single(job, db::Repeat::harmless);
  if (!found) co_return std::nullopt;
  co_return known(*found);
}

Task<std::vector<CertificateHolder>> StoreCertificateHolders::individuals(std::vector<std::string> addresses) {
  const auto job = [&](db::Transaction& transaction) {
    return ClientCertificateRepository(transaction).individuals(addresses);
  };
  std::vector<CertificateHolder> holders;
  for (const auto& holder : co_await database_.single(job, db::Repeat::harmless)) holders.push_back(known(holder));
  co_return holders;
}

}  // namespace posthouse::accountd
