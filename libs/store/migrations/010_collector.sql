-- What nobody needs any more goes, a little at a time, beside everything else: emails without messages, bodies without holders, the old end of the change log,
-- delivery keys past their age. Each function is one short transaction that waits for nobody: what others work on is left for the next time. Any number of
-- programs may call them at once.
--
-- Why no body goes that somebody needs. Whoever makes a holder of a body (an email, a queue entry) first puts or touches the blob row, which locks it to his
-- commit and sets last_ref, and then inserts a blob_ref of his own; nobody else ever removes that one. Whoever removes a holder upserts blob_gc, which locks
-- that row to his commit. The collector locks both rows, in this order, and only then, in a new statement, looks for holders: those who came before are
-- visible to it, those who come later wait for its end and find no blob, and store it anew. A blob that was put, touched or given up less than the grace
-- ago stays in any case, for those who know its name from an earlier transaction.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

CREATE INDEX blob_gc_at ON blob_gc (at);

-- Where those who read whole tables are. A lap is shared by all programs that call, each step taken by one of them.
CREATE TABLE sweep (
  what        text PRIMARY KEY,
  next_blob   bytea  NOT NULL DEFAULT '',
  next_page   bigint NOT NULL DEFAULT 0,
  rests_until timestamptz NOT NULL DEFAULT '-infinity');
INSERT INTO sweep (what) VALUES ('blobs'), ('keys');

