-- Domains, accounts, addresses and credentials: accountd's.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

CREATE TABLE domain (
  name       text COLLATE "C" PRIMARY KEY,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp());

-- Ids of accounts may have gaps and appear out of order: nothing counts on them.
CREATE SEQUENCE account_id AS bigint;

CREATE TABLE account (                          -- cold: rarely written
  account_id  bigint PRIMARY KEY,
  address     text NOT NULL,                    -- the canonical one
  enabled     boolean NOT NULL DEFAULT true,
  created_at  timestamptz NOT NULL DEFAULT clock_timestamp());

-- Hot: one HOT update for each transaction of the account, whose lock serialises all writes of the account. Narrow, with room
-- on its page for the next version.
CREATE TABLE account_state (
  account_id       bigint PRIMARY KEY,
  modseq           bigint NOT NULL DEFAULT 1,   -- the account's state; HIGHESTMODSEQ values of mailboxes are drawn from it
  next_email       bigint NOT NULL DEFAULT 1,
  next_mailbox     int    NOT NULL DEFAULT 1,
  last_uidvalidity bigint NOT NULL DEFAULT 0,   -- the greatest ever given to a mailbox: no two get the same
  log_floor        bigint NOT NULL DEFAULT 0,   -- change_log is complete above this modseq
  quota_bytes      bigint NOT NULL DEFAULT 0,   -- 0: unlimited. Here, so that a delivery need not look elsewhere.
  quota_msgs       bigint NOT NULL DEFAULT 0,
  bytes_used       bigint NOT NULL DEFAULT 0,   -- exact
  msgs_used        bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 30, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE login (
  login_norm text COLLATE "C" PRIMARY KEY,      -- normalised user@domain
  account_id bigint NOT NULL,
  domain     text COLLATE "C" NOT NULL,
  credential text);                             -- a PHC string. accountd alone reads this.
CREATE INDEX login_domain ON login (domain, login_norm);
CREATE INDEX login_account ON login (account_id);

CREATE TABLE alias (
  address text COLLATE "C" PRIMARY KEY,
  domain  text COLLATE "C" NOT NULL,
  members text[] NOT NULL);
CREATE INDEX alias_domain ON alias (domain, address);

-- Of removed accounts: an account that is made again under the same address must not give its mailboxes a UIDVALIDITY that clients know.
CREATE TABLE retired_login (
  login_norm       text COLLATE "C" PRIMARY KEY,
  last_uidvalidity bigint NOT NULL);

GRANT SELECT, INSERT, UPDATE, DELETE ON domain, account, login, alias, retired_login TO posthouse_accountd;
GRANT SELECT, INSERT, UPDATE ON account_state TO posthouse_accountd;
GRANT USAGE ON SEQUENCE account_id TO posthouse_accountd;
GRANT SELECT ON account, account_state TO posthouse_imapd, posthouse_pop3d;
GRANT UPDATE (modseq, next_mailbox, last_uidvalidity) ON account_state TO posthouse_imapd;
