"""Debian's Dovecot with Maildirs, as the server that somebody moves from: on loopback ports of its own, stopped by its pid."""

import imaplib
import os
import poplib
import pwd
import shutil
import smtplib
import socket
import subprocess
import tempfile
from pathlib import Path

from .harness import eventually
from .ports import free_ports

DOVECOT = "/usr/sbin/dovecot"
PASSWORD = "horse"

CONFIGURATION = """\
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
instance_name = {name}
protocols = imap pop3 lmtp
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_location = maildir:{home}/mail/%n/Maildir{layout}
mail_uid = {user}
mail_gid = {group}
ssl = no
disable_plaintext_auth = no
auth_username_format = %Ln
auth_failure_delay = 0
lda_mailbox_autocreate = yes
pop3_uidl_format = {uidl_format}
pop3_save_uidl = {save_uidl}
pop3_reuse_xuidl = {reuse_xuidl}
passdb {{
  driver = static
  args = password={{PLAIN}}{password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/mail/%n allow_all_users=yes
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service stats {{
  unix_listener stats-reader {{
    mode = 0600
    user = {user}
  }}
  unix_listener stats-writer {{
    mode = 0600
    user = {user}
  }}
}}
"""


class Dovecot:
    """Every name is a user, with the one password and an empty Maildir."""

    def __init__(self, layout: str = ""):
        """To be started after a stack: then the user is there under whom both run where root starts them."""
        self.account = pwd.getpwnam("posthouse") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        self.group = subprocess.run(["id", "-gn", self.account.pw_name], capture_output=True, text=True, check=True).stdout.strip()
        self.home = Path(tempfile.mkdtemp(prefix="posthouse-dovecot-"))
        self.home.chmod(0o755)
        for folder in ("run", "state", "mail"):
            (self.home / folder).mkdir()
            os.chown(self.home / folder, self.account.pw_uid, self.account.pw_gid)
        os.chown(self.home, self.account.pw_uid, self.account.pw_gid)
        self.layout = layout
        self.process: subprocess.Popen | None = None

    def start(self, uidl_format: str = "%08Xu%08Xv", save_uidl: str = "no", reuse_xuidl: str = "no") -> None:
        for _ in range(5):
            self.imap_port, self.pop3_port, self.lmtp_port = free_ports(3)
            configuration = self.home / "dovecot.conf"
            configuration.write_text(CONFIGURATION.format(
                home=self.home, name=self.home.name, user=self.account.pw_name, group=self.group, uid=self.account.pw_uid,
                gid=self.account.pw_gid, layout=self.layout, uidl_format=uidl_format, save_uidl=save_uidl, reuse_xuidl=reuse_xuidl,
                password=PASSWORD, imap=self.imap_port, pop3=self.pop3_port, lmtp=self.lmtp_port))
            own = {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
            self.process = subprocess.Popen([DOVECOT, "-F", "-c", configuration], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                            stderr=subprocess.DEVNULL, **own)
            if eventually(lambda: self.answers() or self.process.poll() is not None) and self.process.poll() is None:
                return
        raise AssertionError(f"Dovecot did not start:\n{(self.home / 'log').read_text()}")

    def answers(self) -> bool:
        def is_open(port: int) -> bool:
            with socket.socket() as attempt:
                return attempt.connect_ex(("127.0.0.1", port)) == 0
        return all(map(is_open, (self.imap_port, self.pop3_port, self.lmtp_port)))

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(60)
            self.process = None

    def restart(self, **settings: str) -> None:
        self.stop()
        self.start(**settings)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def maildir(self, name: str) -> Path:
        return self.home / "mail" / name / "Maildir"

    def imap(self, name: str) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self.imap_port, timeout=30)
        client.login(name, PASSWORD)
        return client

    def pop3(self, name: str) -> poplib.POP3:
        client = poplib.POP3("127.0.0.1", self.pop3_port, timeout=30)
        client.user(name)
        client.pass_(PASSWORD)
        return client

    def deliver(self, name: str, message: bytes) -> None:
        with smtplib.LMTP("127.0.0.1", self.lmtp_port) as client:
            client.sendmail("sender@elsewhere.test", [f"{name}@mail.test"], message)
