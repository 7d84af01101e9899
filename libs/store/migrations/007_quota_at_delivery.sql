-- lmtp-delivery asks before a large message is sent to it whether it would fit.
SET LOCAL ROLE posthouse_owner;
SET LOCAL search_path = posthouse;

GRANT SELECT ON account, account_state TO posthouse_lmtp_delivery;
