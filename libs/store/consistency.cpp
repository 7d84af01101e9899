#include "store/consistency.h"

namespace posthouse::store {
namespace {

/// Each finds rows of one column that says in words what is wrong. $1 is the account.
constexpr std::string_view kChecks[] = {
    R"sql(
  SELECT 'mailbox ' || b.mailbox_id || ': ' || f.what
    FROM posthouse.mailbox b,
      LATERAL (SELECT count(*) AS n, count(*) FILTER (WHERE m.flags & 1 = 0) AS unseen, count(*) FILTER (WHERE m.flags & 16 <> 0) AS deleted,
                      coalesce(sum(m.size), 0) AS bytes, max(m.uid) AS uid, max(m.modseq) AS modseq, coalesce(bit_or(m.keywords), 0) AS keywords
                 FROM posthouse.msg m WHERE m.account_id = $1 AND m.mailbox_id = b.mailbox_id) x,
      LATERAL (VALUES ('counts ' || b.n_msgs || ' messages, has ' || x.n, b.n_msgs <> x.n),
                      ('counts ' || b.n_unseen || ' unseen, has ' || x.unseen, b.n_unseen <> x.unseen),
                      ('counts ' || b.n_deleted || ' deleted, has ' || x.deleted, b.n_deleted <> x.deleted),
                      ('counts ' || b.bytes || ' octets, has ' || x.bytes, b.bytes <> x.bytes),
                      ('holds UID ' || x.uid || ', not below its next, ' || b.uidnext, x.uid >= b.uidnext),
                      ('holds modseq ' || x.modseq || ', above its highest, ' || b.highestmodseq, x.modseq > b.highestmodseq),
                      ('holds keywords that its mask lacks', x.keywords & ~b.kw_mask <> 0)) f (what, is_wrong)
   WHERE b.account_id = $1 AND f.is_wrong)sql",
    R"sql(
  SELECT 'usage counts ' || s.bytes_used || ' octets in ' || s.msgs_used || ' messages, there are ' || x.bytes || ' in ' || x.n
    FROM posthouse.account_state s, (SELECT count(*) AS n, coalesce(sum(m.size), 0) AS bytes FROM posthouse.msg m WHERE m.account_id = $1) x
   WHERE s.account_id = $1 AND (s.bytes_used <> x.bytes OR s.msgs_used <> x.n))sql",
    R"sql(
  SELECT 'mailbox ' || b.mailbox_id || ' has modseq ' || b.highestmodseq || ', above the account''s, ' || s.modseq
    FROM posthouse.mailbox b JOIN posthouse.account_state s ON s.account_id = $1 WHERE b.account_id = $1 AND b.highestmodseq > s.modseq)sql",
    R"sql(
  SELECT 'mailbox ' || m.mailbox_id || ' is gone, but has ' || count(*) || ' messages'
    FROM posthouse.msg m WHERE m.account_id = $1
     AND NOT EXISTS (SELECT 1 FROM posthouse.mailbox b WHERE b.account_id = $1 AND b.mailbox_id = m.mailbox_id) GROUP BY m.mailbox_id)sql",
    R"sql(
  SELECT 'message ' || m.uid || ' of mailbox ' || m.mailbox_id || ' has no email ' || m.email_id
    FROM posthouse.msg m WHERE m.account_id = $1
     AND NOT EXISTS (SELECT 1 FROM posthouse.email e WHERE e.account_id = $1 AND e.email_id = m.email_id))sql",
    R"sql(
  SELECT 'email ' || e.email_id || ' has no body, or does not hold it'
    FROM posthouse.email e WHERE e.account_id = $1
     AND NOT (EXISTS (SELECT 1 FROM posthouse.blob b WHERE b.blob_id = e.blob_id)
              AND EXISTS (SELECT 1 FROM posthouse.blob_ref r WHERE r.blob_id = e.blob_id AND r.kind = 'a' AND r.holder = $1 AND r.item = e.email_id)))sql",
};

}  // namespace

std::vector<Inconsistency> checkAccount(db::Transaction& transaction, AccountId account) {
  std::vector<Inconsistency> found;
  for (const std::string_view check : kChecks) {
    for (const auto& row : transaction.exec(check, account)) found.push_back({account, row.get<std::string>(0)});
  }
  return found;
}

}  // namespace posthouse::store
