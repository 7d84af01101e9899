-- Logins by Kerberos (RFC 4752): whose tickets open an account.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

CREATE TABLE kerberos_principal (
  principal  text COLLATE "C" PRIMARY KEY,                     -- with its realm: alice@EXAMPLE.ORG; both parts as the KDC writes them
  account_id bigint NOT NULL REFERENCES account ON DELETE CASCADE);
CREATE INDEX kerberos_principal_account ON kerberos_principal (account_id);

GRANT SELECT, INSERT, DELETE ON kerberos_principal TO posthouse_accountd;
