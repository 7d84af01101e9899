"""Configurations of mail programs that nobody here wrote."""

from pathlib import Path

from .harness import Account, Stack


def mbsync(stack: Stack, folder: Path, user: Account, maildir: str, *more: str) -> Path:
    """INBOX into folder/maildir, over TLS. `more`: lines of the account."""
    configuration = folder / "mbsyncrc"
    lines = "".join(line + "\n" for line in more)
    configuration.write_text(f"""
IMAPAccount here
Host localhost
Port {stack.port("imaps")}
User {user.address}
PassCmd "echo '{user.password}'"
{lines}SSLType IMAPS
SystemCertificates no
CertificateFile {stack["CA_FILE"]}

IMAPStore far
Account here

MaildirStore near
Path {folder}/{maildir}/
Inbox {folder}/{maildir}/INBOX

Channel all
Far :far:
Near :near:
Patterns INBOX
Create Near
SyncState *
""")
    return configuration


def mpop(stack: Stack, folder: Path, address: str, mechanism: str, spool: Path, password_command: str) -> Path:
    """Everything into a file, over TLS, and it stays on the server; each spool for itself."""
    spool.touch()
    configuration = folder / "mpoprc"
    configuration.write_text(f"account here\nhost {stack['HOST']}\nport {stack.port('pop3s')}\ntls on\ntls_starttls off\n"
                             f"tls_trust_file {stack['CA_FILE']}\nauth {mechanism}\nuser {address}\n"
                             f"passwordeval {password_command}\nkeep on\nuidls_file {folder}/uidls-{spool.name}\ndelivery mbox {spool}\n")
    configuration.chmod(0o600)  # or mpop does not read it
    return configuration