-- Work of one account, the first one after `after` that has any: removes emails whose last message is gone. At most `most`; no row if there is no such account.
-- An email without a message stays without: COPY needs one to copy, under the lock of the account.
CREATE FUNCTION collect_emails(after bigint, most int)
RETURNS TABLE (account_id bigint, emails bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp SET lock_timeout = '2s' SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE a bigint; w record; e record; r int8range; given_up bytea[] := '{}'; n bigint := 0; left_over bigint;
BEGIN
  SELECT x.account_id INTO a FROM account_work x WHERE x.account_id > after AND x.kind IN ('A', 'X', 'E') ORDER BY x.account_id LIMIT 1;
  IF NOT FOUND THEN RETURN; END IF;
  account_id := a;
  PERFORM 1 FROM account_state s WHERE s.account_id = a FOR NO KEY UPDATE SKIP LOCKED;
  IF NOT FOUND AND EXISTS (SELECT 1 FROM account_state s WHERE s.account_id = a) THEN  -- busy; a removed one has no row and no writers
    emails := 0;
    RETURN NEXT;
    RETURN;
  END IF;

  FOR w IN SELECT * FROM account_work x WHERE x.account_id = a AND x.kind IN ('A', 'X', 'E') ORDER BY x.kind, x.lo FOR UPDATE SKIP LOCKED LOOP
    left_over := most - n;
    EXIT WHEN left_over <= 0;
    FOR r IN
      SELECT int8range(w.lo, w.hi, '[]') WHERE w.kind = 'E'
      UNION ALL SELECT int8range(NULL, NULL) WHERE w.kind = 'A'
      UNION ALL SELECT unnest(c.email_ids) FROM change_log c
       WHERE w.kind = 'X' AND c.account_id = a AND c.modseq BETWEEN w.lo AND w.hi AND c.op = 'X'
    LOOP
      FOR e IN
        SELECT y.email_id, y.blob_id FROM email y
         WHERE y.account_id = a AND y.email_id >= coalesce(lower(r), 0) AND y.email_id < coalesce(upper(r), 9223372036854775807)
           AND NOT EXISTS (SELECT 1 FROM msg m WHERE m.account_id = a AND m.email_id = y.email_id)
         ORDER BY y.email_id LIMIT left_over
      LOOP
        DELETE FROM email y WHERE y.account_id = a AND y.email_id = e.email_id;
        DELETE FROM blob_ref b WHERE b.blob_id = e.blob_id AND b.kind = 'a' AND b.holder = a AND b.item = e.email_id;
        given_up := array_append(given_up, e.blob_id);
        n := n + 1;
      END LOOP;
      left_over := most - n;
      EXIT WHEN left_over <= 0;
    END LOOP;
    IF left_over > 0 THEN DELETE FROM account_work x WHERE x.account_id = a AND x.kind = w.kind AND x.lo = w.lo; END IF;
  END LOOP;
  INSERT INTO blob_gc AS g (blob_id) SELECT DISTINCT b FROM unnest(given_up) b ORDER BY b
    ON CONFLICT (blob_id) DO UPDATE SET at = clock_timestamp();
  emails := n;
  RETURN NEXT;
END $$;

-- Removes bodies that nobody holds. Looks at no more than `most`, and at fewer if they are large. `looked_at` = 0: there is nothing to do now.
CREATE FUNCTION collect_blobs(grace interval, most int)
RETURNS TABLE (looked_at bigint, blobs bigint, octets bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp SET lock_timeout = '2s' SET enable_seqscan = off AS $$
DECLARE moment timestamptz := clock_timestamp() - grace; id bytea; sz bigint;
BEGIN
  looked_at := 0; blobs := 0; octets := 0;
  FOR id IN SELECT g.blob_id FROM blob_gc g WHERE g.at < moment ORDER BY g.at LIMIT most FOR UPDATE SKIP LOCKED LOOP
    looked_at := looked_at + 1;
    SELECT b.size INTO sz FROM blob b WHERE b.blob_id = id AND b.last_ref < moment FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
      IF EXISTS (SELECT 1 FROM blob b WHERE b.blob_id = id) THEN  -- somebody wants it: later
        UPDATE blob_gc g SET at = clock_timestamp() WHERE g.blob_id = id;
      ELSE
        DELETE FROM blob_gc g WHERE g.blob_id = id;
      END IF;
      CONTINUE;
    END IF;
    DELETE FROM blob_gc g WHERE g.blob_id = id;
    CONTINUE WHEN EXISTS (SELECT 1 FROM blob_ref r WHERE r.blob_id = id);
    DELETE FROM blob b WHERE b.blob_id = id;
    DELETE FROM blob_chunk c WHERE c.blob_id = id;
    blobs := blobs + 1;
    octets := octets + sz;
    EXIT WHEN octets > 67108864;
  END LOOP;
  RETURN NEXT;
END $$;

-- A step of the lap over all bodies, for what was never handed to the two above: holders that are no more, emails without messages, bodies without holders.
-- A holder and its blob_ref come and go in one transaction, and so do an email and its first message: half of a pair in one snapshot is what is left of it.
-- `bodies` = 0: the lap is over, and another begins after `rest`.
CREATE FUNCTION sweep_blobs(rest interval, most int)
RETURNS TABLE (bodies bigint, orphans bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp SET lock_timeout = '2s' SET enable_seqscan = off AS $$
DECLARE start bytea; id bytea; n bigint;
BEGIN
  bodies := 0; orphans := 0;
  SELECT s.next_blob INTO start FROM sweep s WHERE s.what = 'blobs' AND s.rests_until <= clock_timestamp() FOR UPDATE SKIP LOCKED;
  IF FOUND THEN
    FOR id IN SELECT b.blob_id FROM blob b WHERE b.blob_id > start ORDER BY b.blob_id LIMIT most LOOP
      bodies := bodies + 1;
      start := id;
      INSERT INTO account_work (account_id, kind, lo, hi)
        SELECT r.holder, 'E', r.item, r.item FROM blob_ref r
         WHERE r.blob_id = id AND r.kind = 'a' AND EXISTS (SELECT 1 FROM email e WHERE e.account_id = r.holder AND e.email_id = r.item)
           AND NOT EXISTS (SELECT 1 FROM msg m WHERE m.account_id = r.holder AND m.email_id = r.item)
        ON CONFLICT DO NOTHING;
      GET DIAGNOSTICS n = ROW_COUNT;
      orphans := orphans + n;
      DELETE FROM blob_ref r WHERE r.blob_id = id
         AND CASE r.kind WHEN 'a' THEN NOT EXISTS (SELECT 1 FROM email e WHERE e.account_id = r.holder AND e.email_id = r.item)
                         WHEN 'q' THEN NOT EXISTS (SELECT 1 FROM queue_msg q WHERE q.qshard = r.item::smallint AND q.qid = r.holder) END;
      GET DIAGNOSTICS n = ROW_COUNT;
      orphans := orphans + n;
      IF NOT EXISTS (SELECT 1 FROM blob_ref r WHERE r.blob_id = id) THEN
        INSERT INTO blob_gc (blob_id) VALUES (id) ON CONFLICT DO NOTHING;
        GET DIAGNOSTICS n = ROW_COUNT;
        orphans := orphans + n;
      END IF;
    END LOOP;
    IF bodies > 0 THEN
      UPDATE sweep s SET next_blob = start WHERE s.what = 'blobs';
    ELSE
      UPDATE sweep s SET next_blob = '', rests_until = clock_timestamp() + rest WHERE s.what = 'blobs';
    END IF;
  END IF;
  RETURN NEXT;
END $$;

-- Removes what is older than `age` from the change log of one account, the first one after `after` that has such rows; `log_floor` then tells readers how far
-- back the log still reaches. Passes over no more than a thousand accounts that have none: `account` is the last it looked at, and no row means there is no other.
CREATE FUNCTION prune_change_log(after bigint, age interval, most int)
RETURNS TABLE (account bigint, pruned bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp SET lock_timeout = '2s' SET enable_seqscan = off AS $$
DECLARE moment timestamptz := clock_timestamp() - age; a bigint := after; first timestamptz; last_seq bigint; unread bigint;
BEGIN
  pruned := 0;
  FOR i IN 1 .. 1000 LOOP
    SELECT c.account_id, c.at INTO a, first FROM change_log c WHERE c.account_id > a ORDER BY c.account_id, c.modseq LIMIT 1;
    IF NOT FOUND THEN
      IF account IS NOT NULL THEN RETURN NEXT; END IF;
      RETURN;
    END IF;
    account := a;
    CONTINUE WHEN first >= moment;
    PERFORM 1 FROM account_state s WHERE s.account_id = a FOR NO KEY UPDATE SKIP LOCKED;
    CONTINUE WHEN NOT FOUND;
    -- The emails of these rows have not been looked after yet.
    SELECT min(w.lo) INTO unread FROM account_work w WHERE w.account_id = a AND w.kind = 'X';
    SELECT max(x.modseq) INTO last_seq FROM (
      SELECT c.modseq, c.at FROM change_log c WHERE c.account_id = a ORDER BY c.modseq LIMIT most) x
     WHERE x.at < moment AND (unread IS NULL OR x.modseq < unread);
    CONTINUE WHEN last_seq IS NULL;
    DELETE FROM change_log c WHERE c.account_id = a AND c.modseq <= last_seq;
    GET DIAGNOSTICS pruned = ROW_COUNT;
    UPDATE account_state s SET log_floor = last_seq WHERE s.account_id = a AND s.log_floor < last_seq;
    EXIT;
  END LOOP;
  RETURN NEXT;
END $$;

-- How much waits, each counted no further than ten thousand.
CREATE FUNCTION collector_backlog(grace interval)
RETURNS TABLE (accounts bigint, blobs bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = posthouse, pg_temp SET enable_seqscan = off AS $$
DECLARE moment timestamptz := clock_timestamp() - grace;
BEGIN
  SELECT count(*) INTO accounts FROM (SELECT 1 FROM account_work w ORDER BY w.account_id LIMIT 10000) x;
  SELECT count(*) INTO blobs FROM (SELECT 1 FROM blob_gc g WHERE g.at < moment ORDER BY g.at LIMIT 10000) x;
  RETURN NEXT;
END $$;

-- A step of the lap over delivery keys: reads `pages` pages of the table, whose rows lie roughly by age, and removes those that are past theirs. An index by age
-- would cost every delivery two more index entries. `next_page` null: the lap is over, and another begins after `rest`. (purge_delivery_keys stays for
-- programs that are not new yet.)
CREATE FUNCTION sweep_delivery_keys(queue_age interval, retry_age interval, rest interval, pages int)
RETURNS TABLE (next_page bigint, purged bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp SET lock_timeout = '2s' SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE q timestamptz := clock_timestamp() - queue_age; c timestamptz := clock_timestamp() - retry_age; start bigint; total bigint;
BEGIN
  purged := 0;
  SELECT s.next_page INTO start FROM sweep s WHERE s.what = 'keys' AND s.rests_until <= clock_timestamp() FOR UPDATE SKIP LOCKED;
  IF FOUND THEN
    DELETE FROM delivery_key k
     WHERE k.ctid >= format('(%s,0)', start)::tid AND k.ctid < format('(%s,0)', start + pages)::tid AND k.at < CASE k.kind WHEN 'q' THEN q ELSE c END;
    GET DIAGNOSTICS purged = ROW_COUNT;
    total := pg_relation_size('delivery_key') / current_setting('block_size')::bigint;
    IF start + pages < total THEN
      next_page := start + pages;
      UPDATE sweep s SET next_page = start + pages WHERE s.what = 'keys';
    ELSE
      UPDATE sweep s SET next_page = 0, rests_until = clock_timestamp() + rest WHERE s.what = 'keys';
    END IF;
  END IF;
  RETURN NEXT;
END $$;

-- As before, but it locks the rows of blob_gc, in order (see above).
CREATE OR REPLACE FUNCTION queue_finish(shards smallint[], ids bigint[], numbers int[], claims int[])
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp SET enable_seqscan = off AS $$
DECLARE i int; n bigint := 0; gone bytea; given_up bytea[] := '{}';
BEGIN
  -- Two workers finish the last two recipients of a message: the parents are locked first, in order, so that one of them sees that none is left.
  PERFORM 1 FROM queue_msg m JOIN (SELECT DISTINCT s, d FROM unnest(shards, ids) AS x (s, d)) w ON m.qshard = w.s AND m.qid = w.d
    ORDER BY m.qshard, m.qid FOR UPDATE OF m;
  FOR i IN 1 .. coalesce(array_length(ids, 1), 0) LOOP
    DELETE FROM queue_rcpt q WHERE q.qshard = shards[i] AND q.qid = ids[i] AND q.rno = numbers[i] AND q.leased AND q.attempts = claims[i];
    CONTINUE WHEN NOT FOUND;
    n := n + 1;
    DELETE FROM queue_msg m WHERE m.qshard = shards[i] AND m.qid = ids[i]
       AND NOT EXISTS (SELECT 1 FROM queue_rcpt r WHERE r.qshard = shards[i] AND r.qid = ids[i]) RETURNING m.blob_id INTO gone;
    IF FOUND THEN
      DELETE FROM blob_ref b WHERE b.blob_id = gone AND b.kind = 'q' AND b.holder = ids[i] AND b.item = shards[i];
      given_up := array_append(given_up, gone);
    END IF;
  END LOOP;
  INSERT INTO blob_gc AS g (blob_id) SELECT DISTINCT b FROM unnest(given_up) b ORDER BY b
    ON CONFLICT (blob_id) DO UPDATE SET at = clock_timestamp();
  RETURN n;
END $$;

GRANT EXECUTE ON FUNCTION collect_emails, collect_blobs, sweep_blobs, prune_change_log, collector_backlog, sweep_delivery_keys TO posthouse_lmtp_delivery;
