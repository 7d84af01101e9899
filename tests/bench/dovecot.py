"""Debian's Dovecot as the peer: a private instance on ports of its own, under the user whose programs ours are, too."""

import contextlib
import imaplib
import shutil
import subprocess
import tempfile
from pathlib import Path

from stack.progress import Failure
from stack.system_user import SystemUser
from tests.stack.ports import free_ports

from .ports import wait_for
from .processors import pin

BINARY = Path("/usr/sbin/dovecot")

# What its documentation names for speed is set: login processes that serve many, imap processes that are used again, one auth process. The
# password is compared as plain text, so that no hash is in its figures. Durable: mail_fsync is as it comes, which flushes every delivery.
CONFIGURATION = """\
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log/dovecot.log
instance_name = {name}
protocols = imap lmtp pop3
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_location = {mail_format}:{home}/mail/%n
mail_fsync = optimized
mail_max_userip_connections = 0
mailbox_list_index = yes
mail_uid = {user}
mail_gid = {group}
disable_plaintext_auth = no
auth_mechanisms = plain
auth_username_format = %Lu
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
ssl_dh =
default_client_limit = 19000
default_process_limit = 12000
default_vsz_limit = 4G
lmtp_rcpt_check_quota = no
{passdb}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/mail/%n allow_all_users=yes
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  service_count = 0
  process_min_avail = 2
  client_limit = 12000
  process_limit = 2
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service imap {{
  process_limit = 12000
  service_count = {served}
  process_min_avail = 4
  unix_listener imap-master {{
    user = {user}
  }}
}}
service pop3-login {{
  chroot =
  service_count = 0
  process_min_avail = 2
  client_limit = 12000
  process_limit = 2
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
}}
service pop3 {{
  process_limit = 12000
  service_count = 1000
  process_min_avail = 4
}}
imap_hibernate_timeout = {hibernate}
service imap-hibernate {{
  client_limit = 12000
  unix_listener imap-hibernate {{
    mode = 0660
    group = {group}
  }}
}}
service lmtp {{
  service_count = 0
  process_min_avail = 4
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service auth {{
  client_limit = 40000
  unix_listener auth-userdb {{
    mode = 0600
    user = {user}
  }}
}}
auth_failure_delay = 0
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


ONE_PASSWORD = """\
passdb {{
  driver = static
  args = password={{PLAIN}}{password}
}}
"""
# With the cache that its documentation proposes.
HASHES = """\
auth_cache_size = 10M
auth_cache_ttl = 1 hour
passdb {{
  driver = passwd-file
  args = scheme=ARGON2ID {file}
}}
"""


class Dovecot:
    """Every account of any name has the one password and an empty mailbox until something is delivered. `hibernate`: after how long in IDLE a
    session is handed to the one process that only waits; its own process then ends."""

    name = "Dovecot"

    def __init__(self, password: str, certificate: Path, key: Path, mail_format: str = "sdbox", hibernate: str = "",
                 hashes: dict[str, str] | None = None):
        if not BINARY.exists():
            raise Failure("Dovecot is not installed (Debian: dovecot-imapd dovecot-lmtpd); scripts/bench without --no-install installs it")
        self.user = SystemUser()
        self.home = Path(tempfile.mkdtemp(prefix="posthouse-bench-"))
        self.user.make_folder(self.home, 0o755)
        for folder in ("run", "state", "log", "mail"):
            self.user.make_folder(self.home / folder, 0o755)
        self.lmtp, self.imap, self.imaps, self.pop3, self.pop3s = free_ports(5)
        account = self.user.account
        group = subprocess.run(["id", "-gn", account.pw_name], capture_output=True, text=True, check=True).stdout.strip()
        for source, copy in ((certificate, "certificate.pem"), (key, "key.pem")):
            shutil.copy(source, self.home / copy)
            self.user.own(self.home / copy, 0o600)
        users = self.home / "users"
        if hashes:
            users.write_text("".join(f"{address}:{{ARGON2ID}}{hashed}\n" for address, hashed in hashes.items()))
            self.user.own(users, 0o600)
        passdb = HASHES.format(file=users) if hashes else ONE_PASSWORD.format(password=password)
        self.configuration = self.home / "dovecot.conf"
        self.configuration.write_text(CONFIGURATION.format(
            home=self.home, name=self.home.name, user=account.pw_name, group=group, uid=account.pw_uid, gid=account.pw_gid, mail_format=mail_format,
            certificate=self.home / "certificate.pem", key=self.home / "key.pem", passdb=passdb, imap=self.imap, imaps=self.imaps,
            pop3=self.pop3, pop3s=self.pop3s, lmtp=self.lmtp, hibernate=hibernate or "0", served=1 if hibernate else 1000))
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(self.user.command([BINARY, "-F", "-c", self.configuration]), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=(self.home / "log/stderr").open("wb"))
        wait_for("Dovecot", [self.lmtp, self.imap, self.imaps, self.pop3, self.pop3s], list((self.home / "log").iterdir()), lambda: self.process.poll() is None)

    def end(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(60)

    def restart_imap(self) -> None:
        self.end()
        self.start()

    def restart_pop3(self) -> None:
        self.restart_imap()

    def add_users(self, pattern: str, count: int) -> None:
        """There is everybody."""

    def forget_passwords(self) -> None:
        """And the one process that checks them, which the first login starts, is put on one processor."""
        self.restart_imap()
        with imaplib.IMAP4("127.0.0.1", self.imap) as client, contextlib.suppress(imaplib.IMAP4.error):
            client.login("nobody@mail.test", "none")
        pin(self.child("auth"))

    def child(self, name: str) -> int:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return next(int(pid) for pid in children if Path(f"/proc/{pid}/comm").read_text().strip() == name)

    def stop(self) -> None:
        self.end()
        shutil.rmtree(self.home, ignore_errors=True)

    def watched(self) -> dict[str, int]:
        return {"dovecot": self.process.pid}
