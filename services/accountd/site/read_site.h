#pragma once
#include "site/site.h"

namespace posthouse::accountd {

/// All that the actor of `administration` may see, page by page: each page is one snapshot, the whole is not.
Task<Answer<Site>> readSite(Administration& administration);

}  // namespace posthouse::accountd
