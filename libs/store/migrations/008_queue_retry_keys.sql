-- A client whose 250 was lost sends its mail again: what was queued for it then must not be queued or delivered a second time (ARCHITECTURE.md, rule 3).
-- The key of kind 'c' is stored with the queue's rows as it is with a delivery; account 0 holds those of foreign recipients.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

DROP FUNCTION enqueue;

-- Recipients whose retry key is known are passed over: they were taken before. '' is no key.
CREATE FUNCTION enqueue(
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
    INSERT INTO blob_ref (blob_id, kind, holder, item) VALUES (bid, 'q', id, sh) ON CONFLICT DO NOTHING;
    INSERT INTO queue_rcpt (qshard, qid, rno, dest, rcpt, orcpt, notify, next_at)
      VALUES (sh, id, i, dests[i], rcpts[i], orcpts[i], notifies[i], 'epoch'::timestamptz + due[i] * interval '1 microsecond') ON CONFLICT DO NOTHING;
  END LOOP;
  IF NOT queued THEN INSERT INTO blob_gc (blob_id) VALUES (bid) ON CONFLICT DO NOTHING; END IF;
END $$;

GRANT EXECUTE ON FUNCTION enqueue TO posthouse_smtpd, posthouse_relayd, posthouse_lmtp_delivery;
