-- The chunks of a large body come a few at a time: an SQL function is planned at every call, and each call is a round trip.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

CREATE FUNCTION blob_put_chunks(bid bytea, first int, contents bytea[])
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp SET lock_timeout = '2s' SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  INSERT INTO blob_chunk (blob_id, seq, data) SELECT bid, first + j - 1, contents[j] FROM generate_subscripts(contents, 1) j;
END $$;

DROP FUNCTION blob_put_chunk;

GRANT EXECUTE ON FUNCTION blob_put_chunks TO posthouse_lmtp_delivery, posthouse_imapd, posthouse_smtpd, posthouse_relayd;
