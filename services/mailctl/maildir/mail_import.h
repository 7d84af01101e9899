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
  bool reuseXuidl = false;  // as Dovecot's pop3_reuse_xuidl: a message's X-UIDL field is its unique id
};

/// Brings the folders of a Maildir, one after another, on their way.
class MailImport {
 public:
  /// Refers to all of it. Without `stream` everything is looked at and nothing sent.
  MailImport(const std::filesystem::path& root, const Tree& tree, const ImportOptions& options, Report& report,
             ImportStream* stream);

  /// Throws ImportStream::Ended.
  void run();

  /// What became of a message.
  static void take(const ImportStream::Sent& sent, const admin::ImportedMessage& message, Report& report);

 private:
  void readSubscriptions(const std::filesystem::path& root);
  bool isSubscribed(const std::string& folder) const;
  void bring(const Folder& folder);
  void bring(const Folder& folder, Messages& messages, Messages::Entry& entry, const OldIds& ids);
  void send(MessageFile file, admin::ImportMessage message, ImportStream::Sent sent);
  Keywords readKeywords(const Folder& folder);
  void sumUp(const Folder& folder, const OldIds& ids);

  const Tree& tree_;
  const ImportOptions& options_;
  Report& report_;
  ImportStream* stream_;
  std::set<std::string> subscriptions_;
  bool hasSubscriptions_ = false;

  // Of the folder that is on its way
  Keywords keywords_;
  std::string unknownFlags_;
  std::size_t unlisted_ = 0;  // messages that the old server has given no id yet
};

}  // namespace posthouse::mailctl::maildir
