-- Mailboxes, messages and bodies.
--
-- Rules of the tables here (R1 to R7 are named where they show):
--  R1  account_id leads every key of every per-account table; blob tables are keyed by blob_id. No foreign key, trigger or join crosses the two groups.
--  R2  No sequences: ids come from counters in account_state and mailbox, under row locks held to the commit, so that UIDs, mod-sequences and
--      email ids become visible in order.
--  R3  Lock order: whoever waits for accounts locks account_state by account_id, then blobs by blob_id, then mailboxes. Deliveries that skip accounts which
--      are locked take the blobs first: they wait for nobody's account. Every writer of an account locks its account_state before anything else of it.
--  R3b A blob goes only when no blob_ref is left under a lock on the blob row, and it was not referred to within the grace period. 'Is it there?' is an
--      UPDATE of last_ref, never a SELECT. Each email and each queue entry has a blob_ref of its own, and removes no other.
--  R3c Times are clock_timestamp() after the lock: now() is the start of the transaction, and runs backwards against UIDs.
--  R4  What a STORE changes (flags, keywords, modseq) is in no index, so that the update stays on its page.
--  R5  Bodies are immutable and compressed by the client; PostgreSQL never compresses them.
--  R6  No session state: works through a pooler that shares connections between transactions.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

CREATE TABLE mailbox (
  account_id     bigint NOT NULL,
  mailbox_id     int    NOT NULL,               -- 1 is INBOX
  parent_id      int    NOT NULL DEFAULT 0,     -- 0: top level
  uidvalidity    bigint NOT NULL,
  uidnext        bigint NOT NULL DEFAULT 1,
  highestmodseq  bigint NOT NULL DEFAULT 1,
  kw_mask        bigint NOT NULL DEFAULT 0,     -- keywords ever used here
  first_recent   bigint NOT NULL DEFAULT 1,
  n_msgs         int    NOT NULL DEFAULT 0,     -- no count(*) ever
  n_unseen       int    NOT NULL DEFAULT 0,
  n_deleted      int    NOT NULL DEFAULT 0,
  bytes          bigint NOT NULL DEFAULT 0,
  created_modseq bigint NOT NULL DEFAULT 0,
  meta_modseq    bigint NOT NULL DEFAULT 0,     -- of a rename; that of counters is highestmodseq
  role           text,
  name           text   NOT NULL,               -- of this level
  PRIMARY KEY (account_id, mailbox_id)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0);
CREATE UNIQUE INDEX mailbox_name ON mailbox (account_id, parent_id, name);

CREATE TABLE subscription (                     -- full names; the mailbox need not be there
  account_id bigint NOT NULL,
  name       text   NOT NULL,
  PRIMARY KEY (account_id, name));

CREATE TABLE keyword (                          -- of the account, so that COPY keeps its bits
  account_id bigint   NOT NULL,
  bit        smallint NOT NULL,                 -- 0 to 62, in msg.keywords
  name       text     NOT NULL,
  PRIMARY KEY (account_id, bit));
CREATE UNIQUE INDEX keyword_name ON keyword (account_id, lower(name));

