#include "db/backoff.h"

#include <algorithm>

namespace posthouse::db {
namespace {

Backoff::Duration between(Backoff::Duration least, Backoff::Duration most, std::minstd_rand& random) {
  return Backoff::Duration(std::uniform_int_distribution<Backoff::Duration::rep>(least.count(), most.count())(random));
}

}  // namespace

Backoff::Duration Backoff::next(std::minstd_rand& random) {
  const Duration whole = whole_;
  whole_ = std::min(kLongest, whole * 2);
  return between(whole / 2, whole, random);
}

Backoff::Duration pauseBefore(int attempt, std::minstd_rand& random) {
  return between(Backoff::Duration(200), Backoff::Duration(2000) * attempt, random);
}

}  // namespace posthouse::db
