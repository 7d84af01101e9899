-- The view of a large mailbox (UIDs, flags, mod-sequences) as it was once, in one value: with what has changed since it is read ten times faster than from its
-- messages. Written by who had to read those. Only a cache: not logged, empty after a crash and on a standby, and never trusted without its modseq.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

CREATE UNLOGGED TABLE mailbox_view (
  account_id bigint NOT NULL,
  mailbox_id int    NOT NULL,
  modseq     bigint NOT NULL,                   -- the mailbox's highest when it was like this
  image      bytea  NOT NULL,
  PRIMARY KEY (account_id, mailbox_id)
) WITH (toast_tuple_target = 128, autovacuum_vacuum_threshold = 100);
ALTER TABLE mailbox_view ALTER image SET STORAGE EXTERNAL;

GRANT SELECT, INSERT, UPDATE, DELETE ON mailbox_view TO posthouse_imapd;

-- The account and its mail. Emails, which hold blobs, are left to the collector.
CREATE OR REPLACE FUNCTION remove_account(login text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp SET lock_timeout = '10s' AS $$
DECLARE a bigint; validity bigint;
BEGIN
  DELETE FROM login l WHERE l.login_norm = login RETURNING l.account_id INTO a;
  IF NOT FOUND THEN RETURN false; END IF;
  SELECT s.last_uidvalidity INTO validity FROM account_state s WHERE s.account_id = a FOR UPDATE;
  INSERT INTO retired_login AS r (login_norm, last_uidvalidity) VALUES (login, validity)
    ON CONFLICT (login_norm) DO UPDATE SET last_uidvalidity = greatest(r.last_uidvalidity, validity);
  DELETE FROM msg WHERE account_id = a;
  DELETE FROM mailbox WHERE account_id = a;
  DELETE FROM mailbox_view WHERE account_id = a;
  DELETE FROM subscription WHERE account_id = a;
  DELETE FROM keyword WHERE account_id = a;
  DELETE FROM change_log WHERE account_id = a;
  DELETE FROM delivery_key WHERE account_id = a;
  DELETE FROM account_work WHERE account_id = a;
  INSERT INTO account_work (account_id, kind, lo, hi) VALUES (a, 'A', 0, 0);
  DELETE FROM account_state WHERE account_id = a;
  DELETE FROM account WHERE account_id = a;
  RETURN true;
END $$;
