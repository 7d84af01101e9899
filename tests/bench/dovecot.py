"""Debian's Dovecot as the peer: a private instance on ports of its own, under the user whose programs ours are, too."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from stack.progress import Failure
from stack.system_user import SystemUser

from .ports import free_ports, wait_for

BINARY = Path("/usr/sbin/dovecot")

# What its documentation names for speed is set: login processes that serve many, imap processes that are used again, one auth process. The
# password is compared as plain text, so that no hash is in its figures. Durable: mail_fsync is as it comes, which flushes every delivery.
CONFIGURATION = """\
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log/dovecot.log
instance_name = {name}
protocols = imap lmtp
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
    """Every account of any name has the one password and an empty mailbox until something is delivered. `hibernate`: after how long in IDLE a
    session is handed to the one process that only waits; its own process then ends."""

    name = "Dovecot"

    def __init__(self, password: str, certificate: Path, key: Path, mail_format: str = "sdbox", hibernate: str = ""):
        if not BINARY.exists():
            raise Failure("Dovecot is not installed (Debian: dovecot-imapd dovecot-lmtpd); scripts/bench without --no-install installs it")
        self.user = SystemUser()
        self.home = Path(tempfile.mkdtemp(prefix="posthouse-bench-"))
        self.user.make_folder(self.home, 0o755)
        for folder in ("run", "state", "log", "mail"):
            self.user.make_folder(self.home / folder, 0o755)
        self.lmtp, self.imap, self.imaps = free_ports(3)
        account = self.user.account
        group = subprocess.run(["id", "-gn", account.pw_name], capture_output=True, text=True, check=True).stdout.strip()
        for source, copy in ((certificate, "certificate.pem"), (key, "key.pem")):
            shutil.copy(source, self.home / copy)
            self.user.own(self.home / copy, 0o600)
        self.configuration = self.home / "dovecot.conf"
        self.configuration.write_text(CONFIGURATION.format(
            home=self.home, name=self.home.name, user=account.pw_name, group=group, uid=account.pw_uid, gid=account.pw_gid, mail_format=mail_format,
            certificate=self.home / "certificate.pem", key=self.home / "key.pem", password=password, imap=self.imap, imaps=self.imaps,
            lmtp=self.lmtp, hibernate=hibernate or "0", served=1 if hibernate else 1000))
        self.process: subprocess.Popen | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(self.user.command([BINARY, "-F", "-c", self.configuration]), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=(self.home / "log/stderr").open("wb"))
        wait_for("Dovecot", [self.lmtp, self.imap, self.imaps], list((self.home / "log").iterdir()), lambda: self.process.poll() is None)

    def end(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(60)

    def restart_imap(self) -> None:
        self.end()
        self.start()

    def stop(self) -> None:
        self.end()
        shutil.rmtree(self.home, ignore_errors=True)

    def watched(self) -> dict[str, int]:
        return {"dovecot": self.process.pid}
