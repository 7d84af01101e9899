-- Wrong one-time codes are counted for each account: from many networks, all codes that there are can be tried out.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

ALTER TABLE totp ADD COLUMN wrong_codes int NOT NULL DEFAULT 0;  -- in a row, since the last code or recovery code that was right; accountds of the version before count none
GRANT UPDATE (wrong_codes) ON totp TO posthouse_accountd;
