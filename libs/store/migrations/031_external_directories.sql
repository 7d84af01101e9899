-- Accounts whose users are in an external directory.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

ALTER TABLE account ADD COLUMN directory text NOT NULL DEFAULT '';  -- 'ldap:NAME': which says whether there is such a user, and whether a password is right; '': this one
