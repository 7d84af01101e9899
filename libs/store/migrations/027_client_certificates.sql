-- Certificates by which clients log in (SASL EXTERNAL, RFC 4422 appendix A).
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

CREATE TABLE client_certificate (
  fingerprint bytea PRIMARY KEY CHECK (octet_length(fingerprint) = 32),  -- SHA-256 of its DER: it is one account's
  account_id  bigint NOT NULL REFERENCES account ON DELETE CASCADE,
  label       text NOT NULL,
  subject     text NOT NULL,
  not_after   timestamptz NOT NULL,
  added_at    timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE INDEX client_certificate_account ON client_certificate (account_id, added_at);

GRANT SELECT, INSERT, DELETE ON client_certificate TO posthouse_accountd;  -- what decides who somebody is, nobody else reads
