#include "store/keyword_repository.h"

#include "store/account_lock.h"

namespace posthouse::store {

KeywordDictionary KeywordRepository::all() {
  std::vector<std::string> names;
  for (const auto& row :
       transaction_.exec("SELECT name FROM posthouse.keyword WHERE account_id = $1 ORDER BY bit", account_)) {
    names.push_back(row.get<std::string>(0));
  }
  return KeywordDictionary(std::move(names));
}

std::optional<KeywordDictionary> KeywordRepository::ensure(std::span<const std::string> names) {
  const auto lacks = [&names](const KeywordDictionary& dictionary) {
    return std::ranges::any_of(names, [&](const std::string& name) { return !dictionary.mask(name); });
  };
  KeywordDictionary dictionary = all();
  if (!lacks(dictionary)) return dictionary;
  lockAccount(transaction_, account_);
  dictionary = all();
  for (const std::string& name : names) {
    if (dictionary.mask(name)) continue;
    if (dictionary.size() == KeywordDictionary::kCapacity) return std::nullopt;
    transaction_.exec("INSERT INTO posthouse.keyword (account_id, bit, name) VALUES ($1, $2, $3)", account_,
                      dictionary.size(), name);
    dictionary = all();
  }
  return dictionary;
}

}  // namespace posthouse::store
