#include "import/import_metrics.h"

namespace posthouse::lmtp_delivery {

ImportMetrics::ImportMetrics(prometheus::Registry& registry)
    : ImportMetrics(prometheus::BuildCounter()
                        .Name("posthouse_lmtp_import_messages_total")
                        .Help("Messages of other servers that were imported, were there already, or were refused.")
                        .Register(registry),
                    registry) {}

ImportMetrics::ImportMetrics(prometheus::Family<prometheus::Counter>& messages, prometheus::Registry& registry)
    : running(prometheus::BuildGauge()
                  .Name("posthouse_lmtp_imports")
                  .Help("Imports of mail of other servers that run now.")
                  .Register(registry)
                  .Add({})),
      imported(messages.Add({{"result", "imported"}})),
      present(messages.Add({{"result", "present"}})),
      refused(messages.Add({{"result", "refused"}})) {}

}  // namespace posthouse::lmtp_delivery
