-- Who is logged in, as the programs that clients log in to tell accountd, and whose sessions are to end: accountd's.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

-- A row for every process that is attached to an accountd. Unlogged: after a crash this and the next are empty, and accountd has it all told again.
CREATE UNLOGGED TABLE front_end (
  front_end_id text COLLATE "C" PRIMARY KEY,        -- made up by the process when it starts
  attachment   bigint      NOT NULL,                -- how often it has attached itself; what comes by an older attachment is too late
  program      text        NOT NULL,
  instance     text        NOT NULL,
  seen_at      timestamptz NOT NULL
) WITH (autovacuum_vacuum_threshold = 500);

CREATE UNLOGGED TABLE session (
  session_id     text COLLATE "C" PRIMARY KEY,
  front_end_id   text COLLATE "C" NOT NULL,         -- whose sessions go with it
  account_id     bigint      NOT NULL,
  protocol       text        NOT NULL,
  remote_address text        NOT NULL,
  mechanism      text        NOT NULL,
  tls            boolean     NOT NULL,
  since          timestamptz NOT NULL
) WITH (autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_scale_factor = 0.1, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX session_account ON session (account_id);

-- News, kept until every accountd has certainly read it. A row commits with what is the reason for it.
CREATE TABLE session_ending (
  ending_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,  -- those of one account become visible in this order: see end_sessions
  transaction xid8        NOT NULL DEFAULT pg_current_xact_id(),
  at          timestamptz NOT NULL DEFAULT clock_timestamp(),
  account_id  bigint      NOT NULL,
  session_id  text COLLATE "C" NOT NULL,            -- '': all that the account has then
  reason      smallint    NOT NULL);                -- as store::EndReason
CREATE INDEX session_ending_transaction ON session_ending (transaction);
CREATE INDEX session_ending_account ON session_ending (account_id, ending_id);

CREATE FUNCTION end_sessions(account bigint, session text, reason smallint) RETURNS void
LANGUAGE plpgsql SET search_path = posthouse, pg_temp AS $$
BEGIN
  -- Whoever ends sessions of this account, too, waits here for our commit before he draws his number.
  PERFORM 1 FROM account a WHERE a.account_id = end_sessions.account FOR NO KEY UPDATE;
  INSERT INTO session_ending (account_id, session_id, reason) VALUES (account, session, end_sessions.reason);
END $$;

GRANT SELECT, INSERT, UPDATE, DELETE ON front_end, session TO posthouse_accountd;
GRANT SELECT, INSERT, DELETE ON session_ending TO posthouse_accountd;
GRANT EXECUTE ON FUNCTION end_sessions TO posthouse_accountd;