-- One row for each message in each mailbox. The only hot big table: 8-octet columns first, nothing that changes is
-- indexed, because an index on it would turn every STORE into a rewrite of all indexes (no HOT updates).
CREATE TABLE msg (
  account_id    bigint      NOT NULL,
  uid           bigint      NOT NULL,
  modseq        bigint      NOT NULL,
  email_id      bigint      NOT NULL,
  internal_date timestamptz NOT NULL,
  save_date     timestamptz NOT NULL,
  keywords      bigint      NOT NULL DEFAULT 0,
  mailbox_id    int         NOT NULL,
  flags         int         NOT NULL DEFAULT 0, -- 1 \Seen 2 \Flagged 4 \Answered 8 \Draft 16 \Deleted 32 $Forwarded 64 $MDNSent 128 $Junk 256 $NotJunk 512 $Phishing
  size          int         NOT NULL,           -- RFC822.SIZE: prefix and body
  PRIMARY KEY (account_id, mailbox_id, uid)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02,
        autovacuum_analyze_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX msg_email ON msg (account_id, email_id);

-- One immutable row for each message of an account, whichever mailboxes it is in: all that ENVELOPE and BODYSTRUCTURE need without the body.
CREATE TABLE email (
  account_id    bigint      NOT NULL,
  email_id      bigint      NOT NULL,           -- ascending in the order of delivery
  thread_id     bigint      NOT NULL,
  received_at   timestamptz NOT NULL,
  sent_at       timestamptz,
  size          int         NOT NULL,
  hdr_size      int         NOT NULL,           -- of the body's header section, without the prefix
  blob_id       bytea       NOT NULL,
  envelope      bytea       NOT NULL,
  bodystructure bytea       NOT NULL,
  prefix        bytea       NOT NULL,           -- header lines of this recipient before the body, so that all recipients share the body
  PRIMARY KEY (account_id, email_id)
) WITH (toast_tuple_target = 8160, autovacuum_vacuum_insert_scale_factor = 0.05);
ALTER TABLE email ALTER envelope SET STORAGE MAIN, ALTER bodystructure SET STORAGE MAIN;

-- One row for each command that changed or expunged. Deliveries are not logged: they are the highest UIDs.
CREATE TABLE change_log (
  account_id bigint NOT NULL,
  modseq     bigint NOT NULL,
  mailbox_id int    NOT NULL,
  op         "char" NOT NULL,                   -- 'F' flags changed, 'X' expunged
  uids       int8multirange NOT NULL,
  email_ids  int8multirange,                    -- of 'X'
  at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (account_id, modseq, mailbox_id, op));

-- What makes a repeated delivery do nothing. Kind 'q': queue id and original recipient; 'c': hash of reverse-path, recipient and octets.
CREATE TABLE delivery_key (
  account_id bigint NOT NULL,
  key        bytea  NOT NULL,
  kind       "char" NOT NULL,
  uid        bigint NOT NULL,
  at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (account_id, key));

-- Left for the collector: 'X' emails of change_log rows with modseq lo to hi may be dead; 'A' all emails of the account are.
CREATE TABLE account_work (
  account_id bigint NOT NULL,
  kind       "char" NOT NULL,
  lo         bigint NOT NULL,
  hi         bigint NOT NULL,
  at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (account_id, kind, lo));

CREATE TABLE blob (
  blob_id  bytea    PRIMARY KEY,                -- SHA-256 of the octets
  size     bigint   NOT NULL,
  enc      smallint NOT NULL,                   -- 0 raw, 1 zstd
  chunk    int      NOT NULL DEFAULT 0,         -- 0: all in data; else octets of each blob_chunk before compression
  last_ref timestamptz NOT NULL DEFAULT clock_timestamp(),
  data     bytea
) WITH (toast_tuple_target = 8160, autovacuum_vacuum_insert_scale_factor = 0.05);  -- an everyday mail stays in its row
CREATE TABLE blob_chunk (
  blob_id bytea NOT NULL,
  seq     int   NOT NULL,
  data    bytea NOT NULL,
  PRIMARY KEY (blob_id, seq));
ALTER TABLE blob ALTER data SET STORAGE EXTERNAL;
ALTER TABLE blob_chunk ALTER data SET STORAGE EXTERNAL;

-- Who holds a blob: rows, not a count, so that holders do not wait for each other and a repeat is harmless.
CREATE TABLE blob_ref (
  blob_id bytea  NOT NULL,
  kind    "char" NOT NULL,                      -- 'a' an email: account_id, email_id; 'q' the queue: queue id, shard
  holder  bigint NOT NULL,
  item    bigint NOT NULL,
  PRIMARY KEY (blob_id, kind, holder, item));
CREATE TABLE blob_gc (                          -- for the collector to look at
  blob_id bytea PRIMARY KEY,
  at      timestamptz NOT NULL DEFAULT clock_timestamp());

GRANT SELECT ON mailbox, subscription, keyword, msg, email, change_log, blob, blob_chunk TO posthouse_imapd;
GRANT INSERT, UPDATE, DELETE ON mailbox, subscription, keyword TO posthouse_imapd;
GRANT SELECT ON mailbox, subscription, msg, email, blob, blob_chunk TO posthouse_pop3d;
GRANT SELECT ON blob, blob_chunk TO posthouse_relayd;
GRANT SELECT, INSERT ON mailbox, subscription TO posthouse_accountd;
