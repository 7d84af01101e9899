#include "metrics.h"

#include "observe/buckets.h"

namespace posthouse::lmtp_delivery {

struct Metrics::Families {
  prometheus::Family<prometheus::Counter>& dedup;
  prometheus::Family<prometheus::Counter>& recipients;
  prometheus::Family<prometheus::Histogram>& durations;
};

Metrics::Metrics(prometheus::Registry& registry)
    : Metrics({prometheus::BuildCounter()
                   .Name("posthouse_store_dedup_total")
                   .Help("Deliveries by whether they had been made before: a hit is answered and does nothing.")
                   .Register(registry),
               prometheus::BuildCounter()
                   .Name("posthouse_lmtp_recipients_total")
                   .Help("Recipients of messages, by what became of them.")
                   .Register(registry),
               prometheus::BuildHistogram()
                   .Name("posthouse_lmtp_delivery_duration_seconds")
                   .Help("Time of a message's delivery to all of its recipients, by phase.")
                   .Register(registry)},
              registry) {}

Metrics::Metrics(Families families, prometheus::Registry& registry)
    : delivered(families.recipients.Add({{"result", "delivered"}})),
      overQuota(families.recipients.Add({{"result", "over_quota"}})),
      noUser(families.recipients.Add({{"result", "no_user"}})),
      temporary(families.recipients.Add({{"result", "temp"}})),
      permanent(families.recipients.Add({{"result", "perm"}})),
      prepare(families.durations.Add({{"phase", "prepare"}}, observe::fastBuckets())),
      wait(families.durations.Add({{"phase", "wait"}}, observe::fastBuckets())),
      store(families.durations.Add({{"phase", "store"}}, observe::fastBuckets())),
      total(families.durations.Add({{"phase", "total"}}, observe::fastBuckets())),
      batchDeliveries(prometheus::BuildHistogram()
                          .Name("posthouse_lmtp_batch_deliveries")
                          .Help("Deliveries that were stored by one transaction.")
                          .Register(registry)
                          .Add({}, prometheus::Histogram::BucketBoundaries{1, 2, 5, 10, 20, 50, 100})),
      batchesApart(prometheus::BuildCounter()
                       .Name("posthouse_lmtp_batches_apart_total")
                       .Help("Transactions that failed and whose deliveries were stored one by one.")
                       .Register(registry)
                       .Add({})),
      appended(prometheus::BuildCounter()
                   .Name("posthouse_store_messages_appended_total")
                   .Help("Messages put into mailboxes.")
                   .Register(registry)
                   .Add({{"source", "lmtp"}})),
      dedupHits(families.dedup.Add({{"result", "hit"}})),
      dedupMisses(families.dedup.Add({{"result", "miss"}})),
      quotaExceeded(prometheus::BuildCounter()
                        .Name("posthouse_quota_exceeded_total")
                        .Help("Messages refused because a mailbox was full.")
                        .Register(registry)
                        .Add({})) {}

prometheus::Counter& Metrics::recipients(Verdict verdict) {
  switch (verdict) {
    case Verdict::delivered:
      return delivered;
    case Verdict::overQuota:
      return overQuota;
    case Verdict::noSuchUser:
      return noUser;
    case Verdict::busy:
    case Verdict::unavailable:
      return temporary;
  }
  return permanent;
}

}  // namespace posthouse::lmtp_delivery
