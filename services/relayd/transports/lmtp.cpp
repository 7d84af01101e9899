#include "transports/lmtp.h"

namespace posthouse::relayd {

Task<std::vector<Report>> LmtpTransport::send(const Parcel& parcel, net::Patience whole) {
  smtpclient::Envelope envelope = parcel.envelope();
  for (smtp::Rcpt& rcpt : envelope.recipients) rcpt.parameters.deliveryId = store::toText(parcel.message.id);
  smtpclient::MemoryContent content(parcel.octets);
  const smtpclient::Result result = co_await pool_.send(server_, {}, envelope, content, std::move(whole));
  std::vector<Report> reports;
  for (const smtpclient::Outcome& outcome : result.recipients)
    reports.push_back({.reply = outcome.reply,
                       .host = outcome.isFromPeer ? server_.text() : std::string(),
                       .tls = result.tlsVersion,
                       .connected = outcome.phase > smtpclient::Phase::tls});
  co_return reports;
}

}  // namespace posthouse::relayd
