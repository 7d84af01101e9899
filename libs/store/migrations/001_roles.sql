-- The schema, who owns it and who may use it (one role a program; the later files grant each what its program does and no more).
-- Roles belong to the whole cluster: another database of it may have made them already.
DO $$
DECLARE program text;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'posthouse_owner') THEN
    CREATE ROLE posthouse_owner LOGIN;
  END IF;
  FOREACH program IN ARRAY ARRAY['accountd', 'smtpd', 'relayd', 'lmtp_delivery', 'pop3d', 'imapd', 'managesieved', 'filterd', 'webd'] LOOP
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'posthouse_' || program) THEN
      EXECUTE format('CREATE ROLE %I LOGIN', 'posthouse_' || program);
      -- Here and not in sessions, because a pooler mixes those.
      EXECUTE format('ALTER ROLE %I SET lock_timeout = ''2s''', 'posthouse_' || program);
      EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''60s''', 'posthouse_' || program);
      EXECUTE format('ALTER ROLE %I SET jit = off', 'posthouse_' || program);
    END IF;
  END LOOP;
END $$;

CREATE SCHEMA posthouse AUTHORIZATION posthouse_owner;
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

-- A function is for those to whom it is granted.
ALTER DEFAULT PRIVILEGES FOR ROLE posthouse_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

CREATE TABLE schema_version (
  version    int PRIMARY KEY,
  applied_at timestamptz NOT NULL DEFAULT clock_timestamp());

GRANT USAGE ON SCHEMA posthouse TO posthouse_accountd, posthouse_smtpd, posthouse_relayd, posthouse_lmtp_delivery, posthouse_pop3d,
  posthouse_imapd, posthouse_managesieved, posthouse_filterd, posthouse_webd;
GRANT SELECT ON schema_version TO posthouse_accountd, posthouse_smtpd, posthouse_relayd, posthouse_lmtp_delivery, posthouse_pop3d,
  posthouse_imapd, posthouse_managesieved, posthouse_filterd, posthouse_webd;
