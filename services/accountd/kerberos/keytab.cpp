#include "kerberos/keytab.h"

#include <algorithm>
#include <memory>

#include "kerberos/krb5_context.h"

namespace posthouse::accountd {
namespace {

std::vector<std::string> principalsOf(const Krb5Context& context, krb5_keytab keytab) {
  std::vector<std::string> principals;
  krb5_kt_cursor cursor = nullptr;
  context.check(krb5_kt_start_seq_get(context, keytab, &cursor));
  const auto end = [&](krb5_kt_cursor* open) { krb5_kt_end_seq_get(context, keytab, open); };
  const std::unique_ptr<krb5_kt_cursor, decltype(end)> open(&cursor, end);
  krb5_keytab_entry entry;
  krb5_error_code code = 0;
  while ((code = krb5_kt_next_entry(context, keytab, &entry, &cursor)) == 0) {
    const auto free = [&](krb5_keytab_entry* one) { krb5_free_keytab_entry_contents(context, one); };
    const std::unique_ptr<krb5_keytab_entry, decltype(free)> held(&entry, free);
    principals.push_back(context.nameOf(entry.principal));
  }
  if (code != KRB5_KT_END) context.check(code);
  std::ranges::sort(principals);
  principals.erase(std::ranges::unique(principals).begin(), principals.end());
  return principals;
}

}  // namespace

std::expected<std::vector<std::string>, std::string> readKeytab(const std::string& path) try {
  const Krb5Context context;
  krb5_keytab keytab = nullptr;
  context.check(krb5_kt_resolve(context, ("FILE:" + path).c_str(), &keytab));
  const auto close = [&](krb5_keytab open) { krb5_kt_close(context, open); };
  const std::unique_ptr<std::remove_pointer_t<krb5_keytab>, decltype(close)> open(keytab, close);
  return principalsOf(context, keytab);
} catch (const Krb5Error& error) {
  return std::unexpected(error.what());
}

}  // namespace posthouse::accountd
