#include "maildir/outcome.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace posthouse::mailctl::maildir {

void note(const ImportStream::Sent& sent, const admin::ImportedMessage& message, Report& report) {
  using Message = admin::ImportedMessage;
  switch (message.result()) {
    case Message::RESULT_IMPORTED:
      report.imported(message.unique_id() == Message::UNIQUE_ID_KEPT);
      break;
    case Message::RESULT_PRESENT:
      report.present();
      break;
    case Message::RESULT_OVER_QUOTA:
      if (!report.isFull())
        report.error(sent.where, message.error() + ": see mailctl quota, then run the import again");
      report.overQuota();
      break;
    default:
      report.refused(sent.where, message.error());
  }
  if (message.unique_id() == Message::UNIQUE_ID_TAKEN)
    report.warn(sent.where, "another message has its unique id, too: it gets one of ours");
  if (message.unique_id() == Message::UNIQUE_ID_UNFIT) report.warn(sent.where, kUnfitId);
  if (message.unique_id() == Message::UNIQUE_ID_DIFFERS)
    report.warn(
        sent.where,
        "an earlier import gave it another unique id, which it keeps: was that with another --uidl-format? Clients "
        "of the old server fetch it once more");
  if (message.lost_flags_size() > 0)
    report.warn(sent.where,
                fmt::format("flags were left out, which are no keywords or more than the account can have: {}",
                            fmt::join(message.lost_flags(), ", ")));
}

}  // namespace posthouse::mailctl::maildir
