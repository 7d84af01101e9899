#include <fmt/format.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "context.h"
#include "db/database.h"
#include "db/errors.h"
#include "db/migrations.h"
#include "net/loop.h"
#include "store/consistency.h"
#include "store/migrations.h"
#include "verbs/verbs.h"

namespace posthouse::mailctl {
namespace {

ExitCode migrate(Context& context, const Arguments&) {
  nlohmann::json applied = nlohmann::json::array();
  const auto told = [&](const db::Migration& migration) {
    applied.push_back({{"version", migration.version}, {"name", migration.name}});
    if (!context.output().isJson())
      context.output().text(fmt::format("{:>4}  {}\n", migration.version, migration.name));
  };
  db::migrate(context.databaseUrl(), store::migrations(), told);
  context.output().done(applied.empty() ? fmt::format("The database is at version {} already.", store::schemaVersion())
                                        : fmt::format("The database is at version {}.", store::schemaVersion()),
                        {{"version", store::schemaVersion()}, {"applied", applied}});
  return ExitCode::done;
}

ExitCode version(Context& context, const Arguments&) {
  const int there = db::schemaVersion(context.databaseUrl());
  const int known = store::schemaVersion();
  std::string text = fmt::format("The database is at version {}, this program knows {}.", there, known);
  if (there < known) text += " Bring it there with: mailctl db migrate";
  context.output().done(text, {{"version", there}, {"known", known}});
  return there == known ? ExitCode::done : ExitCode::problemsFound;
}

using Inconsistencies = std::vector<store::Inconsistency>;

/// Each account in a snapshot of its own, so that no long transaction holds vacuum back.
Task<Inconsistencies> checkAll(db::Database& database, std::size_t& accounts) {
  Inconsistencies all;
  const auto ids = [](db::Transaction& transaction) {
    std::vector<store::AccountId> ids;
    for (const db::Row row : transaction.exec("SELECT account_id FROM posthouse.account ORDER BY account_id"))
      ids.push_back(row.get<store::AccountId>(0));
    return ids;
  };
  const std::vector<store::AccountId> every = co_await database.query(ids);
  accounts = every.size();
  for (const store::AccountId account : every) {
    const auto check = [account](db::Transaction& transaction) { return store::checkAccount(transaction, account); };
    Inconsistencies found = co_await database.query(check);
    std::ranges::move(found, std::back_inserter(all));
  }
  co_return all;
}

ExitCode check(Context& context, const Arguments&) {
  net::Loop loop;
  prometheus::Registry registry;
  db::Database database(
      loop, {.url = context.databaseUrl(), .applicationName = "mailctl", .poolSize = 1, .statementTimeout = {}},
      registry);
  std::size_t accounts = 0;
  const Inconsistencies found = loop.runUntilDone(checkAll(database, accounts));
  nlohmann::json json = {{"accounts", accounts}, {"problems", nlohmann::json::array()}};
  std::string text;
  for (const store::Inconsistency& one : found) {
    json["problems"].push_back({{"account_id", static_cast<std::int64_t>(one.account)}, {"what", one.what}});
    text += fmt::format("account {}: {}\n", static_cast<std::int64_t>(one.account), one.what);
  }
  text += fmt::format("{} accounts checked, {} problems found.", accounts, found.size());
  context.output().done(text, json);
  return found.empty() ? ExitCode::done : ExitCode::problemsFound;
}

}  // namespace

std::vector<Verb> databaseVerbs() {
  return {
      {"db",
       "migrate",
       "",
       0,
       0,
       {},
       "Bring the database to the newest schema",
       "Run by scripts/up. Programs of the version before keep working while it runs. Several at once take turns.",
       migrate},
      {"db",
       "version",
       "",
       0,
       0,
       {},
       "The version of the schema, and the one this program knows",
       "Status 6 if they differ.",
       version},
      {"db",
       "check",
       "",
       0,
       0,
       {},
       "Compare counters, UIDs and bodies of every account with what is there",
       "Status 6 if something is wrong.",
       check},
  };
}

}  // namespace posthouse::mailctl
