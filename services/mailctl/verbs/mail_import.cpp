#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/cursor.h"
#include "base/utf8.h"
#include "maildir/mail_import.h"
#include "maildir/outcome.h"
#include "maildir/printable.h"
#include "verbs/verbs.h"

namespace posthouse::mailctl {
namespace {

namespace fs = std::filesystem;
using maildir::ImportStream;
using maildir::MailImport;
using maildir::Report;

maildir::ImportOptions optionsOf(const Arguments& arguments) {
  const std::string format = arguments.option("uidl-format").value_or(std::string(maildir::UidlFormat::kDefault));
  try {
    maildir::ImportOptions options{maildir::UidlFormat::parse(format), arguments.has("reuse-xuidl")};
    if (const auto control = arguments.option("control")) {
      options.control = fs::absolute(*control).lexically_normal();
      maildir::Owner::of(options.control);  // whether it is there
    }
    return options;
  } catch (const SyntaxError& error) {
    throw Failure(ExitCode::usage, fmt::format("--uidl-format {}: {}", format, error.what()));
  }
}

/// Of a request that cannot be read lmtp-delivery would not say what is wrong with it.
const std::string& addressOf(const Arguments& arguments) {
  const std::string& address = arguments.positional[0];
  if (!utf8::isValid(address))
    throw Failure(ExitCode::usage, fmt::format("{} is no address: it is not UTF-8", maildir::printable(address)));
  return address;
}

void finish(ImportStream& stream, const Report& report) try { stream.finish(); } catch (const Failure& failure) {
  throw Failure(failure.code,
                fmt::format("{}\n{} Run it again: those will be passed over.", failure.what(), report.sentence()));
}

/// Nothing that a hostile name or a broken disk does here ends with less than what was acknowledged being in.
ExitCode importMaildir(Context& context, const Arguments& arguments) {
  const maildir::ImportOptions options = optionsOf(arguments);
  const bool isDryRun = arguments.has("dry-run");
  const fs::path root = fs::absolute(arguments.positional[1]).lexically_normal();
  const maildir::Tree tree = maildir::Tree::read(root);
  std::int64_t total = 0;
  for (const maildir::Folder& folder : tree.folders) total += static_cast<std::int64_t>(folder.messages);

  Report report(total, context.output().isJson());
  maildir::admin::BeginMailImport begin;
  begin.set_address(addressOf(arguments));
  begin.set_source(maildir::printable(root.string()));
  begin.set_dry_run(isDryRun);
  ImportStream stream(context, begin,
                      [&report](const auto& sent, const auto& message) { note(sent, message, report); });
  try {
    MailImport(root, tree, options, report, isDryRun ? nullptr : &stream).run();
  } catch (const ImportStream::Ended&) {
    // finish() says why.
  }
  finish(stream, report);
  report.end();
  nlohmann::json json = report.json();
  json["address"] = stream.begun().address();
  json["folders"] = tree.folders.size();
  json["dry_run"] = isDryRun;
  const std::string dry = isDryRun ? "Nothing was changed. It would be: " : "";
  context.output().done(dry + report.sentence(), json);
  return report.code();
}

}  // namespace

std::vector<Verb> mailImportVerbs() {
  return {{"import",
           "maildir",
           "ADDRESS FOLDER",
           2,
           2,
           {{"uidl-format", "FORMAT", "pop3_uidl_format of the Dovecot that the Maildir comes from (else %08Xu%08Xv)"},
            {"reuse-xuidl", "", "a message's X-UIDL field is its unique id (Dovecot's pop3_reuse_xuidl)"},
            {"control", "FOLDER", "where Dovecot keeps its lists, if mail_location has CONTROL="},
            {"dry-run", "", "read everything, tell what there is, change nothing"}},
           "Bring the mail of another server into a user's mailbox",
           "FOLDER is a Maildir of Dovecot, Courier or another server: INBOX, its folders (Maildir++, or Dovecot's\n"
           "LAYOUT=fs), flags, keywords of Dovecot, dates and subscriptions. POP3 clients find the unique ids that\n"
           "they know, as dovecot-uidlist or courierpop3dsizelist tells them, and fetch nothing again; IMAP\n"
           "clients read the folders anew. Nothing in FOLDER is changed, and its server may go on meanwhile.\n"
           "What was imported or found again in the last 30 days (lmtp-delivery.queue_key_age) is passed over:\n"
           "repeat it as often as you like, the last time when nothing is delivered there any more, each time after\n"
           "POP3 clients have logged in to the old server. Symbolic links, and what belongs to another user than\n"
           "FOLDER, are left out. Errors and warnings name the file; status 5 says that some was imported and some\n"
           "not.",
           importMaildir}};
}

}  // namespace posthouse::mailctl
