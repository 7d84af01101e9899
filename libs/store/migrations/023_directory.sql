-- Domains with settings, and accounts that are not one person's.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

ALTER TABLE domain
  ADD COLUMN catch_all           text   NOT NULL DEFAULT '',   -- the address that gets mail for names that nobody has; '': it is refused
  ADD COLUMN separators          text   NOT NULL DEFAULT '+',  -- each of these characters begins a detail, as in user+detail; '': none
  ADD COLUMN default_quota_bytes bigint NOT NULL DEFAULT 0,    -- of a new account that is given none; 0: unlimited
  ADD COLUMN max_users           bigint NOT NULL DEFAULT 0,    -- accounts of every kind; 0: any number
  ADD COLUMN max_aliases         bigint NOT NULL DEFAULT 0;

ALTER TABLE account
  ADD COLUMN kind         smallint NOT NULL DEFAULT 0,         -- 0 individual, 1 group: its mail is its members', 2 shared: a mailbox without a login
  ADD COLUMN members_only boolean  NOT NULL DEFAULT false;     -- of a group: nobody else may send to it

CREATE TABLE membership (                                      -- in a group, or of a shared mailbox
  account_id bigint NOT NULL REFERENCES account ON DELETE CASCADE,
  member_id  bigint NOT NULL REFERENCES account ON DELETE CASCADE,
  PRIMARY KEY (account_id, member_id));
CREATE INDEX membership_member ON membership (member_id);

CREATE TABLE administrator (
  account_id bigint NOT NULL REFERENCES account ON DELETE CASCADE,
  domain     text COLLATE "C" NOT NULL,                        -- '': everything
  PRIMARY KEY (account_id, domain));
CREATE INDEX administrator_domain ON administrator (domain);

CREATE TABLE audit (                                           -- what administrators changed; a row commits with the change
  audit_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  actor    text NOT NULL,                                      -- the account that did it; '': the operator of the machine
  peer     text NOT NULL,                                      -- who called, as far as that is known
  action   text NOT NULL,
  object   text COLLATE "C" NOT NULL,                          -- an address or a domain
  domain   text COLLATE "C" NOT NULL,                          -- whose administrators may see it
  details  jsonb NOT NULL);                                    -- without any secret
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_object ON audit (object, audit_id);
CREATE INDEX audit_domain ON audit (domain, audit_id);

CREATE TABLE send_as (                                         -- what an account may send as, beside what is its own
  account_id bigint NOT NULL REFERENCES account ON DELETE CASCADE,
  address    text COLLATE "C" NOT NULL,                        -- or '@example.org': every address of the domain
  PRIMARY KEY (account_id, address));
CREATE INDEX send_as_address ON send_as (address);

GRANT SELECT, INSERT, DELETE ON membership, administrator, audit, send_as TO posthouse_accountd;  -- what is written in the audit is not changed
