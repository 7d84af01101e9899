-- Logins by a Kerberos ticket without SASL (KPOP): each AP-REQ is good once, at whichever accountd.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

CREATE TABLE kerberos_request (
  proof   bytea       PRIMARY KEY,                             -- SHA-256 of what no other AP-REQ holds
  seen_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX kerberos_request_seen_at ON kerberos_request (seen_at);

GRANT SELECT, UPDATE, INSERT, DELETE ON kerberos_request TO posthouse_accountd;
