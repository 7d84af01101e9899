#pragma once
#include <vector>

#include "local_delivery.h"
#include "transaction.h"

namespace posthouse::smtpd {

/// Aliases taken apart: each account and each foreign address once, under the first recipient that led to it.
std::vector<Destination> destinationsOf(const std::vector<Recipient>& recipients);

}  // namespace posthouse::smtpd
