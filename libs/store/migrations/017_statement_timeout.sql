-- Programs give up a statement that is not answered, and drop its connection; the server finds that out when it next speaks to them. A statement that nobody waits
-- for any more must not go on, with its locks, for ever. In the role and not in sessions, because a pooler mixes those; where an administrator has set
-- something else it stays. accountd removes whole accounts in one statement.
DO $$
DECLARE program text;
BEGIN
  FOREACH program IN ARRAY ARRAY['accountd', 'smtpd', 'relayd', 'lmtp_delivery', 'pop3d', 'imapd', 'managesieved', 'filterd', 'webd'] LOOP
    CONTINUE WHEN EXISTS (
      SELECT 1 FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole, unnest(s.setconfig) AS setting
       WHERE r.rolname = 'posthouse_' || program AND setting LIKE 'statement\_timeout=%');
    EXECUTE format('ALTER ROLE %I SET statement_timeout = %L', 'posthouse_' || program, CASE program WHEN 'accountd' THEN '10min' ELSE '60s' END);
  END LOOP;
END $$;
