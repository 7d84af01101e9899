-- A worker may leave alone what others had when their leases ended: after the queue was away for all, they first note what they have sent.
-- The queue's gauges are shown by one worker at a time; it holds the lead for a while, and keeps it while it lives.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

CREATE FUNCTION queue_claim(most int, lease interval, passed_over text[], takes_over boolean)
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
        SELECT q.qid, q.rno, q.leased FROM queue_rcpt q WHERE q.qshard = sh AND q.next_at <= moment AND q.dest <> ALL (passed_over) AND (takes_over OR NOT q.leased)
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

CREATE TABLE queue_lead (
  one    boolean PRIMARY KEY DEFAULT true CHECK (one),
  holder text NOT NULL,
  until  timestamptz NOT NULL
);

-- True if the caller leads for that long.
CREATE FUNCTION queue_lead(caller text, duration interval)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp AS $$
BEGIN
  INSERT INTO queue_lead AS l (holder, until) VALUES (caller, clock_timestamp() + duration)
    ON CONFLICT (one) DO UPDATE SET holder = excluded.holder, until = excluded.until
      WHERE l.holder = excluded.holder OR l.until < clock_timestamp();
  RETURN FOUND;
END $$;

GRANT EXECUTE ON FUNCTION queue_claim(int, interval, text[], boolean), queue_lead TO posthouse_relayd;
