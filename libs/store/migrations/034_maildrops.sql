-- Which POP3 session holds which maildrop, and which messages POP3 has fetched.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

-- A row for each account that has ever logged in by POP3: it stays when the session ends, for LOGIN-DELAY. Unlogged, so that a login waits for no disk. After
-- a crash or a failover it is empty: sessions that go on take their maildrop again (renewals do, and QUIT), and what they delete they name by UIDs, which never
-- are another message's; two that delete at once do no more than each was told to.
CREATE UNLOGGED TABLE pop3_session (
  account_id bigint PRIMARY KEY,
  holder     text COLLATE "C" NOT NULL,         -- made up by the session; '': nobody
  until      timestamptz NOT NULL,              -- of the lease
  since      timestamptz NOT NULL,              -- of the last login that was let in
  instance   text NOT NULL,                     -- of pop3d, and the session's id in its log
  session_id text NOT NULL,
  process    text COLLATE "C" NOT NULL          -- of pop3d: one that begins lets go what those have that are dead
) WITH (fillfactor = 50, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);

-- A reference to account would lock a row of it, and that is logged.
CREATE FUNCTION forget_pop3_session() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp AS $$
BEGIN
  DELETE FROM pop3_session s WHERE s.account_id = OLD.account_id;
  RETURN NULL;
END $$;
CREATE TRIGGER forget_pop3_session AFTER DELETE ON account FOR EACH ROW EXECUTE FUNCTION forget_pop3_session();

-- For EXPIRE. UIDs that no message has any more may be among them, so that ranges are few.
CREATE TABLE pop3_retrieved (
  account_id bigint NOT NULL REFERENCES account ON DELETE CASCADE,
  mailbox_id int    NOT NULL,
  uids       int8multirange NOT NULL,
  PRIMARY KEY (account_id, mailbox_id));

-- Takes the maildrop and reads it, in this order: what the session before has deleted is not seen. `lease` and `delay` in milliseconds.
-- No row: there is no such mailbox. Else first a row with a status:
--   0  it is held now. uid is the mailbox's UIDVALIDITY; a row without a status follows for each message, and then a row with the status 3 for each
--      unique id that another server has given: uid, and the id as session_id
--   1  somebody else holds it: since, instance, session_id
--   2  the last login is not old enough: uid is how many milliseconds are left
CREATE FUNCTION open_maildrop(a bigint, path text[], me text, my_instance text, my_session text, my_process text, lease bigint, delay bigint)
RETURNS TABLE (status smallint, uid bigint, size int, mailbox_id int, since timestamptz, instance text, session_id text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp SET lock_timeout = '2s' SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off AS $$
#variable_conflict use_column
DECLARE level text; here int := 0; validity bigint; s pop3_session; moment timestamptz; pause interval := delay * interval '1 ms';
BEGIN
  FOREACH level IN ARRAY path LOOP
    SELECT b.mailbox_id, b.uidvalidity INTO here, validity FROM mailbox b WHERE b.account_id = a AND b.parent_id = here AND b.name = level;
    IF NOT FOUND THEN RETURN; END IF;
  END LOOP;
  LOOP
    moment := clock_timestamp();
    SELECT * INTO s FROM pop3_session x WHERE x.account_id = a;
    IF FOUND AND s.holder <> me THEN
      since := s.since; instance := s.instance; session_id := s.session_id;
      status := CASE WHEN s.until > moment THEN 1 WHEN s.since + pause > moment THEN 2 END;
      IF status = 2 THEN uid := 1000 * extract(epoch FROM s.since + pause - moment); END IF;
      IF status IS NOT NULL THEN
        RETURN NEXT;
        RETURN;
      END IF;
    END IF;
    INSERT INTO pop3_session AS x (account_id, holder, until, since, instance, session_id, process)
    VALUES (a, me, moment + lease * interval '1 ms', moment, my_instance, my_session, my_process)
    ON CONFLICT (account_id) DO UPDATE SET
      holder = excluded.holder, until = excluded.until, since = excluded.since, instance = excluded.instance, session_id = excluded.session_id,
      process = excluded.process
     WHERE x.holder = me OR x.until <= moment AND x.since + pause <= moment;
    EXIT WHEN FOUND;  -- else somebody was faster: see who
  END LOOP;
  status := 0; uid := validity; mailbox_id := here; since := NULL; instance := NULL; session_id := NULL;
  RETURN NEXT;
  RETURN QUERY
    SELECT NULL::smallint, m.uid, m.size, NULL::int, NULL::timestamptz, NULL::text, NULL::text
      FROM msg m WHERE m.account_id = a AND m.mailbox_id = here ORDER BY m.uid;
  RETURN QUERY
    SELECT 3::smallint, i.uid, NULL::int, NULL::int, NULL::timestamptz, NULL::text, i.unique_id
      FROM pop3_unique_id i WHERE i.account_id = a AND i.mailbox_id = here ORDER BY i.uid;
END $$;

GRANT SELECT, INSERT, UPDATE ON pop3_session, pop3_retrieved TO posthouse_pop3d;
GRANT EXECUTE ON FUNCTION open_maildrop TO posthouse_pop3d;
