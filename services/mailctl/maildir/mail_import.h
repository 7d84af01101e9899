#pragma once
#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "maildir/file_name.h"
#include "maildir/import_stream.h"
#include "maildir/messages.h"
#include "maildir/old_ids.h"
#include "maildir/report.h"
#include "maildir/tree.h"

namespace posthouse::mailctl::maildir {

struct ImportOptions {
  UidlFormat uidlFormat;
  bool reuseXuidl = false;             // as Dovecot's pop3_reuse_xuidl: a message's X-UIDL field is its unique id
  std::filesystem::path control = {};  // Dovecot's CONTROL=, where its lists are; empty: in the Maildir
};

/// Brings the folders of a Maildir, one after another, on their way.
class MailImport {
 public:
  /// Refers to all of it. Without `stream` everything is looked at and nothing sent.
  MailImport(const std::filesystem::path& root, const Tree& tree, const ImportOptions& options, Report& report,
             ImportStream* stream);

  /// Throws ImportStream::Ended.
  void run();

 private:
  void readSubscriptions();
  /// Where Dovecot's lists of a folder are.
  std::filesystem::path control(const std::filesystem::path& folder) const;
  bool isSubscribed(const std::string& folder) const;
  void bring(const Folder& folder);
  void bring(const Folder& folder, Messages& messages, Messages::Entry& entry, const OldIds& ids);
  std::string uniqueIdOf(const std::optional<OldIds::Found>& found, std::string_view beginning,
                         const std::string& where);
  void send(MessageFile file, admin::ImportMessage message, ImportStream::Sent sent);
  Keywords readKeywords(const Folder& folder);
  void sumUp(const Folder& folder, const OldIds& ids);

  const std::filesystem::path root_;
  const Tree& tree_;
  const ImportOptions& options_;
  const Owner controlOwner_;
  Report& report_;
  ImportStream* stream_;
  std::set<std::string> subscriptions_;
  bool hasSubscriptions_ = false;
  bool isOfCourier_ = false;  // whose POP3 server has a list of INBOX only

  // Of the folder that is on its way
  Keywords keywords_;
  std::string unknownFlags_;
  std::size_t unlisted_ = 0;  // messages that the old server has given no id yet
};

}  // namespace posthouse::mailctl::maildir
