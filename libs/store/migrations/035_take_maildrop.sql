-- A maildrop is taken and read by one row, of arrays: a row for each message cost twice the time. open_maildrop stays for pop3ds of the version before.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

-- Takes the maildrop and reads it, in this order: what the session before has deleted is not seen. `lease` and `delay` in milliseconds.
-- No row: there is no such mailbox. Else one, with a status:
--   0  it is held now. The mailbox and its UIDVALIDITY, UID and size of each message, ascending, and of each unique id that another server has given the UID and the id
--   1  somebody else holds it: since, instance, session_id
--   2  the last login is not old enough: remaining is how many milliseconds are left
-- Runs as who calls it, and names its tables in full: to change the role and the search path for each login is dear.
CREATE FUNCTION take_maildrop(a bigint, path text[], me text, my_instance text, my_session text, my_process text, lease bigint, delay bigint)
RETURNS TABLE (status smallint, mailbox_id int, uidvalidity bigint, uids bigint[], sizes int[], known_uids bigint[], unique_ids text[],
               since timestamptz, instance text, session_id text, remaining bigint)
LANGUAGE plpgsql SET lock_timeout = '2s' SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off AS $$
#variable_conflict use_column
DECLARE level text; here int := 0; validity bigint; s posthouse.pop3_session; moment timestamptz; pause interval := delay * interval '1 ms';
BEGIN
  FOREACH level IN ARRAY path LOOP
    SELECT b.mailbox_id, b.uidvalidity INTO here, validity FROM posthouse.mailbox b WHERE b.account_id = a AND b.parent_id = here AND b.name = level;
    IF NOT FOUND THEN RETURN; END IF;
  END LOOP;
  LOOP
    moment := clock_timestamp();
    SELECT * INTO s FROM posthouse.pop3_session x WHERE x.account_id = a;
    IF FOUND AND s.holder <> me THEN
      since := s.since; instance := s.instance; session_id := s.session_id;
      status := CASE WHEN s.until > moment THEN 1 WHEN s.since + pause > moment THEN 2 END;
      IF status = 2 THEN remaining := 1000 * extract(epoch FROM s.since + pause - moment); END IF;
      IF status IS NOT NULL THEN
        RETURN NEXT;
        RETURN;
      END IF;
    END IF;
    INSERT INTO posthouse.pop3_session AS x (account_id, holder, until, since, instance, session_id, process)
    VALUES (a, me, moment + lease * interval '1 ms', moment, my_instance, my_session, my_process)
    ON CONFLICT (account_id) DO UPDATE SET
      holder = excluded.holder, until = excluded.until, since = excluded.since, instance = excluded.instance, session_id = excluded.session_id,
      process = excluded.process
     WHERE x.holder = me OR x.until <= moment AND x.since + pause <= moment;
    EXIT WHEN FOUND;  -- else somebody was faster: see who
  END LOOP;
  status := 0; mailbox_id := here; uidvalidity := validity; since := NULL; instance := NULL; session_id := NULL;
  SELECT coalesce(array_agg(m.uid), '{}'), coalesce(array_agg(m.size), '{}') INTO uids, sizes
    FROM (SELECT x.uid, x.size FROM posthouse.msg x WHERE x.account_id = a AND x.mailbox_id = here ORDER BY x.uid) m;
  SELECT coalesce(array_agg(i.uid), '{}'), coalesce(array_agg(i.unique_id), '{}') INTO known_uids, unique_ids
    FROM (SELECT x.uid, x.unique_id FROM posthouse.pop3_unique_id x WHERE x.account_id = a AND x.mailbox_id = here ORDER BY x.uid) i;
  RETURN NEXT;
END $$;

GRANT EXECUTE ON FUNCTION take_maildrop TO posthouse_pop3d;
