-- Logins by SCRAM (RFC 5802): keys of the password beside its hash, set and replaced together with it.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

ALTER TABLE login ADD COLUMN scram text NOT NULL DEFAULT '';  -- "SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey", a blank between two. accountd alone reads this.

DROP FUNCTION find_credential(text);
CREATE FUNCTION find_credential(login text)
RETURNS TABLE (account_id bigint, address text, enabled boolean, credential text, scram text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = posthouse, pg_temp AS $$
#variable_conflict use_column
BEGIN
  SELECT l.account_id, coalesce(l.credential, ''), l.scram INTO account_id, credential, scram FROM login l WHERE l.login_norm = login;
  IF NOT FOUND THEN RETURN; END IF;
  SELECT a.address, a.enabled INTO address, enabled FROM account a WHERE a.account_id = find_credential.account_id;
  IF FOUND THEN RETURN NEXT; END IF;
END $$;
GRANT EXECUTE ON FUNCTION find_credential TO posthouse_accountd;

DROP FUNCTION create_accounts;
-- Accounts with their logins and first mailboxes, subscribed; the arrays of the wishes are equally long. A row for each wish, in their order: the account, or
-- why there is none. Of two wishes for one address the first is granted.
-- Domains are held and addresses claimed as by who makes one account or alias (address_claim.h), each in one order: nobody waits in a circle.
CREATE FUNCTION create_accounts(addresses text[], domains text[], credentials text[], scrams text[], quotas bigint[], mailbox_names text[], mailbox_roles text[])
RETURNS TABLE (account_id bigint, refusal text) LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp AS $$
#variable_conflict use_column
DECLARE claim bigint; now_seconds bigint := extract(epoch FROM clock_timestamp())::bigint; n int := cardinality(mailbox_names);
BEGIN
  PERFORM 1 FROM domain d WHERE d.name = ANY (domains) ORDER BY d.name FOR KEY SHARE;
  FOR claim IN SELECT DISTINCT hashtextextended(a, 0) AS key FROM unnest(addresses) a ORDER BY key LOOP
    PERFORM pg_advisory_xact_lock(claim);
  END LOOP;
  RETURN QUERY
  WITH wish AS MATERIALIZED (
    SELECT w.*, CASE
        WHEN NOT EXISTS (SELECT 1 FROM domain d WHERE d.name = w.domain) THEN 'no domain'
        WHEN EXISTS (SELECT 1 FROM login l WHERE l.login_norm = w.address) OR EXISTS (SELECT 1 FROM alias x WHERE x.address = w.address)
          OR row_number() OVER (PARTITION BY w.address ORDER BY w.place) > 1 THEN 'exists'
      END AS refusal
      FROM unnest(addresses, domains, credentials, scrams, quotas) WITH ORDINALITY AS w (address, domain, credential, scram, quota_bytes, place)),
  granted AS MATERIALIZED (
    SELECT w.*, nextval('account_id') AS account_id,
           greatest(coalesce((SELECT r.last_uidvalidity FROM retired_login r WHERE r.login_norm = w.address), 0), now_seconds - 1) AS uidvalidity
      FROM wish w WHERE w.refusal IS NULL),
  accounts AS (
    INSERT INTO account (account_id, address) SELECT g.account_id, g.address FROM granted g),
  logins AS (
    INSERT INTO login (login_norm, account_id, domain, credential, scram) SELECT g.address, g.account_id, g.domain, g.credential, g.scram FROM granted g),
  -- As if the mailboxes had been made one after another: each has its own mod-sequence, and no two the same UIDVALIDITY.
  states AS (
    INSERT INTO account_state (account_id, modseq, next_mailbox, quota_bytes, last_uidvalidity)
    SELECT g.account_id, 1 + n, 1 + n, g.quota_bytes, g.uidvalidity + n FROM granted g),
  mailboxes AS (
    INSERT INTO mailbox (account_id, mailbox_id, uidvalidity, highestmodseq, created_modseq, meta_modseq, role, name)
    SELECT g.account_id, m.number, g.uidvalidity + m.number, 1 + m.number, 1 + m.number, 1 + m.number, nullif(m.role, ''), m.name
      FROM granted g, unnest(mailbox_names, mailbox_roles) WITH ORDINALITY AS m (name, role, number)),
  subscriptions AS (
    INSERT INTO subscription (account_id, name) SELECT g.account_id, m FROM granted g, unnest(mailbox_names) m)
  SELECT g.account_id, w.refusal FROM wish w LEFT JOIN granted g ON g.place = w.place ORDER BY w.place;
END $$;

GRANT EXECUTE ON FUNCTION create_accounts TO posthouse_accountd;

-- What every accountd must know alike, and nobody else: made by the first that needs it.
CREATE TABLE accountd_secret (
  name   text COLLATE "C" PRIMARY KEY,
  octets bytea NOT NULL);
GRANT SELECT, INSERT ON accountd_secret TO posthouse_accountd;
