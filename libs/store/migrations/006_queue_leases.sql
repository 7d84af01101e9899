-- A worker whose attempt lasts longer than its lease keeps the lease. Only the worker whose lease it still is can do so.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

CREATE FUNCTION queue_renew(shards smallint[], ids bigint[], numbers int[], claims int[], lease interval)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp SET enable_seqscan = off AS $$
DECLARE i int; n bigint := 0;
BEGIN
  FOR i IN 1 .. coalesce(array_length(ids, 1), 0) LOOP
    UPDATE queue_rcpt q SET next_at = clock_timestamp() + lease
      WHERE q.qshard = shards[i] AND q.qid = ids[i] AND q.rno = numbers[i] AND q.leased AND q.attempts = claims[i];
    IF FOUND THEN n := n + 1; END IF;
  END LOOP;
  RETURN n;
END $$;

GRANT EXECUTE ON FUNCTION queue_renew TO posthouse_relayd;
