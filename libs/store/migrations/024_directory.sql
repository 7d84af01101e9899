-- Domains with settings, and accounts that are not one person's.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

ALTER TABLE domain
  ADD COLUMN catch_all           text   NOT NULL DEFAULT '',   -- the address that gets mail for names that nobody has; '': it is refused
  ADD COLUMN separators          text   NOT NULL DEFAULT '+',  -- each of these characters begins a detail, as in user+detail; '': none
  ADD COLUMN default_quota_bytes bigint NOT NULL DEFAULT 0,    -- of a new account that is given none; 0: unlimited
  ADD COLUMN max_users           bigint NOT NULL DEFAULT 0,    -- accounts of every kind; 0: any number
  ADD COLUMN max_aliases         bigint NOT NULL DEFAULT 0;

ALTER TABLE account
  ADD COLUMN kind         smallint NOT NULL DEFAULT 0,         -- 0 individual, 1 group: its mail is its members', 2 shared: a mailbox without a login
  ADD COLUMN members_only boolean  NOT NULL DEFAULT false;     -- of a group: nobody else may send to it

CREATE TABLE membership (                                      -- in a group, or of a shared mailbox
  account_id bigint NOT NULL REFERENCES account ON DELETE CASCADE,
  member_id  bigint NOT NULL REFERENCES account ON DELETE CASCADE,
  PRIMARY KEY (account_id, member_id));
CREATE INDEX membership_member ON membership (member_id);

CREATE TABLE administrator (
  account_id bigint NOT NULL REFERENCES account ON DELETE CASCADE,
  domain     text COLLATE "C" NOT NULL,                        -- '': everything
  PRIMARY KEY (account_id, domain));
CREATE INDEX administrator_domain ON administrator (domain);

CREATE TABLE audit (                                           -- what administrators changed; a row commits with the change
  audit_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  actor    text NOT NULL,                                      -- the account that did it; '': the operator of the machine
  peer     text NOT NULL,                                      -- who called, as far as that is known
  action   text NOT NULL,
  object   text COLLATE "C" NOT NULL,                          -- an address or a domain
  domain   text COLLATE "C" NOT NULL,                          -- whose administrators may see it
  details  jsonb NOT NULL);                                    -- without any secret
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_object ON audit (object, audit_id);
CREATE INDEX audit_domain ON audit (domain, audit_id);

CREATE TABLE send_as (                                         -- what an account may send as, beside what is its own
  account_id bigint NOT NULL REFERENCES account ON DELETE CASCADE,
  address    text COLLATE "C" NOT NULL,                        -- or '@example.org': every address of the domain
  PRIMARY KEY (account_id, address));
CREATE INDEX send_as_address ON send_as (address);

GRANT SELECT, INSERT, DELETE ON membership, administrator, audit, send_as TO posthouse_accountd;  -- what is written in the audit is not changed

-- Accounts with their logins and first mailboxes, subscribed; the arrays of the wishes are equally long. A row for each wish, in their order: the account, or
-- why there is none. Of two wishes for one address the first is granted. A null quota is the domain's default; a group has neither mailboxes nor a quota.
-- Domains are held and addresses claimed as by who makes one account or alias (address_claim.h), each in one order: nobody waits in a circle.
DROP FUNCTION create_accounts;
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
