#include "maildir/mail_import.h"

#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "maildir/folder_name.h"
#include "maildir/order.h"
#include "maildir/outcome.h"
#include "maildir/unreadable_format.h"
#include "message/header.h"
#include "store/unique_id_repository.h"

namespace posthouse::mailctl::maildir {

namespace fs = std::filesystem;

MailImport::MailImport(const fs::path& root, const Tree& tree, const ImportOptions& options, Report& report,
                       ImportStream* stream)
    : root_(root),
      tree_(tree),
      options_(options),
      controlOwner_(options.control.empty() ? tree.owner : Owner::of(options.control)),
      report_(report),
      stream_(stream) {
  readSubscriptions();
}

fs::path MailImport::control(const fs::path& folder) const {
  if (options_.control.empty()) return folder;
  if (folder != root_) return options_.control / folder.lexically_relative(root_);
  for (const char* inbox : {".INBOX", "INBOX"}) {  // Maildir++, LAYOUT=fs
    std::error_code error;
    if (fs::exists(fs::symlink_status(options_.control / inbox, error))) return options_.control / inbox;
  }
  return options_.control;
}

void MailImport::readSubscriptions() {
  const std::pair<fs::path, const Owner&> files[] = {
      {(options_.control.empty() ? root_ : options_.control) / "subscriptions", controlOwner_},
      {root_ / "courierimapsubscribed", tree_.owner}};
  for (const auto& [file, owner] : files) {
    try {
      const auto text = owner.read(file);
      if (!text) continue;
      hasSubscriptions_ = true;
      for (std::string& folder : parseSubscriptions(*text)) subscriptions_.insert(std::move(folder));
      return;
    } catch (const Failure& failure) {
      report_.error(file.string(), failure.what());
    } catch (const std::system_error& error) {
      report_.error(file.string(), error.code().message());
    }
  }
}

/// Where the old server has no list of them, all are.
bool MailImport::isSubscribed(const std::string& folder) const {
  return !hasSubscriptions_ || subscriptions_.contains(folder);
}

void MailImport::run() {
  for (const Tree::LeftOut& each : tree_.leftOut) report_.error(each.path.string(), each.why);
  for (const Folder& folder : tree_.folders) {
    if (report_.isFull()) return;
    bring(folder);
  }
}

void MailImport::bring(const Folder& folder) {
  const auto complain = [this](const fs::path& file, std::size_t line, const std::string& what) {
    report_.error(fmt::format("{}:{}", file.string(), line), what + "; its message gets a unique id of ours");
  };
  try {
    const OldIds ids({control(folder.path), folder.path}, controlOwner_, options_.uidlFormat, complain);
    keywords_ = readKeywords(folder);
    unknownFlags_.clear();
    unlisted_ = 0;
    std::vector<Messages::Entry> entries = Messages::scan(folder.path, tree_.owner);
    inOldOrder(entries, ids);
    if (stream_ != nullptr) {
      const std::string refusal = stream_->folder(folder.name, isSubscribed(folder.name));
      if (!refusal.empty()) return report_.error(folder.path.string(), refusal);
    }
    Messages messages(folder.path, tree_.owner);
    for (Messages::Entry& entry : entries) {
      if (report_.isFull()) return;
      bring(folder, messages, entry, ids);
    }
    sumUp(folder, ids);
  } catch (const Failure& failure) {
    report_.error(folder.path.string(), fmt::format("nothing of it was imported: {}", failure.what()));
  } catch (const std::system_error& error) {
    report_.error(folder.path.string(), error.code().message());
  }
}

Keywords MailImport::readKeywords(const Folder& folder) {
  const fs::path file = control(folder.path) / "dovecot-keywords";
  std::vector<BrokenLine> broken;
  Keywords keywords;
  try {
    const auto text = controlOwner_.read(file);
    if (text) keywords = parseKeywords(*text, broken);
  } catch (const Failure& failure) {
    throw Failure(failure.code, fmt::format("{}: {}", file.string(), failure.what()));
  } catch (const std::system_error& error) {
    throw Failure(ExitCode::failed, fmt::format("{}: {}", file.string(), error.code().message()));
  }
  for (const BrokenLine& line : broken)
    report_.warn(fmt::format("{}:{}", file.string(), line.number), line.objection + "; no message has this keyword");
  return keywords;
}

void MailImport::bring(const Folder& folder, Messages& messages, Messages::Entry& entry, const OldIds& ids) {
  const auto path = [&] { return (folder.path / entry.path()).string(); };
  try {
    std::optional<MessageFile> file = messages.open(entry);
    if (!file) {
      report_.warn(path(), "it vanished before its turn");
      return report_.vanished();
    }
    const FileName name = FileName::of(entry.name);
    admin::ImportMessage message;
    message.set_key(std::string(name.base));
    if (!entry.isNew)
      for (std::string& flag : flagNames(name.flags, keywords_, unknownFlags_)) message.add_flags(std::move(flag));
    message.set_internal_date(
        std::chrono::duration_cast<std::chrono::microseconds>(file->modified().time_since_epoch()).count());
    message.set_octets(file->next());
    if (const auto objection = objectionToFormat(message.octets())) return report_.refused(path(), *objection);
    const auto id = ids.find(name.base);
    if (!id && ids.areKnown()) ++unlisted_;
    message.set_unique_id(uniqueIdOf(id, message.octets(), path()));
    const bool hasOldId = !message.unique_id().empty();
    if (stream_ == nullptr) return report_.imported(hasOldId);
    ImportStream::Sent sent{path(), hasOldId, file->size()};
    send(std::move(*file), std::move(message), std::move(sent));
  } catch (const Failure& failure) {
    report_.refused(path(), failure.what());
  } catch (const std::system_error& error) {
    report_.refused(path(), error.code().message());
  }
}

/// Empty if there is none that a message could have. Of X-UIDL, first come is first served: as it was in Dovecot.
std::string MailImport::uniqueIdOf(const std::optional<OldIds::Found>& found, std::string_view beginning,
                                   const std::string& where) {
  std::string id = found ? found->uniqueId : std::string();
  if (options_.reuseXuidl && !(found && found->isExplicit)) {
    if (auto field = message::Header::of(beginning).value("X-UIDL"); field && !field->empty()) id = *field;
  }
  if (id.empty() || store::isUniqueId(id)) return id;
  report_.warn(where, kUnfitId);
  return {};
}

void MailImport::send(MessageFile file, admin::ImportMessage message, ImportStream::Sent sent) {
  const std::string where = sent.where;
  std::string piece = message.octets().empty() ? std::string() : file.next();
  message.set_more(!piece.empty());
  stream_->send(std::move(message), std::move(sent));
  while (!piece.empty()) {
    admin::ImportOctets octets;
    octets.set_octets(std::move(piece));
    piece.clear();
    try {
      piece = file.next();
      octets.set_more(!piece.empty());
    } catch (const std::system_error& error) {
      report_.error(where, error.code().message());
      octets.clear_octets();
      octets.set_abandoned(true);
    }
    stream_->send(std::move(octets));
  }
}

void MailImport::sumUp(const Folder& folder, const OldIds& ids) {
  if (!unknownFlags_.empty())
    report_.warn(folder.path.string(),
                 fmt::format("flags of files that mean nothing here were left out: {}", unknownFlags_));
  if (ids.areCouriers()) isOfCourier_ = true;
  if (!ids.areKnown() && folder.messages > 0 && !isOfCourier_)
    report_.warn(folder.path.string(),
                 "there is no dovecot-uidlist and no courierpop3dsizelist: its messages get unique ids of ours. If its "
                 "Dovecot has CONTROL= in mail_location, name that folder with --control");
  if (unlisted_ > 0)
    report_.warn(folder.path.string(),
                 fmt::format("{} messages had no unique id there yet, and get ours: clients that fetch them before and "
                             "after the move fetch them twice",
                             unlisted_));
  if (ids.areOfBoth())
    report_.warn(folder.path.string(),
                 "there are a dovecot-uidlist and a courierpop3dsizelist: Dovecot's unique ids were taken");
  std::error_code error;
  if (fs::exists(fs::symlink_status(folder.path / "courierimapkeywords", error)))
    report_.warn((folder.path / "courierimapkeywords").string(), "keywords of Courier's IMAP server are not imported");
}

}  // namespace posthouse::mailctl::maildir
