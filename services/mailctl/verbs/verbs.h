#pragma once
#include <vector>

#include "verb.h"

/// A function a noun: its rows of the table.
namespace posthouse::mailctl {

std::vector<Verb> domainVerbs();
std::vector<Verb> userVerbs();
std::vector<Verb> sessionVerbs();
std::vector<Verb> directoryVerbs();
std::vector<Verb> importVerbs();
std::vector<Verb> mailImportVerbs();
std::vector<Verb> principalVerbs();
std::vector<Verb> sharedSecretVerbs();
std::vector<Verb> certificateVerbs();
std::vector<Verb> appPasswordVerbs();
std::vector<Verb> totpVerbs();
std::vector<Verb> groupVerbs();
std::vector<Verb> sharedVerbs();
std::vector<Verb> aliasVerbs();
std::vector<Verb> quotaVerbs();
std::vector<Verb> sendAsVerbs();
std::vector<Verb> adminVerbs();
std::vector<Verb> auditVerbs();
std::vector<Verb> authVerbs();
std::vector<Verb> siteVerbs();
std::vector<Verb> databaseVerbs();
std::vector<Verb> daemonVerbs();
std::vector<Verb> healthVerbs();
std::vector<Verb> doctorVerbs();

}  // namespace posthouse::mailctl
