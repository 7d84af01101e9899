#pragma once
#include <string>
#include <vector>

#include "mail/admin/v1/site.pb.h"

namespace posthouse::mailctl {

/// The entries of a site.toml: tables [[domain]], [[user]], [[group]], [[shared]] and [[alias]], whose keys are the
/// entries' fields. Each knows its place. Throws Failure with every error and its place, `name` before it, if the file
/// is not like that; what a name must be is for accountd to judge.
std::vector<mail::admin::v1::SiteEntry> readSiteFile(const std::string& text, const std::string& name);

/// The other way: a site.toml that is read as these entries.
std::string siteFile(const std::vector<mail::admin::v1::SiteEntry>& entries);

}  // namespace posthouse::mailctl
