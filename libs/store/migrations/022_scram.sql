-- Logins by SCRAM (RFC 5802): keys of the password beside its hash, set and replaced together with it.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

ALTER TABLE login ADD COLUMN scram text NOT NULL DEFAULT '';  -- "SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey", a blank between two. accountd alone reads this.

DROP FUNCTION find_credential(text);
CREATE FUNCTION find_credential(login text)
RETURNS TABLE (account_id bigint, address text, enabled boolean, credential text, scram text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = posthouse, pg_temp AS $$
#variable_conflict use_column
BEGIN
  SELECT l.account_id, coalesce(l.credential, ''), l.scram INTO account_id, credential, scram FROM login l WHERE l.login_norm = login;
  IF NOT FOUND THEN RETURN; END IF;
  SELECT a.address, a.enabled INTO address, enabled FROM account a WHERE a.account_id = find_credential.account_id;
  IF FOUND THEN RETURN NEXT; END IF;
END $$;
GRANT EXECUTE ON FUNCTION find_credential TO posthouse_accountd;

-- What every accountd must know alike, and nobody else: made by the first that needs it.
CREATE TABLE accountd_secret (
  name   text COLLATE "C" PRIMARY KEY,
  octets bytea NOT NULL);
GRANT SELECT, INSERT ON accountd_secret TO posthouse_accountd;
