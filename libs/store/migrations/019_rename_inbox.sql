-- RENAME of INBOX moves its messages in several transactions. Until the last of them the mailbox that takes them says so, and a RENAME that is repeated after
-- the first was cut off may go on instead of finding the name taken.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

ALTER TABLE mailbox ADD COLUMN takes_inbox boolean NOT NULL DEFAULT false;
