-- Many accounts in one statement: an import brings thousands a second where it brings hashes, too.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

COMMENT ON COLUMN login.credential IS 'a PHC string, or a hash that another server made until its owner logs in. accountd alone reads this';

-- Accounts with their logins and first mailboxes, subscribed; the arrays of the wishes are equally long. A row for each wish, in their order: the account, or
-- why there is none. Of two wishes for one address the first is granted. A null quota is the domain's default; a group has neither mailboxes nor a quota.
-- Domains are held and addresses claimed as by who makes one account or alias (address_claim.h), each in one order: nobody waits in a circle.
CREATE FUNCTION create_accounts(addresses text[], domains text[], credentials text[], scrams text[], quotas bigint[], kinds smallint[], mailbox_names text[], mailbox_roles text[])
RETURNS TABLE (account_id bigint, refusal text) LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp AS $$
#variable_conflict use_column
DECLARE claim bigint; now_seconds bigint := extract(epoch FROM clock_timestamp())::bigint; n int := cardinality(mailbox_names); a_group CONSTANT smallint := 1;
BEGIN
  PERFORM 1 FROM domain d WHERE d.name = ANY (domains) ORDER BY d.name FOR KEY SHARE;
  PERFORM 1 FROM domain d WHERE d.name = ANY (domains) AND (d.max_users > 0 OR d.max_aliases > 0) ORDER BY d.name FOR NO KEY UPDATE;
  FOR claim IN SELECT DISTINCT hashtextextended(a, 0) AS key FROM unnest(addresses) a ORDER BY key LOOP
    PERFORM pg_advisory_xact_lock(claim);
  END LOOP;
  RETURN QUERY
  WITH asked AS MATERIALIZED (
    SELECT w.*, d.max_users, CASE WHEN w.kind = a_group THEN 0 ELSE coalesce(w.quota, d.default_quota_bytes) END AS quota_bytes, CASE
        WHEN d.name IS NULL THEN 'no domain'
        WHEN EXISTS (SELECT 1 FROM login l WHERE l.login_norm = w.address) OR EXISTS (SELECT 1 FROM alias x WHERE x.address = w.address)
          OR row_number() OVER (PARTITION BY w.address ORDER BY w.place) > 1 THEN 'exists'
      END AS objection
      FROM unnest(addresses, domains, credentials, scrams, quotas, kinds) WITH ORDINALITY AS w (address, domain, credential, scram, quota, kind, place)
      LEFT JOIN domain d ON d.name = w.domain),
  users AS MATERIALIZED (
    SELECT l.domain, count(*) AS there FROM login l WHERE l.domain IN (SELECT q.domain FROM asked q WHERE q.max_users > 0) GROUP BY l.domain),
  wish AS MATERIALIZED (
    SELECT q.*, CASE WHEN q.objection IS NULL AND q.max_users > 0
        AND coalesce(u.there, 0) + row_number() OVER (PARTITION BY q.domain, q.objection IS NULL ORDER BY q.place) > q.max_users THEN 'full' ELSE q.objection END AS refusal
      FROM asked q LEFT JOIN users u ON u.domain = q.domain),
  granted AS MATERIALIZED (
    SELECT w.*, nextval('account_id') AS account_id,
           greatest(coalesce((SELECT r.last_uidvalidity FROM retired_login r WHERE r.login_norm = w.address), 0), now_seconds - 1) AS uidvalidity
      FROM wish w WHERE w.refusal IS NULL),
  accounts AS (
    INSERT INTO account (account_id, address, kind) SELECT g.account_id, g.address, g.kind FROM granted g),
  logins AS (
    INSERT INTO login (login_norm, account_id, domain, credential, scram) SELECT g.address, g.account_id, g.domain, g.credential, g.scram FROM granted g),
  -- As if the mailboxes had been made one after another: each has its own mod-sequence, and no two the same UIDVALIDITY.
  states AS (
    INSERT INTO account_state (account_id, modseq, next_mailbox, quota_bytes, last_uidvalidity)
    SELECT g.account_id, 1 + m.boxes, 1 + m.boxes, g.quota_bytes, g.uidvalidity + m.boxes
      FROM granted g, LATERAL (SELECT CASE WHEN g.kind = a_group THEN 0 ELSE n END AS boxes) m),
  mailboxes AS (
    INSERT INTO mailbox (account_id, mailbox_id, uidvalidity, highestmodseq, created_modseq, meta_modseq, role, name)
    SELECT g.account_id, m.number, g.uidvalidity + m.number, 1 + m.number, 1 + m.number, 1 + m.number, nullif(m.role, ''), m.name
      FROM granted g, unnest(mailbox_names, mailbox_roles) WITH ORDINALITY AS m (name, role, number) WHERE g.kind <> a_group),
  subscriptions AS (
    INSERT INTO subscription (account_id, name) SELECT g.account_id, m FROM granted g, unnest(mailbox_names) m WHERE g.kind <> a_group)
  SELECT g.account_id, w.refusal FROM wish w LEFT JOIN granted g ON g.place = w.place ORDER BY w.place;
END $$;
GRANT EXECUTE ON FUNCTION create_accounts TO posthouse_accountd;
