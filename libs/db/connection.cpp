#include "db/connection.h"

#include <libpq-fe.h>
#include <poll.h>

#include <pqxx/basic_connection>
#include <pqxx/connection>
#include <pqxx/except>

#include "db/answer.h"
#include "db/errors.h"

namespace posthouse::db {
namespace {

thread_local pg_conn* lastStarted = nullptr;

/// libpqxx hides the connection that it makes; its policy class is the public place to see it.
class ExposingPolicy : public pqxx::connect_direct {
 public:
  using pqxx::connect_direct::connect_direct;
  handle do_startconnect(handle before) override { return lastStarted = pqxx::connect_direct::do_startconnect(before); }
};

std::string quoted(std::string_view value) {
  std::string text = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text + "'";
}

/// The options of a URL or of key=value pairs, with ours where it does not say otherwise.
std::string connectionOptions(const std::string& url, std::string_view applicationName) {
  char* error = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(PQconninfoParse(url.c_str(), &error),
                                                                            PQconninfoFree);
  if (!parsed) {
    const std::string why = error ? error : "out of memory";
    PQfreemem(error);
    throw std::invalid_argument("database url: " + why);
  }
  std::string options;
  for (const PQconninfoOption* option = parsed.get(); option->keyword; ++option) {
    const std::string_view keyword = option->keyword;
    std::string value = option->val ? option->val : "";
    if (value.empty() && keyword == "application_name") value = applicationName;
    // The least that libpq takes: a job's patience without a connection is as long.
    if (value.empty() && keyword == "connect_timeout") value = "2";
    // A server that vanished without a word: give it up after half a minute, not after TCP's quarter of an hour.
    if (value.empty() && keyword == "tcp_user_timeout") value = "30000";
    if (value.empty() && keyword == "keepalives_idle") value = "30";
    if (keyword == "client_encoding") value = "UTF8";
    if (!value.empty()) options += std::string(keyword) + '=' + quoted(value) + ' ';
  }
  return options;
}

/// 08: connection; 57P01 to 57P03: the server goes down or starts.
bool meansLost(std::string_view state) {
  return state.starts_with("08") || state.starts_with("57P0");
}

/// 26000: no such prepared statement; 42P05: there is one already; 0A000 after a migration: its result has changed.
bool meansForgotten(std::string_view state) {
  return state == "26000" || state == "42P05" || state == "0A000";
}

std::string_view stateOf(const PGresult* result) {
  const char* state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : nullptr;
  return state ? state : "";
}

bool isDone(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

[[noreturn]] void fail(PGconn* connection, const PGresult* result, std::string_view sql) {
  const std::string state(stateOf(result));
  const std::string message =
      result && *PQresultErrorMessage(result) ? PQresultErrorMessage(result) : PQerrorMessage(connection);
  if (PQstatus(connection) != CONNECTION_OK || state.empty() || meansLost(state)) throw ConnectionLost(message);
  if (state == "40001" || state == "40P01") throw Conflict(message);
  if (state == "55P03") throw Busy(message);
  if (state == "57014") throw Unavailable(message);  // past the role's statement_timeout
  const std::string query(sql);
  if (state == "23505") throw pqxx::unique_violation(message, query, state.c_str());
  if (state == "42501") throw pqxx::insufficient_privilege(message, query, state.c_str());
  if (state == "42P01") throw pqxx::undefined_table(message, query, state.c_str());
  throw pqxx::sql_error(message, query, state.c_str());
}

}  // namespace

class Connection::Handle : public pqxx::basic_connection_base<ExposingPolicy> {
 public:
  using basic_connection_base::basic_connection_base;
};

Connection::Connection(const std::string& url, std::string_view applicationName,
                       std::chrono::milliseconds statementTimeout, PreparedStatements* prepared) try
    : handle_(std::make_unique<Handle>(connectionOptions(url, applicationName))),
      raw_(lastStarted),
      statementTimeout_(statementTimeout),
      prepared_(prepared) {
  PQsetNoticeProcessor(raw_, [](void*, const char*) {}, nullptr);
  // Otherwise libpq would wait by itself, without a bound, where the server does not take what is sent.
  PQsetnonblocking(raw_, 1);
} catch (const pqxx::failure& failure) {
  throw ConnectionLost(failure.what());
}

Connection::~Connection() = default;

bool Connection::isQuiet() const noexcept {
  pollfd socket{.fd = PQsocket(raw_), .events = POLLIN, .revents = 0};
  return poll(&socket, 1, 0) == 0;
}

Rows Connection::answer(int wasSent) {
  if (!wasSent) throw ConnectionLost(PQerrorMessage(raw_));
  return awaitAnswer(raw_, statementTimeout_);
}

Rows Connection::execute(std::string_view sql, const Parameters& parameters) {
  const std::string statement(sql);
  Rows rows = answer(PQsendQueryParams(raw_, statement.c_str(), parameters.size(), nullptr, parameters.values(),
                                       parameters.lengths(), parameters.formats(), /*resultFormat=*/1));
  if (!isDone(rows.raw())) fail(raw_, rows.raw(), sql);
  return rows;
}

Rows Connection::executePrepared(std::string_view sql, const Parameters& parameters) {
  if (!prepared_ || !prepared_->areUsed()) return execute(sql, parameters);
  const auto check = [&](const PGresult* result) {
    if (isDone(result)) return;
    const std::string_view state = stateOf(result);
    if (!meansForgotten(state)) fail(raw_, result, sql);
    const std::string message = PQresultErrorMessage(result);
    if (state != "0A000") prepared_->giveUp(message);
    throw StatementForgotten(message);
  };
  auto known = names_.find(sql);
  if (known == names_.end()) {
    const std::string name = PreparedStatements::nameOf(sql);
    check(answer(PQsendPrepare(raw_, name.c_str(), std::string(sql).c_str(), parameters.size(), nullptr)).raw());
    known = names_.emplace(sql, name).first;
  }
  Rows rows = answer(PQsendQueryPrepared(raw_, known->second.c_str(), parameters.size(), parameters.values(),
                                         parameters.lengths(), parameters.formats(), /*resultFormat=*/1));
  check(rows.raw());
  return rows;
}

void Connection::script(std::string_view statements) {
  const Rows rows = answer(PQsendQuery(raw_, std::string(statements).c_str()));
  if (!isDone(rows.raw())) fail(raw_, rows.raw(), statements);
}

bool Connection::commit() {
  const Rows rows = answer(PQsendQuery(raw_, "COMMIT"));
  if (PQresultStatus(rows.raw()) != PGRES_COMMAND_OK) fail(raw_, rows.raw(), "COMMIT");
  return std::string_view(PQcmdStatus(const_cast<PGresult*>(rows.raw()))) == "COMMIT";  // it changes nothing
}

void Connection::rollback() {
  if (PQtransactionStatus(raw_) != PQTRANS_IDLE) script("ROLLBACK");
}

}  // namespace posthouse::db
