-- Two processes may mint one queue id. The second mail is refused as a whole, and its sender comes again with another id: its recipients must be neither
-- passed over as known nor hung on the first mail.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

-- Recipients whose retry key is known are passed over: they were taken before. '' is no key.
CREATE OR REPLACE FUNCTION enqueue(
  bid bytea, octets bigint, encoding smallint, content bytea,
  id bigint, from_path text, envelope_id text, return_what text, message_flags int, created timestamptz, expires timestamptz,
  dests text[], rcpts text[], orcpts text[], notifies smallint[], due bigint[], accounts bigint[], retry_keys bytea[])
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp SET lock_timeout = '2s' SET plan_cache_mode = force_generic_plan AS $$
DECLARE i int; sh smallint; queued boolean := false;
BEGIN
  IF content IS NOT NULL THEN
    INSERT INTO blob (blob_id, size, enc, data) VALUES (bid, octets, encoding, content)
      ON CONFLICT (blob_id) DO UPDATE SET last_ref = clock_timestamp();
  ELSE
    UPDATE blob SET last_ref = clock_timestamp() WHERE blob_id = bid;
    IF NOT FOUND THEN RAISE EXCEPTION 'the chunks of the blob were not put'; END IF;
  END IF;
  FOR i IN 1 .. coalesce(array_length(rcpts, 1), 0) LOOP
    IF retry_keys[i] <> '' THEN
      INSERT INTO delivery_key (account_id, key, kind, uid) VALUES (accounts[i], retry_keys[i], 'c', 0) ON CONFLICT DO NOTHING;
      CONTINUE WHEN NOT FOUND;
    END IF;
    queued := true;
    sh := queue_shard(dests[i]);
    INSERT INTO queue_msg (qshard, qid, sender, envid, ret, flags, blob_id, size, created_at, expires_at)
      VALUES (sh, id, from_path, envelope_id, return_what::"char", message_flags, bid, octets, created, expires) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
      PERFORM 1 FROM queue_msg m WHERE m.qshard = sh AND m.qid = id AND m.blob_id = bid AND m.created_at = created AND m.sender = from_path;
      IF NOT FOUND THEN RAISE unique_violation USING MESSAGE = 'the queue id is another mail''s'; END IF;
    END IF;
    INSERT INTO blob_ref (blob_id, kind, holder, item) VALUES (bid, 'q', id, sh) ON CONFLICT DO NOTHING;
    INSERT INTO queue_rcpt (qshard, qid, rno, dest, rcpt, orcpt, notify, next_at)
      VALUES (sh, id, i, dests[i], rcpts[i], orcpts[i], notifies[i], 'epoch'::timestamptz + due[i] * interval '1 microsecond') ON CONFLICT DO NOTHING;
  END LOOP;
  IF NOT queued THEN INSERT INTO blob_gc (blob_id) VALUES (bid) ON CONFLICT DO NOTHING; END IF;
END $$;
