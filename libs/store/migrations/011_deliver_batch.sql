-- Many messages for many accounts in one transaction: what PostgreSQL does once for a call is most of what a delivery costs it.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

-- Bodies and mailboxes are named once and ascending, by blob_id and by account and mailbox; deliveries refer to them by number, from 1, and are answered in
-- their order, with the statuses of deliver(). A content is null if the blob is chunked, a date for now. No two deliveries to an account have a key in common. What happens in order (quota, UIDs)
-- happens in arrays, under the lock of account_state; each table is then written by one statement.
CREATE FUNCTION deliver_batch(
  blob_ids bytea[], octets bigint[], header_octets int[], encodings smallint[], contents bytea[], envelopes bytea[], structures bytea[], sent timestamptz[],
  box_accounts bigint[], box_mailboxes int[],
  bodies int[], boxes int[], prefixes bytea[], flag_bits int[], keyword_bits bigint[], dates timestamptz[], queue_keys bytea[], retry_keys bytea[],
  wait boolean)
RETURNS TABLE (status smallint, uid bigint, modseq bigint, email_id bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp SET lock_timeout = '2s' SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_material = off AS $$
#variable_conflict use_column
DECLARE
  n int := coalesce(array_length(bodies, 1), 0); i int; body int; box int; s int; sz bigint; t timestamptz;
  -- by account
  locked bigint[]; modseqs bigint[]; emails bigint[]; used bigint[]; counts bigint[]; most_octets bigint[]; most_messages bigint[];
  -- by mailbox
  slots int[]; next_uids bigint[];
  -- by delivery
  known bigint[]; statuses smallint[]; uids bigint[]; states bigint[]; email_ids bigint[]; sizes bigint[];
  held boolean[];  -- by body: somebody got it
BEGIN
  -- NO KEY UPDATE is the lock that the UPDATEs below take. Who waits for accounts does so before it locks a blob, which others may be about to deliver; in
  -- order, so that two that wait do not wait for each other. Who does not wait comes second, as R3 says.
  IF wait THEN
    SELECT array_agg(a.account_id), array_agg(a.modseq), array_agg(a.next_email), array_agg(a.bytes_used), array_agg(a.msgs_used), array_agg(a.quota_bytes),
           array_agg(a.quota_msgs) INTO locked, modseqs, emails, used, counts, most_octets, most_messages
      FROM (SELECT * FROM account_state WHERE account_id = ANY (box_accounts) ORDER BY account_id FOR NO KEY UPDATE) a;
  END IF;
  FOR body IN 1 .. coalesce(array_length(blob_ids, 1), 0) LOOP
    CONTINUE WHEN contents[body] IS NOT NULL;
    UPDATE blob SET last_ref = clock_timestamp() WHERE blob_id = blob_ids[body];
    IF NOT FOUND THEN RAISE EXCEPTION 'the chunks of the blob were not put'; END IF;
  END LOOP;
  INSERT INTO blob (blob_id, size, enc, data)
    SELECT blob_ids[j], octets[j], encodings[j], contents[j] FROM generate_subscripts(blob_ids, 1) j WHERE contents[j] IS NOT NULL
    ON CONFLICT (blob_id) DO UPDATE SET last_ref = clock_timestamp();
  IF NOT wait THEN
    SELECT array_agg(a.account_id), array_agg(a.modseq), array_agg(a.next_email), array_agg(a.bytes_used), array_agg(a.msgs_used), array_agg(a.quota_bytes),
           array_agg(a.quota_msgs) INTO locked, modseqs, emails, used, counts, most_octets, most_messages
      FROM (SELECT * FROM account_state WHERE account_id = ANY (box_accounts) ORDER BY account_id FOR NO KEY UPDATE SKIP LOCKED) a;
  END IF;
  SELECT array_agg(array_position(locked, box_accounts[j]) ORDER BY j), array_agg(b.uidnext ORDER BY j) INTO slots, next_uids
    FROM generate_subscripts(box_accounts, 1) j LEFT JOIN mailbox b ON b.account_id = box_accounts[j] AND b.mailbox_id = box_mailboxes[j];
  IF '' <> ANY (queue_keys) OR '' <> ANY (retry_keys) THEN
    SELECT array_agg(x.uid ORDER BY j) INTO known
      FROM generate_series(1, n) j LEFT JOIN LATERAL (
        SELECT d.uid FROM delivery_key d WHERE d.account_id = box_accounts[boxes[j]] AND d.key IN (queue_keys[j], retry_keys[j]) LIMIT 1) x ON true;
  END IF;

  FOR i IN 1 .. n LOOP
    body := bodies[i]; box := boxes[i]; s := slots[box];
    IF s IS NULL THEN
      PERFORM 1 FROM account_state a WHERE a.account_id = box_accounts[box];
      statuses[i] := CASE WHEN FOUND THEN 5 ELSE 3 END;
      CONTINUE;
    END IF;
    IF known[i] IS NOT NULL THEN
      statuses[i] := 1; uids[i] := known[i];
      CONTINUE;
    END IF;
    sz := octets[body] + length(prefixes[i]);
    IF most_octets[s] > 0 AND used[s] + sz > most_octets[s] OR most_messages[s] > 0 AND counts[s] >= most_messages[s] THEN
      statuses[i] := 2;
    ELSIF next_uids[box] IS NULL THEN
      statuses[i] := 4;
    ELSE
      statuses[i] := 0; sizes[i] := sz; uids[i] := next_uids[box]; email_ids[i] := emails[s]; states[i] := modseqs[s] + 1; held[body] := true;
      modseqs[s] := states[i]; emails[s] := emails[s] + 1; used[s] := used[s] + sz; counts[s] := counts[s] + 1; next_uids[box] := uids[i] + 1;
    END IF;
  END LOOP;

  UPDATE account_state a SET modseq = modseqs[j], next_email = emails[j], bytes_used = used[j], msgs_used = counts[j]
    FROM generate_subscripts(locked, 1) j WHERE a.account_id = locked[j] AND a.modseq <> modseqs[j];
  UPDATE mailbox b SET uidnext = next_uids[d.box], highestmodseq = d.modseq, n_msgs = b.n_msgs + d.n, n_unseen = b.n_unseen + d.unseen,
      n_deleted = b.n_deleted + d.deleted, bytes = b.bytes + d.octets, kw_mask = b.kw_mask | d.keywords
    FROM (SELECT boxes[j] AS box, max(states[j]) AS modseq, count(*) AS n, sum(1 - (flag_bits[j] & 1)) AS unseen, sum(flag_bits[j] >> 4 & 1) AS deleted,
                 sum(sizes[j]) AS octets, bit_or(keyword_bits[j]) AS keywords
            FROM generate_series(1, n) j WHERE statuses[j] = 0 GROUP BY 1) d
    WHERE b.account_id = box_accounts[d.box] AND b.mailbox_id = box_mailboxes[d.box];
  t := clock_timestamp();
  INSERT INTO email (account_id, email_id, thread_id, received_at, sent_at, size, hdr_size, blob_id, envelope, bodystructure, prefix)
    SELECT box_accounts[boxes[j]], email_ids[j], email_ids[j], t, sent[bodies[j]], sizes[j], header_octets[bodies[j]], blob_ids[bodies[j]],
           envelopes[bodies[j]], structures[bodies[j]], prefixes[j]
      FROM generate_series(1, n) j WHERE statuses[j] = 0;
  INSERT INTO msg (account_id, mailbox_id, uid, modseq, email_id, internal_date, save_date, keywords, flags, size)
    SELECT box_accounts[boxes[j]], box_mailboxes[boxes[j]], uids[j], states[j], email_ids[j],
           coalesce(dates[j], t), t, keyword_bits[j], flag_bits[j], sizes[j]
      FROM generate_series(1, n) j WHERE statuses[j] = 0;
  INSERT INTO blob_ref (blob_id, kind, holder, item)
    SELECT blob_ids[bodies[j]], 'a', box_accounts[boxes[j]], email_ids[j] FROM generate_series(1, n) j WHERE statuses[j] = 0;
  INSERT INTO delivery_key (account_id, key, kind, uid)
    SELECT box_accounts[boxes[j]], x.key, x.kind, uids[j]
      FROM generate_series(1, n) j, LATERAL (VALUES (queue_keys[j], 'q'::"char"), (retry_keys[j], 'c'::"char")) x (key, kind)
      WHERE statuses[j] = 0 AND x.key <> '';
  IF 0 <> ANY (statuses) THEN
    INSERT INTO blob_gc (blob_id) SELECT blob_ids[j] FROM generate_subscripts(blob_ids, 1) j WHERE held[j] IS NULL
      ON CONFLICT (blob_id) DO UPDATE SET at = clock_timestamp();
  END IF;
  RETURN QUERY SELECT statuses[j], uids[j], states[j], email_ids[j] FROM generate_series(1, n) j;
END $$;

GRANT EXECUTE ON FUNCTION deliver_batch TO posthouse_lmtp_delivery, posthouse_imapd;
