-- Against guessing of passwords: what every accountd has to know of failed logins. Names stand as a keyed hash, because people type their passwords
-- where a name is wanted; the address is there only where there is such an account.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

CREATE UNLOGGED TABLE auth_failure (                        -- lost in a crash, never waited for
  network text COLLATE "C" NOT NULL,                        -- '192.0.2.7', '192.0.2.0/24'; '': from anywhere
  name    bigint NOT NULL,                                  -- 0: of whatever name
  address text COLLATE "C" NOT NULL,                        -- of the account; '': there is none
  score   double precision NOT NULL,                        -- wrong logins, as of `at`; it halves as time goes by
  at      timestamptz NOT NULL,
  tags    text COLLATE "C" NOT NULL,                        -- sixteen bits each of the last wrong passwords, of a network and a name
  PRIMARY KEY (network, name)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX auth_failure_at ON auth_failure (at);
CREATE INDEX auth_failure_name ON auth_failure (name);

CREATE TABLE auth_ban (
  network      text COLLATE "C" NOT NULL,
  name         bigint NOT NULL,
  address      text COLLATE "C" NOT NULL,
  reason       text NOT NULL,
  is_automatic boolean NOT NULL,
  times        int NOT NULL,                                -- this one is the how manieth in a row
  since        timestamptz NOT NULL,
  until        timestamptz NOT NULL,
  changed      timestamptz NOT NULL,
  PRIMARY KEY (network, name));
CREATE INDEX auth_ban_changed ON auth_ban (changed);

CREATE TABLE auth_place (                                   -- from where an account logged in
  network text COLLATE "C" NOT NULL,
  name    bigint NOT NULL,
  at      timestamptz NOT NULL,                             -- to a day
  PRIMARY KEY (network, name));
CREATE INDEX auth_place_at ON auth_place (at);

GRANT SELECT, INSERT, UPDATE, DELETE ON auth_failure, auth_ban, auth_place TO posthouse_accountd;
