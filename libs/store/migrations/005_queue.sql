-- Mail on its way out. Keyed by shard, a hash of the destination, so that what is for one destination is near to each other; a message is in each shard that
-- it has recipients in. Limits of a destination are those of each relayd. A claim is a lease: it moves next_at into the future, so that what a dead worker had comes back by itself.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

CREATE TABLE queue_msg (
  qshard     smallint NOT NULL,
  qid        bigint   NOT NULL,
  sender     text     NOT NULL,                 -- reverse-path, empty: a bounce
  envid      text     NOT NULL,
  ret        "char"   NOT NULL,                 -- 'F' full, 'H' headers, '-' not said
  flags      int      NOT NULL DEFAULT 0,       -- 1 BODY=8BITMIME, 2 SMTPUTF8
  blob_id    bytea    NOT NULL,
  size       bigint   NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (qshard, qid)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE queue_rcpt (
  qshard       smallint NOT NULL,
  qid          bigint   NOT NULL,
  rno          int      NOT NULL,
  dest         text     NOT NULL,
  rcpt         text     NOT NULL,
  orcpt        text     NOT NULL,
  notify       smallint NOT NULL,
  next_at      timestamptz NOT NULL,            -- due; of a claimed one: the end of its lease; infinity: held
  attempts     int      NOT NULL DEFAULT 0,     -- claims so far: whoever gives a claim back proves by it that the lease is still his
  leased       boolean  NOT NULL DEFAULT false,
  last_error   text     NOT NULL DEFAULT '',
  delay_dsn_at timestamptz,
  PRIMARY KEY (qshard, qid, rno)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_insert_scale_factor = 0,
        autovacuum_vacuum_cost_delay = 0);
CREATE INDEX queue_rcpt_due ON queue_rcpt (qshard, next_at);

CREATE FUNCTION queue_shard(dest text) RETURNS smallint LANGUAGE sql IMMUTABLE AS $$ SELECT (hashtext(dest) & 15)::smallint $$;

-- A second call with the same queue id does nothing. `content` is null if the blob is chunked: then it was put before in the same transaction.
CREATE FUNCTION enqueue(
  bid bytea, octets bigint, encoding smallint, content bytea,
  id bigint, from_path text, envelope_id text, return_what text, message_flags int, created timestamptz, expires timestamptz,
  dests text[], rcpts text[], orcpts text[], notifies smallint[], due bigint[])
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp SET lock_timeout = '2s' SET plan_cache_mode = force_generic_plan AS $$
DECLARE i int; sh smallint;
BEGIN
  IF content IS NOT NULL THEN
    INSERT INTO blob (blob_id, size, enc, data) VALUES (bid, octets, encoding, content)
      ON CONFLICT (blob_id) DO UPDATE SET last_ref = clock_timestamp();
  ELSE
    UPDATE blob SET last_ref = clock_timestamp() WHERE blob_id = bid;
    IF NOT FOUND THEN RAISE EXCEPTION 'the chunks of the blob were not put'; END IF;
  END IF;
  FOR i IN 1 .. coalesce(array_length(rcpts, 1), 0) LOOP
    sh := queue_shard(dests[i]);
    INSERT INTO queue_msg (qshard, qid, sender, envid, ret, flags, blob_id, size, created_at, expires_at)
      VALUES (sh, id, from_path, envelope_id, return_what::"char", message_flags, bid, octets, created, expires) ON CONFLICT DO NOTHING;
    INSERT INTO blob_ref (blob_id, kind, holder, item) VALUES (bid, 'q', id, sh) ON CONFLICT DO NOTHING;
    INSERT INTO queue_rcpt (qshard, qid, rno, dest, rcpt, orcpt, notify, next_at)
      VALUES (sh, id, i, dests[i], rcpts[i], orcpts[i], notifies[i], 'epoch'::timestamptz + due[i] * interval '1 microsecond') ON CONFLICT DO NOTHING;
  END LOOP;
END $$;

CREATE FUNCTION queue_claim(most int, lease interval, passed_over text[])
RETURNS TABLE (
  qshard smallint, qid bigint, rno int, dest text, rcpt text, orcpt text, notify smallint, next_at timestamptz, attempts int, last_error text,
  delay_reported boolean, lease_expired boolean,
  sender text, envid text, ret text, flags int, blob_id bytea, size bigint, created_at timestamptz, expires_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE start int := floor(random() * 16); sh smallint; left_over int := most; n int;
BEGIN
  FOR i IN 0 .. 15 LOOP
    sh := (start + i) & 15;
    RETURN QUERY
      WITH c AS (
        SELECT q.qid, q.rno, q.leased FROM queue_rcpt q WHERE q.qshard = sh AND q.next_at <= clock_timestamp() AND q.dest <> ALL (passed_over)
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

-- Removes recipients whose lease still is the caller's, and messages without recipients.
CREATE FUNCTION queue_finish(shards smallint[], ids bigint[], numbers int[], claims int[])
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp SET enable_seqscan = off AS $$
DECLARE i int; n bigint := 0; gone bytea;
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
      INSERT INTO blob_gc (blob_id) VALUES (gone) ON CONFLICT DO NOTHING;
    END IF;
  END LOOP;
  RETURN n;
END $$;

CREATE FUNCTION queue_defer(shard smallint, id bigint, number int, claim int, due timestamptz, error text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp AS $$
BEGIN
  UPDATE queue_rcpt q SET next_at = due, last_error = error, leased = false
    WHERE q.qshard = shard AND q.qid = id AND q.rno = number AND q.leased AND q.attempts = claim;
  RETURN FOUND;
END $$;

CREATE FUNCTION queue_delay_reported(shard smallint, id bigint, number int)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = posthouse, pg_temp AS $$
  UPDATE queue_rcpt q SET delay_dsn_at = clock_timestamp() WHERE q.qshard = shard AND q.qid = id AND q.rno = number
$$;

GRANT EXECUTE ON FUNCTION enqueue TO posthouse_smtpd, posthouse_relayd, posthouse_lmtp_delivery;
GRANT EXECUTE ON FUNCTION queue_claim, queue_finish, queue_defer, queue_delay_reported TO posthouse_relayd;
GRANT SELECT ON queue_msg, queue_rcpt TO posthouse_relayd;
