#pragma once
#include <span>

#include "db/migrations.h"

namespace posthouse::store {

/// The schema of the project, from libs/store/migrations, ascending.
std::span<const db::Migration> migrations();

/// The version that this build knows. A program is ready only if the database is at it.
int schemaVersion();

}  // namespace posthouse::store
