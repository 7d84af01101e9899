-- What is hot, one call each. Loops of primary key probes on purpose: measured faster than one set-based statement up to 50 rows, with plans that do not
-- depend on statistics; enable_seqscan is off because a plan that a session made while a table was small stays with it while the table grows. Run with the owner's rights and a fixed search_path; each is granted to the programs that need it.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

-- Stores the blob or, if it is there, keeps the collector away from it. True if it was stored now: then the chunks of a chunked one must follow.
CREATE FUNCTION blob_put(bid bytea, octets bigint, encoding smallint, chunk_size int, content bytea)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp SET lock_timeout = '2s' SET plan_cache_mode = force_generic_plan AS $$
DECLARE fresh boolean;
BEGIN
  INSERT INTO blob AS b (blob_id, size, enc, chunk, data) VALUES (bid, octets, encoding, chunk_size, content)
    ON CONFLICT (blob_id) DO UPDATE SET last_ref = clock_timestamp()
    RETURNING b.xmax = 0 INTO fresh;
  RETURN fresh;
END $$;

-- True if the blob is there; it then stays for the grace period.
CREATE FUNCTION blob_touch(bid bytea)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp SET lock_timeout = '2s' SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  UPDATE blob SET last_ref = clock_timestamp() WHERE blob_id = bid;
  RETURN FOUND;
END $$;

CREATE FUNCTION blob_put_chunk(bid bytea, number int, content bytea)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = posthouse, pg_temp AS $$
  INSERT INTO blob_chunk (blob_id, seq, data) VALUES (bid, number, content);
$$;

-- One message for many accounts, a row of the result for each, in their order. `content` is null if the blob is chunked: then it was put before in the same
-- transaction. A date of -2^63 is now. Statuses: 0 stored, 1 repeated, 2 over quota, 3 no such account, 4 no such mailbox, 5 busy.
CREATE FUNCTION deliver(
  bid bytea, octets bigint, header_octets int, encoding smallint, content bytea, env bytea, structure bytea, sent timestamptz,
  accounts bigint[], mailboxes int[], prefixes bytea[], flag_bits int[], keyword_bits bigint[], dates bigint[], queue_keys bytea[], retry_keys bytea[],
  wait boolean)
