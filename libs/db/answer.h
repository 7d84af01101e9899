#pragma once
#include <chrono>

#include "db/rows.h"

struct pg_conn;

namespace posthouse::db {

/// Sends what one of libpq's PQsend functions has left in the buffer, and awaits the answer: its last result, as PQexec
/// returns it. Throws ConnectionLost, or NoAnswer once `patience` has passed (zero: never); the connection is then of
/// no further use. libpq's own waits know no bound: a server that is stopped, or whose disk is, keeps its connections.
Rows awaitAnswer(pg_conn* connection, std::chrono::milliseconds patience);

}  // namespace posthouse::db
