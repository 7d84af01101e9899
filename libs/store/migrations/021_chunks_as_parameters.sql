-- Large bodies: the chunks of one statement are parameters of their own, since an array of them was copied once more at each step from the network to the row.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

COMMENT ON COLUMN blob.enc IS '0 raw, 1 zstd, 2 lines of base64 as the octets that they stand for';

CREATE FUNCTION blob_put_chunks(bid bytea, first int, chunk_0 bytea, chunk_1 bytea, chunk_2 bytea, chunk_3 bytea)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp SET lock_timeout = '2s' SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  INSERT INTO blob_chunk (blob_id, seq, data) SELECT bid, first + c.number, c.data
    FROM (VALUES (0, chunk_0), (1, chunk_1), (2, chunk_2), (3, chunk_3)) c (number, data) WHERE c.data IS NOT NULL;
END $$;

DROP FUNCTION blob_put_chunks(bytea, int, bytea[]);

GRANT EXECUTE ON FUNCTION blob_put_chunks TO posthouse_lmtp_delivery, posthouse_imapd, posthouse_smtpd, posthouse_relayd;