RETURNS TABLE (status smallint, uid bigint, modseq bigint, email_id bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp SET lock_timeout = '2s' SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
  i int; a bigint; locked bigint[]; sz bigint; ms bigint; eid bigint; u bigint; f int; t timestamptz; stored boolean := false;
BEGIN
  IF content IS NOT NULL THEN
    INSERT INTO blob (blob_id, size, enc, data) VALUES (bid, octets, encoding, content)
      ON CONFLICT (blob_id) DO UPDATE SET last_ref = clock_timestamp();
  ELSE
    UPDATE blob SET last_ref = clock_timestamp() WHERE blob_id = bid;
    IF NOT FOUND THEN RAISE EXCEPTION 'the chunks of the blob were not put'; END IF;
  END IF;

  -- NO KEY UPDATE is the lock that the UPDATEs below take. In order, so that two that wait do not wait for each other.
  IF wait THEN
    SELECT array_agg(s.account_id) INTO locked FROM (
      SELECT account_id FROM account_state WHERE account_id = ANY (accounts) ORDER BY account_id FOR NO KEY UPDATE) s;
  ELSE
    SELECT array_agg(s.account_id) INTO locked FROM (
      SELECT account_id FROM account_state WHERE account_id = ANY (accounts) ORDER BY account_id FOR NO KEY UPDATE SKIP LOCKED) s;
  END IF;

  FOR i IN 1 .. coalesce(array_length(accounts, 1), 0) LOOP
    a := accounts[i]; uid := NULL; modseq := NULL; email_id := NULL;
    IF locked IS NULL OR a <> ALL (locked) THEN
      PERFORM 1 FROM account_state s WHERE s.account_id = a;
      status := CASE WHEN FOUND THEN 5 ELSE 3 END;
      RETURN NEXT;
      CONTINUE;
    END IF;

    IF queue_keys[i] <> '' OR retry_keys[i] <> '' THEN
      SELECT k.uid INTO uid FROM delivery_key k WHERE k.account_id = a AND k.key IN (queue_keys[i], retry_keys[i]) LIMIT 1;
      IF FOUND THEN
        status := 1;
        RETURN NEXT;
        CONTINUE;
      END IF;
    END IF;

    sz := octets + length(prefixes[i]);
    UPDATE account_state s SET modseq = s.modseq + 1, next_email = s.next_email + 1, bytes_used = s.bytes_used + sz, msgs_used = s.msgs_used + 1
      WHERE s.account_id = a
       AND (s.quota_bytes = 0 OR s.bytes_used + sz <= s.quota_bytes) AND (s.quota_msgs = 0 OR s.msgs_used < s.quota_msgs)
      RETURNING s.modseq, s.next_email - 1 INTO ms, eid;
    IF NOT FOUND THEN
      status := 2;
      RETURN NEXT;
      CONTINUE;
    END IF;

    f := flag_bits[i];
    UPDATE mailbox b SET uidnext = b.uidnext + 1, highestmodseq = ms, n_msgs = b.n_msgs + 1, n_unseen = b.n_unseen + 1 - (f & 1),
        n_deleted = b.n_deleted + (f >> 4 & 1), bytes = b.bytes + sz, kw_mask = b.kw_mask | keyword_bits[i]
      WHERE b.account_id = a AND b.mailbox_id = mailboxes[i] RETURNING b.uidnext - 1 INTO u;
    IF NOT FOUND THEN
      UPDATE account_state s SET bytes_used = s.bytes_used - sz, msgs_used = s.msgs_used - 1 WHERE s.account_id = a;
      status := 4;
      RETURN NEXT;
      CONTINUE;
    END IF;

    t := clock_timestamp();
    INSERT INTO email (account_id, email_id, thread_id, received_at, sent_at, size, hdr_size, blob_id, envelope, bodystructure, prefix)
      VALUES (a, eid, eid, t, sent, sz, header_octets, bid, env, structure, prefixes[i]);
    INSERT INTO msg (account_id, mailbox_id, uid, modseq, email_id, internal_date, save_date, keywords, flags, size)
      VALUES (a, mailboxes[i], u, ms, eid,
              CASE WHEN dates[i] = -9223372036854775808 THEN t ELSE 'epoch'::timestamptz + dates[i] * interval '1 microsecond' END,
              t, keyword_bits[i], f, sz);
    INSERT INTO blob_ref (blob_id, kind, holder, item) VALUES (bid, 'a', a, eid);
    IF queue_keys[i] <> '' THEN INSERT INTO delivery_key (account_id, key, kind, uid) VALUES (a, queue_keys[i], 'q', u); END IF;
    IF retry_keys[i] <> '' THEN INSERT INTO delivery_key (account_id, key, kind, uid) VALUES (a, retry_keys[i], 'c', u); END IF;
    stored := true; status := 0; uid := u; modseq := ms; email_id := eid;
    RETURN NEXT;
  END LOOP;

  IF NOT stored THEN INSERT INTO blob_gc (blob_id) VALUES (bid) ON CONFLICT DO NOTHING; END IF;
END $$;

CREATE FUNCTION delete_retry_keys(accounts bigint[], keys bytea[])
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp AS $$
BEGIN
  FOR i IN 1 .. coalesce(array_length(accounts, 1), 0) LOOP
    DELETE FROM delivery_key k WHERE k.account_id = accounts[i] AND k.key = keys[i] AND k.kind = 'c';
  END LOOP;
END $$;

-- Reads the whole table, which is small and has no index by age: every delivery would pay for one. To be called once an hour.
CREATE FUNCTION purge_delivery_keys(queue_age interval, retry_age interval, most int)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp AS $$
DECLARE n bigint;
BEGIN
  DELETE FROM delivery_key d USING (
    SELECT k.account_id, k.key FROM delivery_key k
     WHERE k.at < clock_timestamp() - least(queue_age, retry_age)
       AND k.at < clock_timestamp() - CASE k.kind WHEN 'q' THEN queue_age ELSE retry_age END LIMIT most) old
   WHERE d.account_id = old.account_id AND d.key = old.key;
  GET DIAGNOSTICS n = ROW_COUNT;
  RETURN n;
END $$;

-- Flags of a set of UIDs become (flags & ~clear) | set. With `unchanged`, messages changed after it are left alone and returned as refused (RFC 7162). Rows
-- that stay as they are are not touched. One modseq and one log row for all.
CREATE FUNCTION store_flags(a bigint, m int, uids int8multirange, fset int, fclear int, kset bigint, kclear bigint, unchanged bigint)
RETURNS TABLE (modseq bigint, changed text, refused text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp SET lock_timeout = '2s' SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off AS $$
#variable_conflict use_column
DECLARE ms bigint; ch int8multirange; seen int; undeleted int;
BEGIN
  SELECT s.modseq + 1 INTO ms FROM account_state s WHERE s.account_id = a FOR NO KEY UPDATE;
  IF unchanged IS NOT NULL THEN
    SELECT range_agg(int8range(x.uid, x.uid + 1))::text INTO refused
      FROM unnest(uids) r JOIN msg x ON x.account_id = a AND x.mailbox_id = m AND x.uid >= lower(r) AND x.uid < upper(r) WHERE x.modseq > unchanged;
  END IF;
  WITH t AS (
    SELECT x.uid, x.flags FROM unnest(uids) r JOIN msg x ON x.account_id = a AND x.mailbox_id = m AND x.uid >= lower(r) AND x.uid < upper(r)
     WHERE ((x.flags & ~fclear | fset) <> x.flags OR (x.keywords & ~kclear | kset) <> x.keywords) AND (unchanged IS NULL OR x.modseq <= unchanged)),
  u AS (
    UPDATE msg x SET flags = x.flags & ~fclear | fset, keywords = x.keywords & ~kclear | kset, modseq = ms
      FROM t WHERE x.account_id = a AND x.mailbox_id = m AND x.uid = t.uid RETURNING x.uid, t.flags AS before, x.flags AS after)
  SELECT range_agg(int8range(u.uid, u.uid + 1)), coalesce(sum((after & 1) - (before & 1)), 0), coalesce(sum((before >> 4 & 1) - (after >> 4 & 1)), 0)
    INTO ch, seen, undeleted FROM u;
  IF ch IS NULL THEN
    modseq := 0; changed := '{}';
    RETURN NEXT;
    RETURN;
  END IF;
  UPDATE account_state s SET modseq = ms WHERE s.account_id = a;
  UPDATE mailbox b SET highestmodseq = ms, n_unseen = b.n_unseen - seen, n_deleted = b.n_deleted - undeleted, kw_mask = b.kw_mask | kset
    WHERE b.account_id = a AND b.mailbox_id = m;
  INSERT INTO change_log (account_id, modseq, mailbox_id, op, uids) VALUES (a, ms, m, 'F', ch);
  modseq := ms; changed := ch::text;
  RETURN NEXT;
END $$;

-- Removes messages from a mailbox: those with \Deleted, or all of the set.
CREATE FUNCTION expunge(a bigint, m int, uids int8multirange, only_deleted boolean)
RETURNS TABLE (modseq bigint, vanished text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp SET lock_timeout = '2s' SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off AS $$
#variable_conflict use_column
DECLARE ms bigint; ch int8multirange; em int8multirange; n bigint; octets bigint; unseen bigint; deleted bigint;
BEGIN
  SELECT s.modseq + 1 INTO ms FROM account_state s WHERE s.account_id = a FOR NO KEY UPDATE;
  WITH d AS (
    DELETE FROM msg x USING unnest(uids) r WHERE x.account_id = a AND x.mailbox_id = m AND x.uid >= lower(r) AND x.uid < upper(r)
       AND (NOT only_deleted OR x.flags & 16 <> 0) RETURNING x.uid, x.email_id, x.size, x.flags)
  SELECT range_agg(int8range(d.uid, d.uid + 1)), range_agg(int8range(d.email_id, d.email_id + 1)), count(*), sum(d.size),
         count(*) FILTER (WHERE d.flags & 1 = 0), count(*) FILTER (WHERE d.flags & 16 <> 0)
    INTO ch, em, n, octets, unseen, deleted FROM d;
  IF ch IS NULL THEN
    modseq := 0; vanished := '{}';
    RETURN NEXT;
    RETURN;
  END IF;
  UPDATE account_state s SET modseq = ms, bytes_used = s.bytes_used - octets, msgs_used = s.msgs_used - n WHERE s.account_id = a;
  UPDATE mailbox b SET highestmodseq = ms, n_msgs = b.n_msgs - n, n_unseen = b.n_unseen - unseen, n_deleted = b.n_deleted - deleted, bytes = b.bytes - octets
    WHERE b.account_id = a AND b.mailbox_id = m;
  INSERT INTO change_log (account_id, modseq, mailbox_id, op, uids, email_ids) VALUES (a, ms, m, 'X', ch, em);
  INSERT INTO account_work (account_id, kind, lo, hi) VALUES (a, 'X', ms, ms);
  modseq := ms; vanished := ch::text;
  RETURN NEXT;
END $$;

-- Copies keep flags, keywords and internal date. A row with the source and target UID of each, none if there was nothing to copy; or one row that says why not:
-- status 2 over quota, 4 no such target. `free`: without regard to the quota, for a move, which removes as much as it adds.
CREATE FUNCTION copy_messages(a bigint, source int, target int, uids int8multirange, free boolean)
RETURNS TABLE (status smallint, source_uid bigint, target_uid bigint, modseq bigint, uidvalidity bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp SET lock_timeout = '2s' SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off AS $$
#variable_conflict use_column
DECLARE ms bigint; first bigint; validity bigint; n bigint; octets bigint; unseen bigint; deleted bigint; kw bigint; t timestamptz;
BEGIN
  SELECT s.modseq + 1 INTO ms FROM account_state s WHERE s.account_id = a FOR NO KEY UPDATE;
  SELECT b.uidnext, b.uidvalidity INTO first, validity FROM mailbox b WHERE b.account_id = a AND b.mailbox_id = target FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    status := 4;
    RETURN NEXT;
    RETURN;
  END IF;
  SELECT count(*), sum(x.size), count(*) FILTER (WHERE x.flags & 1 = 0), count(*) FILTER (WHERE x.flags & 16 <> 0), bit_or(x.keywords)
    INTO n, octets, unseen, deleted, kw
    FROM unnest(uids) r JOIN msg x ON x.account_id = a AND x.mailbox_id = source AND x.uid >= lower(r) AND x.uid < upper(r);
  IF n = 0 THEN RETURN; END IF;
  UPDATE account_state s SET modseq = ms, bytes_used = s.bytes_used + octets, msgs_used = s.msgs_used + n
    WHERE s.account_id = a
      AND (free OR ((s.quota_bytes = 0 OR s.bytes_used + octets <= s.quota_bytes) AND (s.quota_msgs = 0 OR s.msgs_used + n <= s.quota_msgs)));
  IF NOT FOUND THEN
    status := 2;
    RETURN NEXT;
    RETURN;
  END IF;
  UPDATE mailbox b SET uidnext = b.uidnext + n, highestmodseq = ms, n_msgs = b.n_msgs + n, n_unseen = b.n_unseen + unseen, n_deleted = b.n_deleted + deleted,
      bytes = b.bytes + octets, kw_mask = b.kw_mask | kw WHERE b.account_id = a AND b.mailbox_id = target;
  t := clock_timestamp();
  RETURN QUERY
    WITH c AS (
      SELECT x.uid, x.email_id, x.internal_date, x.keywords, x.flags, x.size, first + row_number() OVER (ORDER BY x.uid) - 1 AS new_uid
        FROM unnest(uids) r JOIN msg x ON x.account_id = a AND x.mailbox_id = source AND x.uid >= lower(r) AND x.uid < upper(r)),
    i AS (
      INSERT INTO msg (account_id, mailbox_id, uid, modseq, email_id, internal_date, save_date, keywords, flags, size)
      SELECT a, target, c.new_uid, ms, c.email_id, c.internal_date, t, c.keywords, c.flags, c.size FROM c ORDER BY c.uid)
    SELECT 0::smallint, c.uid, c.new_uid, ms, validity FROM c ORDER BY c.uid;
END $$;

-- Messages that are new or changed after modseq x. New mail: back from the highest UID until one is old enough, because mod-sequences at
-- insertion rise with the UID; the rest from the log.
CREATE FUNCTION changed_since(a bigint, m int, x bigint) RETURNS TABLE (uid bigint, flags int, modseq bigint, keywords bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = posthouse, pg_temp SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE r int8range; low bigint := 9223372036854775807;
BEGIN
  FOR uid, flags, modseq, keywords IN
    SELECT q.uid, q.flags, q.modseq, q.keywords FROM msg q WHERE q.account_id = a AND q.mailbox_id = m ORDER BY q.uid DESC
  LOOP
    EXIT WHEN modseq <= x;
    low := uid;
    RETURN NEXT;
  END LOOP;
  FOR r IN SELECT unnest(range_agg(u)) FROM change_log c, unnest(c.uids) u WHERE c.account_id = a AND c.modseq > x AND c.mailbox_id = m AND c.op = 'F' LOOP
    RETURN QUERY SELECT q.uid, q.flags, q.modseq, q.keywords FROM msg q
      WHERE q.account_id = a AND q.mailbox_id = m AND q.uid >= lower(r) AND q.uid < least(upper(r), low) AND q.modseq > x;
  END LOOP;
END $$;

CREATE FUNCTION vanished_since(a bigint, m int, x bigint) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = posthouse, pg_temp SET enable_seqscan = off AS $$
  SELECT coalesce(range_agg(r), '{}')::text FROM change_log c, unnest(c.uids) r WHERE c.account_id = a AND c.modseq > x AND c.mailbox_id = m AND c.op = 'X'
$$;

-- The mailbox that a path leads to, null if there is none.
CREATE FUNCTION mailbox_at(a bigint, path text[]) RETURNS int
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = posthouse, pg_temp AS $$
DECLARE level text; here int := 0;
BEGIN
  FOREACH level IN ARRAY path LOOP
    SELECT b.mailbox_id INTO here FROM mailbox b WHERE b.account_id = a AND b.parent_id = here AND b.name = level;
    IF NOT FOUND THEN RETURN NULL; END IF;
  END LOOP;
  RETURN here;
END $$;

-- Its full name.
CREATE FUNCTION mailbox_path(a bigint, m int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = posthouse, pg_temp AS $$
DECLARE path text; level text; here int := m;
BEGIN
  WHILE here <> 0 LOOP
    SELECT b.name, b.parent_id INTO level, here FROM mailbox b WHERE b.account_id = a AND b.mailbox_id = here;
    IF NOT FOUND THEN RETURN NULL; END IF;
    path := CASE WHEN path IS NULL THEN level ELSE level || '/' || path END;
  END LOOP;
  RETURN path;
END $$;

-- The account and its mail. Emails, which hold blobs, are left to the collector.
CREATE FUNCTION remove_account(login text) RETURNS boolean
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

GRANT EXECUTE ON FUNCTION blob_put, blob_touch, blob_put_chunk TO posthouse_lmtp_delivery, posthouse_imapd, posthouse_smtpd, posthouse_relayd;
GRANT EXECUTE ON FUNCTION deliver TO posthouse_lmtp_delivery, posthouse_imapd;
GRANT EXECUTE ON FUNCTION delete_retry_keys TO posthouse_smtpd;
GRANT EXECUTE ON FUNCTION purge_delivery_keys TO posthouse_lmtp_delivery;
GRANT EXECUTE ON FUNCTION copy_messages, changed_since, vanished_since TO posthouse_imapd;
GRANT EXECUTE ON FUNCTION store_flags, expunge TO posthouse_imapd, posthouse_pop3d;
GRANT EXECUTE ON FUNCTION mailbox_at, mailbox_path TO posthouse_imapd, posthouse_pop3d;
GRANT EXECUTE ON FUNCTION remove_account TO posthouse_accountd;
