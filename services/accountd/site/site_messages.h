#pragma once
#include "mail/admin/v1/site.pb.h"
#include "site/site.h"

namespace posthouse::accountd {

/// Puts an entry into a site, in the spelling that is stored. invalid, with the entry's place, if it cannot be or is
/// there already.
std::optional<Refusal> take(const mail::admin::v1::SiteEntry& entry, Site& site);

/// A site as entries, in their order.
std::vector<mail::admin::v1::SiteEntry> entriesOf(const Site& site);

}  // namespace posthouse::accountd
