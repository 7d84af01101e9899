#pragma once
#include "checks/finding.h"
#include "context.h"

/// The doctor's checks: each looks at one thing and throws nothing that it expects to find.
namespace posthouse::mailctl {

/// Every program's own opinion of the configuration (--check-config).
Findings checkConfiguration(Context& context);
/// Whether each program lives and is ready: /healthz, /readyz, and its gRPC health.
Findings checkPrograms(Context& context);
/// Whether mail clients and servers reach the ports that are configured.
Findings checkListeners(Context& context);
/// Reachable, at the right schema, and set so that what is committed stays.
Findings checkDatabase(Context& context);
/// Readable, of the right name, trusted, not about to expire.
Findings checkCertificates(Context& context);
/// postmaster and abuse of every domain (RFC 2142).
Findings checkAddresses(Context& context);
/// Whether the external directories can be asked, and serve domains of ours.
Findings checkDirectories(Context& context);
/// Whether something keeps the clock right.
Findings checkClock(Context& context);

}  // namespace posthouse::mailctl
