"""Debian's Postfix in front of Dovecot, in a private instance: what comes in by SMTP goes out by LMTP. It needs root."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from stack.progress import Failure

from tests.stack.ports import free_ports

from .ports import wait_for

# As it comes, but for where things are, one domain whose users Dovecot knows, and as many deliveries at a time as Dovecot has processes for.
MAIN = """\
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
meta_directory = /etc/postfix
maillog_file = {home}/log/postfix.log
maillog_file_prefixes = {home}/log
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.test
mydestination =
mynetworks = 127.0.0.0/8
local_recipient_maps =
alias_maps =
virtual_mailbox_domains = mail.test
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
lmtp_destination_concurrency_limit = 20
lmtp_destination_recipient_limit = 50
smtpd_client_connection_count_limit = 0
"""

MASTER = """\
{smtp} inet n - n - 200 smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    def __init__(self, lmtp: int):
        if not Path("/usr/sbin/postfix").exists():
            raise Failure("Postfix is not installed (Debian: postfix); scripts/bench without --no-install installs it")
        if os.geteuid() != 0:
            raise Failure("Postfix must be started by root; run scripts/bench as root, or name other benchmarks")
        self.home = Path(tempfile.mkdtemp(prefix="posthouse-bench-"))
        self.home.chmod(0o755)
        self.smtp, = free_ports(1)
        for folder in ("queue", "data", "log", "etc"):
            (self.home / folder).mkdir()
        shutil.chown(self.home / "data", "postfix")
        self.etc = self.home / "etc"
        (self.etc / "main.cf").write_text(MAIN.format(home=self.home, lmtp=lmtp))
        (self.etc / "master.cf").write_text(MASTER.format(smtp=f"127.0.0.1:{self.smtp}"))

    def start(self) -> None:
        self.postfix("start")
        wait_for("Postfix", [self.smtp], [self.home / "log/postfix.log"])

    def stop(self) -> None:
        self.postfix("stop", check=False)
        shutil.rmtree(self.home, ignore_errors=True)

    def pid(self) -> int:
        return int((self.home / "queue/pid/master.pid").read_text())

    def postfix(self, verb: str, check: bool = True) -> None:
        done = subprocess.run(["/usr/sbin/postfix", "-c", self.etc, verb], capture_output=True, text=True, timeout=60)
        if check and done.returncode != 0:
            raise Failure(f"postfix {verb} failed:\n{done.stderr}")
