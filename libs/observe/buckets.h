#pragma once
#include <prometheus/histogram.h>

/// The bucket bounds of the project's histograms: few kinds, so that dashboards can add them up.
namespace posthouse::observe {

/// Work inside the system, seconds.
inline prometheus::Histogram::BucketBoundaries fastBuckets() {
  return {0.001, 0.005, 0.010, 0.025, 0.050, 0.100, 0.250, 0.500, 1, 2.5, 5, 10};
}
/// Conversations with other mail servers, seconds.
inline prometheus::Histogram::BucketBoundaries smtpBuckets() {
  return {0.010, 0.050, 0.100, 0.500, 1, 5, 10, 30, 60, 120, 300};
}
/// Ages of messages and lifetimes of connections, seconds.
inline prometheus::Histogram::BucketBoundaries ageBuckets() {
  return {1, 10, 60, 300, 900, 3600, 14400, 43200, 86400, 172800, 432000};
}
/// Octets.
inline prometheus::Histogram::BucketBoundaries sizeBuckets() {
  return {1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864};
}

}  // namespace posthouse::observe
