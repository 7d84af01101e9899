#include "kerberos/store_seen_requests.h"

#include "store/kerberos_request_repository.h"

namespace posthouse::accountd {

Task<bool> StoreSeenRequests::note(std::string proof) {
  const auto job = [&](db::Transaction& transaction) {
    return store::KerberosRequestRepository(transaction).add(proof);
  };
  co_return co_await database_.single(job);
}

}  // namespace posthouse::accountd
