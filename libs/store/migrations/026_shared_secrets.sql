-- Secrets that a mechanism needs as they are (APOP, RFC 1939 §7; CRAM-MD5, RFC 2195), of accounts for which an administrator turned it on. Sealed under keys
-- that the database does not know (accountd.sealing_keys).
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

CREATE TABLE shared_secret (
  account_id bigint NOT NULL REFERENCES account ON DELETE CASCADE,
  kind       text COLLATE "C" NOT NULL,                        -- 'apop', 'cram-md5'
  sealed     bytea NOT NULL,
  PRIMARY KEY (account_id, kind));

GRANT SELECT, INSERT, UPDATE, DELETE ON shared_secret TO posthouse_accountd;
