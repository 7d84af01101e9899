#include <iterator>
#include <span>
#include <vector>

#include "verb.h"
#include "verbs/verbs.h"

namespace posthouse::mailctl {

std::span<const Verb> verbs() {
  static const std::vector<Verb> table = [] {
    std::vector<Verb> all;
    for (std::vector<Verb> (*noun)() :
         {domainVerbs, userVerbs,        sessionVerbs,   importVerbs,       mailImportVerbs, appPasswordVerbs,
          totpVerbs,   certificateVerbs, principalVerbs, sharedSecretVerbs, groupVerbs,      sharedVerbs,
          aliasVerbs,  quotaVerbs,       sendAsVerbs,    adminVerbs,        directoryVerbs,  auditVerbs,
          authVerbs,   siteVerbs,        databaseVerbs,  daemonVerbs,       healthVerbs,     doctorVerbs}) {
      std::vector<Verb> some = noun();
      std::ranges::move(some, std::back_inserter(all));
    }
    return all;
  }();
  return table;
}

}  // namespace posthouse::mailctl
