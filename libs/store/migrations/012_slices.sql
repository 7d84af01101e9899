-- STORE, EXPUNGE and COPY of some messages read and write those and no others. As joins with the set of UIDs they were planned by what the tables were like on
-- the average, and then went through the whole mailbox for each slice of it: half a second for 2,000 of 100,000 messages.
--
-- Each reads first, by ranges of the primary key (LATERAL with ORDER BY and OFFSET 0 leaves no choice), and then writes range by range. Where UIDs ascend one by
-- one, UID less row number stays the same: that makes ranges of them without range_agg over single ones, which costs more than the update.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

CREATE OR REPLACE FUNCTION store_flags(a bigint, m int, uids int8multirange, fset int, fclear int, kset bigint, kclear bigint, unchanged bigint)
RETURNS TABLE (modseq bigint, changed text, refused text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp SET lock_timeout = '2s' SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off AS $$
#variable_conflict use_column
DECLARE ms bigint; ch int8multirange; seen int; undeleted int; r int8range;
BEGIN
  SELECT s.modseq + 1 INTO ms FROM account_state s WHERE s.account_id = a FOR NO KEY UPDATE;
  IF unchanged IS NOT NULL THEN
    SELECT range_agg(int8range(x.uid, x.uid + 1))::text INTO refused FROM unnest(uids) u, LATERAL (
      SELECT y.uid FROM msg y WHERE y.account_id = a AND y.mailbox_id = m AND y.uid >= lower(u) AND y.uid < upper(u) AND y.modseq > unchanged
       ORDER BY y.uid OFFSET 0) x;
  END IF;
  SELECT range_agg(int8range(island.lo, island.hi + 1)), coalesce(sum(island.seen), 0), coalesce(sum(island.undeleted), 0)
    INTO ch, seen, undeleted
    FROM (SELECT min(t.uid) AS lo, max(t.uid) AS hi, sum((t.after & 1) - (t.before & 1)) AS seen, sum((t.before >> 4 & 1) - (t.after >> 4 & 1)) AS undeleted
            FROM (SELECT x.uid, x.uid - row_number() OVER () AS number, x.flags AS before, x.flags & ~fclear | fset AS after
                    FROM unnest(uids) u, LATERAL (
                      SELECT y.uid, y.flags FROM msg y
                       WHERE y.account_id = a AND y.mailbox_id = m AND y.uid >= lower(u) AND y.uid < upper(u)
                         AND ((y.flags & ~fclear | fset) <> y.flags OR (y.keywords & ~kclear | kset) <> y.keywords)
                         AND (unchanged IS NULL OR y.modseq <= unchanged) ORDER BY y.uid OFFSET 0) x) t
           GROUP BY t.number) island;
  IF ch IS NULL THEN
    modseq := 0; changed := '{}';
    RETURN NEXT;
    RETURN;
  END IF;
  FOR r IN SELECT unnest(ch) LOOP
    UPDATE msg x SET flags = x.flags & ~fclear | fset, keywords = x.keywords & ~kclear | kset, modseq = ms
      WHERE x.account_id = a AND x.mailbox_id = m AND x.uid >= lower(r) AND x.uid < upper(r);
  END LOOP;
  UPDATE account_state s SET modseq = ms WHERE s.account_id = a;
  UPDATE mailbox b SET highestmodseq = ms, n_unseen = b.n_unseen - seen, n_deleted = b.n_deleted - undeleted, kw_mask = b.kw_mask | kset
    WHERE b.account_id = a AND b.mailbox_id = m;
  INSERT INTO change_log (account_id, modseq, mailbox_id, op, uids) VALUES (a, ms, m, 'F', ch);
  modseq := ms; changed := ch::text;
  RETURN NEXT;
END $$;

CREATE OR REPLACE FUNCTION expunge(a bigint, m int, uids int8multirange, only_deleted boolean)
RETURNS TABLE (modseq bigint, vanished text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp SET lock_timeout = '2s' SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off AS $$
#variable_conflict use_column
DECLARE ms bigint; ch int8multirange; em int8multirange; n bigint; octets bigint; unseen bigint; deleted bigint; r int8range;
BEGIN
  SELECT s.modseq + 1 INTO ms FROM account_state s WHERE s.account_id = a FOR NO KEY UPDATE;
  SELECT range_agg(int8range(island.lo, island.hi + 1)), range_agg(island.em), sum(island.n), sum(island.octets), sum(island.unseen), sum(island.deleted)
    INTO ch, em, n, octets, unseen, deleted
    FROM (SELECT min(t.uid) AS lo, max(t.uid) AS hi, range_agg(int8range(t.email_id, t.email_id + 1)) AS em, count(*) AS n, sum(t.size) AS octets,
                 count(*) FILTER (WHERE t.flags & 1 = 0) AS unseen, count(*) FILTER (WHERE t.flags & 16 <> 0) AS deleted
            FROM (SELECT x.*, x.uid - row_number() OVER () AS number
                    FROM unnest(uids) u, LATERAL (
                      SELECT y.uid, y.email_id, y.size, y.flags FROM msg y
                       WHERE y.account_id = a AND y.mailbox_id = m AND y.uid >= lower(u) AND y.uid < upper(u) AND (NOT only_deleted OR y.flags & 16 <> 0)
                       ORDER BY y.uid OFFSET 0) x) t
           GROUP BY t.number) island;
  IF ch IS NULL THEN
    modseq := 0; vanished := '{}';
    RETURN NEXT;
    RETURN;
  END IF;
  FOR r IN SELECT unnest(ch) LOOP
    DELETE FROM msg x WHERE x.account_id = a AND x.mailbox_id = m AND x.uid >= lower(r) AND x.uid < upper(r);
  END LOOP;
  UPDATE account_state s SET modseq = ms, bytes_used = s.bytes_used - octets, msgs_used = s.msgs_used - n WHERE s.account_id = a;
  UPDATE mailbox b SET highestmodseq = ms, n_msgs = b.n_msgs - n, n_unseen = b.n_unseen - unseen, n_deleted = b.n_deleted - deleted, bytes = b.bytes - octets
    WHERE b.account_id = a AND b.mailbox_id = m;
  INSERT INTO change_log (account_id, modseq, mailbox_id, op, uids, email_ids) VALUES (a, ms, m, 'X', ch, em);
  INSERT INTO account_work (account_id, kind, lo, hi) VALUES (a, 'X', ms, ms);
  modseq := ms; vanished := ch::text;
  RETURN NEXT;
END $$;

CREATE OR REPLACE FUNCTION copy_messages(a bigint, source int, target int, uids int8multirange, free boolean)
RETURNS TABLE (status smallint, source_uid bigint, target_uid bigint, modseq bigint, uidvalidity bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp SET lock_timeout = '2s' SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off AS $$
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
    FROM unnest(uids) u, LATERAL (
      SELECT y.size, y.flags, y.keywords FROM msg y WHERE y.account_id = a AND y.mailbox_id = source AND y.uid >= lower(u) AND y.uid < upper(u)
       ORDER BY y.uid OFFSET 0) x;
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
      SELECT x.*, first + row_number() OVER () - 1 AS new_uid
        FROM unnest(uids) u, LATERAL (
          SELECT y.uid, y.email_id, y.internal_date, y.keywords, y.flags, y.size FROM msg y
           WHERE y.account_id = a AND y.mailbox_id = source AND y.uid >= lower(u) AND y.uid < upper(u) ORDER BY y.uid OFFSET 0) x),
    i AS (
      INSERT INTO msg (account_id, mailbox_id, uid, modseq, email_id, internal_date, save_date, keywords, flags, size)
      SELECT a, target, c.new_uid, ms, c.email_id, c.internal_date, t, c.keywords, c.flags, c.size FROM c)
    SELECT 0::smallint, c.uid, c.new_uid, ms, validity FROM c ORDER BY c.uid;
END $$;

-- A volatile function in a condition is no condition of an index: each claim read all that is deferred. Now only what is due.
CREATE OR REPLACE FUNCTION queue_claim(most int, lease interval, passed_over text[])
RETURNS TABLE (
  qshard smallint, qid bigint, rno int, dest text, rcpt text, orcpt text, notify smallint, next_at timestamptz, attempts int, last_error text,
  delay_reported boolean, lease_expired boolean,
  sender text, envid text, ret text, flags int, blob_id bytea, size bigint, created_at timestamptz, expires_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE start int := floor(random() * 16); sh smallint; left_over int := most; n int; moment timestamptz := clock_timestamp();
BEGIN
  FOR i IN 0 .. 15 LOOP
    sh := (start + i) & 15;
    RETURN QUERY
      WITH c AS (
        SELECT q.qid, q.rno, q.leased FROM queue_rcpt q WHERE q.qshard = sh AND q.next_at <= moment AND q.dest <> ALL (passed_over)
         ORDER BY q.next_at LIMIT left_over FOR UPDATE SKIP LOCKED),
      u AS (
        UPDATE queue_rcpt q SET next_at = clock_timestamp() + lease, attempts = q.attempts + 1, leased = true
          FROM c WHERE q.qshard = sh AND q.qid = c.qid AND q.rno = c.rno RETURNING q.*, c.leased AS was_leased)
      SELECT u.qshard, u.qid, u.rno, u.dest, u.rcpt, u.orcpt, u.notify, u.next_at, u.attempts, u.last_error, u.delay_dsn_at IS NOT NULL, u.was_leased,
             m.sender, m.envid, m.ret::text, m.flags, m.blob_id, m.size, m.created_at, m.expires_at
        FROM u JOIN queue_msg m ON m.qshard = sh AND m.qid = u.qid;
    GET DIAGNOSTICS n = ROW_COUNT;
    left_over := left_over - n;
    EXIT WHEN left_over <= 0;
  END LOOP;
END $$;
