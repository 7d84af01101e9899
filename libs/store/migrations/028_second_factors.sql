-- What proves a login beside an account's own password: app passwords, one-time codes, and domains that ask for them.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

ALTER TABLE domain ADD COLUMN two_factors_required boolean NOT NULL DEFAULT false;  -- its accounts' own passwords are not for mail programs, and not enough for the web

CREATE TABLE app_password (                     -- accountd alone reads these three
  app_password_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id      bigint NOT NULL REFERENCES account ON DELETE CASCADE,
  label           text NOT NULL,                -- what its owner calls it
  digest          bytea NOT NULL,               -- SHA-256, salted with the account: the password is random
  scram           text NOT NULL,                -- keys as in login, of two spellings; the salts and iterations of one account are the same in all of them, and in login
  protocols       text NOT NULL,                -- "imap submission"
  networks        text NOT NULL,                -- "192.0.2.0/24 2001:db8::/32"; '': any
  created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at      timestamptz,                  -- null: never
  used_at         timestamptz,                  -- the last use, written some time after it
  used_protocol   text NOT NULL DEFAULT '',
  used_address    text NOT NULL DEFAULT '',
  UNIQUE (account_id, label)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX app_password_digest ON app_password (account_id, digest);

CREATE TABLE totp (                             -- RFC 6238
  account_id bigint PRIMARY KEY REFERENCES account ON DELETE CASCADE,
  secret     bytea NOT NULL,                    -- sealed with a key of accountd's configuration
  in_force   boolean NOT NULL DEFAULT false,    -- not before its owner has shown that he can make codes
  last_step  bigint NOT NULL DEFAULT 0);        -- of the last code that was taken: none is taken twice

CREATE TABLE recovery_code (                    -- each is good once, instead of a code of TOTP
  account_id bigint NOT NULL REFERENCES totp ON DELETE CASCADE,
  digest     bytea NOT NULL,                    -- as in app_password
  PRIMARY KEY (account_id, digest));

GRANT SELECT, INSERT, DELETE, UPDATE (used_at, used_protocol, used_address) ON app_password TO posthouse_accountd;
GRANT SELECT, INSERT, DELETE, UPDATE (secret, in_force, last_step) ON totp TO posthouse_accountd;
GRANT SELECT, INSERT, DELETE ON recovery_code TO posthouse_accountd;

-- Beside find_credential. `app_password_scram`: of one of the account's app passwords, for their common salts; '' if it has none.
CREATE FUNCTION find_factors(login text)
RETURNS TABLE (two_factors_required boolean, totp_in_force boolean, app_password_scram text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = posthouse, pg_temp AS $$
#variable_conflict use_column
DECLARE a bigint;
BEGIN
  SELECT l.account_id, coalesce(d.two_factors_required, false) INTO a, two_factors_required
    FROM login l LEFT JOIN domain d ON d.name = l.domain WHERE l.login_norm = login;
  IF NOT FOUND THEN RETURN; END IF;
  totp_in_force := EXISTS (SELECT 1 FROM totp t WHERE t.account_id = a AND t.in_force);
  app_password_scram := coalesce((SELECT p.scram FROM app_password p WHERE p.account_id = a LIMIT 1), '');
  RETURN NEXT;
END $$;

-- Last uses, which may be lost in a crash, and so nobody waits for the disk; the arrays are equally long. In one order: nobody waits in a circle.
CREATE FUNCTION note_app_password_uses(ids bigint[], times timestamptz[], by_protocols text[], from_addresses text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = posthouse, pg_temp AS $$
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  PERFORM 1 FROM app_password p WHERE p.app_password_id = ANY (ids) ORDER BY p.app_password_id FOR NO KEY UPDATE;
  UPDATE app_password p SET used_at = u.at, used_protocol = u.protocol, used_address = u.address
    FROM unnest(ids, times, by_protocols, from_addresses) AS u (id, at, protocol, address)
   WHERE p.app_password_id = u.id AND (p.used_at IS NULL OR p.used_at < u.at);
END $$;
GRANT EXECUTE ON FUNCTION find_factors, note_app_password_uses TO posthouse_accountd;
