-- Whoever forgets retry keys is told which were not there: their account may have been removed and made again.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

DROP FUNCTION delete_retry_keys;

-- Positions from 1.
CREATE FUNCTION delete_retry_keys(accounts bigint[], keys bytea[])
RETURNS TABLE (missing int) LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp AS $$
BEGIN
  FOR i IN 1 .. coalesce(array_length(accounts, 1), 0) LOOP
    DELETE FROM delivery_key k WHERE k.account_id = accounts[i] AND k.key = keys[i] AND k.kind = 'c';
    CONTINUE WHEN FOUND;
    missing := i;
    RETURN NEXT;
  END LOOP;
END $$;

GRANT EXECUTE ON FUNCTION delete_retry_keys TO posthouse_smtpd;
