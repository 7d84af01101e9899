-- A login, the SELECT of a mailbox and what has happened in it since, in one round trip each, with plans that the session keeps. STABLE functions see the
-- one snapshot of the statement that calls them.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

CREATE FUNCTION find_credential(login text)
RETURNS TABLE (account_id bigint, address text, enabled boolean, credential text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = posthouse, pg_temp AS $$
#variable_conflict use_column
BEGIN
  SELECT l.account_id, coalesce(l.credential, '') INTO account_id, credential FROM login l WHERE l.login_norm = login;
  IF NOT FOUND THEN RETURN; END IF;
  SELECT a.address, a.enabled INTO address, enabled FROM account a WHERE a.account_id = find_credential.account_id;
  IF FOUND THEN RETURN NEXT; END IF;
END $$;

-- No row if there is no such mailbox. `keyword_names`: of the account, in the order of their bits, with spaces between.
CREATE FUNCTION open_mailbox(a bigint, path text[])
RETURNS TABLE (mailbox_id int, uidvalidity bigint, highestmodseq bigint, first_recent bigint, kw_mask bigint, keyword_names text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = posthouse, pg_temp AS $$
#variable_conflict use_column
DECLARE level text; here int := 0;
BEGIN
  FOREACH level IN ARRAY path LOOP
    SELECT b.mailbox_id, b.uidvalidity, b.highestmodseq, b.first_recent, b.kw_mask INTO here, uidvalidity, highestmodseq, first_recent, kw_mask
      FROM mailbox b WHERE b.account_id = a AND b.parent_id = here AND b.name = level;
    IF NOT FOUND THEN RETURN; END IF;
  END LOOP;
  mailbox_id := here;
  SELECT coalesce(string_agg(k.name, ' ' ORDER BY k.bit), '') INTO keyword_names FROM keyword k WHERE k.account_id = a;
  RETURN NEXT;
END $$;

-- Its messages up to `below` stop being \Recent to the next session: the UID that they begin with. It may be lost in a crash, when they are \Recent
-- once more, and so nobody waits for the disk.
CREATE FUNCTION take_recent(a bigint, m int, below bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp AS $$
DECLARE first bigint;
BEGIN
  SELECT b.first_recent INTO first FROM mailbox b WHERE b.account_id = a AND b.mailbox_id = m FOR NO KEY UPDATE;
  IF NOT FOUND OR first >= below THEN RETURN below; END IF;
  PERFORM set_config('synchronous_commit', 'off', true);
  UPDATE mailbox b SET first_recent = below WHERE b.account_id = a AND b.mailbox_id = m;
  RETURN first;
END $$;

-- First a row about the mailbox itself: uidnext, highestmodseq, what has vanished since x; flags are 0 if the log does not reach back to x, and nothing
-- follows. Then a row for each message that is new or changed. No row at all if there is no such mailbox.
CREATE FUNCTION mailbox_changes(a bigint, m int, x bigint)
RETURNS TABLE (uid bigint, flags int, modseq bigint, keywords bigint, vanished text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = posthouse, pg_temp AS $$
#variable_conflict use_column
DECLARE floor bigint; changed boolean;
BEGIN
  SELECT b.uidnext, b.highestmodseq, s.log_floor INTO uid, modseq, floor
    FROM mailbox b, account_state s WHERE b.account_id = a AND b.mailbox_id = m AND s.account_id = a;
  IF NOT FOUND THEN RETURN; END IF;
  flags := CASE WHEN x < floor THEN 0 ELSE 1 END;
  changed := x >= floor AND x < modseq;
  IF changed THEN vanished := vanished_since(a, m, x); END IF;
  RETURN NEXT;
  IF changed THEN
    RETURN QUERY SELECT c.uid, c.flags, c.modseq, c.keywords, NULL::text FROM changed_since(a, m, x) c;
  END IF;
END $$;

GRANT EXECUTE ON FUNCTION find_credential TO posthouse_accountd;
GRANT EXECUTE ON FUNCTION open_mailbox, take_recent, mailbox_changes TO posthouse_imapd;
