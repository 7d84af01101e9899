-- A mailbox in which nothing happened since x is known whole, however little of the log is left: else every poll would read all of it again once the log
-- is shorter than its quiet.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

-- First a row about the mailbox itself: uidnext, highestmodseq, what has vanished since x; flags are 0 if the log does not reach back to x
-- and there may be something to tell, and nothing follows. Then a row for each message that is new or changed. No row at all if there is no such mailbox.
CREATE OR REPLACE FUNCTION mailbox_changes(a bigint, m int, x bigint)
RETURNS TABLE (uid bigint, flags int, modseq bigint, keywords bigint, vanished text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = posthouse, pg_temp AS $$
#variable_conflict use_column
DECLARE floor bigint; changed boolean;
BEGIN
  SELECT b.uidnext, b.highestmodseq, s.log_floor INTO uid, modseq, floor
    FROM mailbox b, account_state s WHERE b.account_id = a AND b.mailbox_id = m AND s.account_id = a;
  IF NOT FOUND THEN RETURN; END IF;
  flags := CASE WHEN x < floor AND x < modseq THEN 0 ELSE 1 END;
  changed := x >= floor AND x < modseq;
  IF changed THEN vanished := vanished_since(a, m, x); END IF;
  RETURN NEXT;
  IF changed THEN
    RETURN QUERY SELECT c.uid, c.flags, c.modseq, c.keywords, NULL::text FROM changed_since(a, m, x) c;
  END IF;
END $$;
