#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "account_admin.h"
#include "input_file.h"
#include "mail/admin/v1/site.grpc.pb.h"
#include "site_file.h"
#include "verbs/verbs.h"

namespace posthouse::mailctl {
namespace {

ExitCode exportSite(Context& context, const Arguments&) {
  const auto entries = listAll(context, &admin::SiteAdmin::Stub::Export, admin::ExportRequest());
  const std::string text = siteFile(entries);
  if (context.output().isJson()) {
    context.output().json({{"toml", text}});
  } else {
    context.output().text(text);
  }
  return ExitCode::done;
}

struct Applied {
  std::int64_t changes = 0;
  std::int64_t failed = 0;
  nlohmann::json all = nlohmann::json::array();

  void take(const admin::SiteChange& change) {
    ++(change.error().empty() ? changes : failed);
    all.push_back(
        {{"action", change.action()}, {"object", change.object()}, {"what", change.what()}, {"error", change.error()}});
  }

  ExitCode code() const {
    if (failed == 0) return ExitCode::done;
    return changes == 0 ? ExitCode::failed : ExitCode::partlyDone;
  }

  std::string sentence(bool isDryRun) const {
    const std::string made = isDryRun ? "to be made" : "made";
    if (changes == 0 && failed == 0) return "Nothing is to be changed.";
    if (failed == 0) return fmt::format("{} changes {}.", changes, made);
    return fmt::format("{} changes {}, {} refused.", changes, made, failed);
  }
};

void show(const admin::SiteChange& change) {
  std::string line = change.action() + ' ' + change.object();
  if (!change.what().empty()) line += ": " + change.what();
  if (change.error().empty()) {
    std::cout << line << '\n' << std::flush;
  } else {
    std::cerr << line << ": " << change.error() << '\n';
  }
}

ExitCode apply(Context& context, const Arguments& arguments) {
  const std::string file = arguments.option("file").value();
  admin::ApplyRequest first;
  admin::ApplyOptions& options = *first.mutable_options();
  options.set_dry_run(arguments.has("dry-run"));
  options.set_prune(arguments.has("prune"));
  options.set_delete_mail(arguments.has("delete-mail"));
  if (options.delete_mail() && !options.prune()) throw Failure(ExitCode::usage, "--delete-mail goes with --prune");
  const std::vector<admin::SiteEntry> entries = readSiteFile(readInput(file), file == "-" ? "standard input" : file);

  admin::SiteAdmin::Stub stub(context.channel("accountd"));
  grpc::ClientContext call;
  introduce(context, call);
  const auto stream = stub.Apply(&call);
  bool sent = stream->Write(first);
  for (const admin::SiteEntry& entry : entries) {
    admin::ApplyRequest request;
    *request.mutable_entry() = entry;
    sent = sent && stream->Write(request);
  }
  stream->WritesDone();

  Applied applied;
  for (admin::SiteChange change; stream->Read(&change);) {
    applied.take(change);
    if (!context.output().isJson()) show(change);
  }
  require(stream->Finish(), "accountd");
  context.output().done(applied.sentence(options.dry_run()), {{"changes", applied.all},
                                                              {"made", options.dry_run() ? 0 : applied.changes},
                                                              {"refused", applied.failed},
                                                              {"dry_run", options.dry_run()}});
  return applied.code();
}

}  // namespace

std::vector<Verb> siteVerbs() {
  return {
      {"apply",
       "",
       "-f FILE",
       0,
       0,
       {{"file", "FILE", "what there is to be, in TOML; \"-\" is standard input", true, 'f'},
        {"dry-run", "", "tell what would be changed, and change nothing"},
        {"prune", "", "remove what is not in the file; who holds mail stays"},
        {"delete-mail", "", "with --prune: remove mailboxes that hold mail, too"}},
       "Make domains, users, groups and aliases as a file has them",
       "FILE has tables, as `mailctl export` writes them:\n"
       "  [[domain]]  name, catch_all, separators, default_quota, max_users, max_aliases,\n"
       "              two_factors (\"required\" or \"optional\")\n"
       "  [[user]]    address, enabled, quota, send_as, administers (domains, or \"*\" for everything);\n"
       "              for one that is added password_file, or password_hash as `user import` takes it,\n"
       "              or neither: nobody gets in with a password\n"
       "  [[group]]   address, members, senders (\"anyone\" or \"members\")\n"
       "  [[shared]]  address, members, quota\n"
       "  [[alias]]   address, members\n"
       "A key that is not there leaves things as they are; a list is all of its names. What is so already\n"
       "is not touched: to apply a file again changes nothing. Everything that is wrong with the file is\n"
       "told before anything is changed. A change that is refused stops no other (status 5).",
       apply},
      {"export",
       "",
       "",
       0,
       0,
       {},
       "Write domains, users, groups and aliases as a file for apply",
       "Neither passwords nor their hashes are in it.",
       exportSite},
  };
}

}  // namespace posthouse::mailctl
