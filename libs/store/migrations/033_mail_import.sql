-- Mail of another server comes in through lmtp-delivery, and keeps the unique ids (RFC 1939 §7, UIDL) by which POP3 clients know it.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

-- Of imported messages only: all others have UIDVALIDITY.UID. A row comes in the transaction of its message; when the message has gone, upkeep takes it away,
-- so that no other message's end costs a look here.
CREATE TABLE pop3_unique_id (
  account_id bigint NOT NULL,
  mailbox_id int    NOT NULL,
  uid        bigint NOT NULL,
  unique_id  text COLLATE "C" NOT NULL CHECK (unique_id ~ '^[!-~]{1,70}$'),
  PRIMARY KEY (account_id, mailbox_id, uid),
  UNIQUE (account_id, mailbox_id, unique_id));

INSERT INTO sweep (what) VALUES ('unique_ids');

-- Keeps the ids of messages, under the account's lock. `blobs`: of their octets (empty: whichever), since another message may
-- have the UID of one that was stored earlier, where its folder was made anew. A row for each, in their order: 0 it has this id, 1 another message of the
-- mailbox has it, 2 it is one that messages without an id of their own have or will have (UIDVALIDITY.UID), 3 no unique id, 4 it has another already, 5 it is
-- not there.
CREATE FUNCTION keep_unique_ids(a bigint, mailboxes int[], uids bigint[], ids text[], blobs bytea[])
RETURNS TABLE (status smallint) LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE validity bigint; present text;
BEGIN
  FOR i IN 1 .. coalesce(array_length(ids, 1), 0) LOOP
    SELECT b.uidvalidity INTO validity FROM mailbox b WHERE b.account_id = a AND b.mailbox_id = mailboxes[i];
    SELECT p.unique_id INTO present FROM pop3_unique_id p WHERE p.account_id = a AND p.mailbox_id = mailboxes[i] AND p.uid = uids[i];
    IF NOT EXISTS (SELECT 1 FROM msg m JOIN email e USING (account_id, email_id)
                    WHERE m.account_id = a AND m.mailbox_id = mailboxes[i] AND m.uid = uids[i] AND blobs[i] IN (e.blob_id, '')) THEN
      status := 5;
    ELSIF present IS NOT NULL THEN
      status := CASE WHEN present = ids[i] THEN 0 ELSE 4 END;
    ELSIF ids[i] !~ '^[!-~]{1,70}$' THEN
      status := 3;
    ELSIF ids[i] = validity || '.' || uids[i] THEN
      status := 0;
    ELSIF ids[i] ~ ('^' || validity || '\.[0-9]+$') THEN
      status := 2;
    ELSE
      DELETE FROM pop3_unique_id p WHERE p.account_id = a AND p.mailbox_id = mailboxes[i] AND p.unique_id = ids[i]
         AND NOT EXISTS (SELECT 1 FROM msg m WHERE m.account_id = a AND m.mailbox_id = p.mailbox_id AND m.uid = p.uid);
      INSERT INTO pop3_unique_id (account_id, mailbox_id, uid, unique_id) VALUES (a, mailboxes[i], uids[i], ids[i]) ON CONFLICT DO NOTHING;
      status := CASE WHEN FOUND THEN 0 ELSE 1 END;
    END IF;
    RETURN NEXT;
  END LOOP;
END $$;

-- What an import finds again is remembered from now on.
CREATE FUNCTION renew_delivery_keys(accounts bigint[], keys bytea[])
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = posthouse, pg_temp SET enable_seqscan = off AS $$
  UPDATE delivery_key k SET at = clock_timestamp() FROM unnest(accounts, keys) x (account_id, key) WHERE k.account_id = x.account_id AND k.key = x.key;
$$;

-- A step of the lap over unique ids: looks at `pages` pages of the table, and removes those whose message is gone. `is_lap_over`: another begins after `rest`.
CREATE FUNCTION sweep_unique_ids(rest interval, pages int)
RETURNS TABLE (is_lap_over boolean, removed bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp SET lock_timeout = '2s' SET enable_seqscan = off AS $$
DECLARE start bigint; total bigint;
BEGIN
  is_lap_over := true; removed := 0;
  SELECT s.next_page INTO start FROM sweep s WHERE s.what = 'unique_ids' AND s.rests_until <= clock_timestamp() FOR UPDATE SKIP LOCKED;
  IF FOUND THEN
    DELETE FROM pop3_unique_id p
     WHERE p.ctid >= format('(%s,0)', start)::tid AND p.ctid < format('(%s,0)', start + pages)::tid
       AND NOT EXISTS (SELECT 1 FROM msg m WHERE m.account_id = p.account_id AND m.mailbox_id = p.mailbox_id AND m.uid = p.uid);
    GET DIAGNOSTICS removed = ROW_COUNT;
    total := pg_relation_size('pop3_unique_id') / current_setting('block_size')::bigint;
    is_lap_over := start + pages >= total;
    IF is_lap_over THEN
      UPDATE sweep s SET next_page = 0, rests_until = clock_timestamp() + rest WHERE s.what = 'unique_ids';
    ELSE
      UPDATE sweep s SET next_page = start + pages WHERE s.what = 'unique_ids';
    END IF;
  END IF;
  RETURN NEXT;
END $$;

GRANT SELECT ON pop3_unique_id TO posthouse_pop3d;
GRANT EXECUTE ON FUNCTION keep_unique_ids, renew_delivery_keys, sweep_unique_ids, mailbox_at, mailbox_path TO posthouse_lmtp_delivery;
-- An import makes folders and keywords.
GRANT SELECT, INSERT ON mailbox, subscription, keyword TO posthouse_lmtp_delivery;
GRANT UPDATE (modseq, next_mailbox, last_uidvalidity) ON account_state TO posthouse_lmtp_delivery;
