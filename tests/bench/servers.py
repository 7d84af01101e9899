"""The servers side by side: ours, Dovecot, and Postfix in front of it. Each has the accounts bench1@mail.test to bench201@mail.test."""

import os
import signal
import subprocess
import urllib.request
from pathlib import Path

from stack.progress import Failure
from tests.stack.harness import Stack, eventually

from .dovecot import Dovecot
from .postfix import Postfix
from .processors import pin

PASSWORD = "correct-horse"
MAILBOXES = 200  # that deliveries take turns with
MAILDROPS = 4  # that POP3 reads, of small messages and of big ones
LARGE_MAILBOX = MAILBOXES + 1  # the number of the account that has a large one


class Posthouse:
    name = "Posthouse"

    def __init__(self):
        self.stack = Stack("bench")

    def start(self) -> None:
        self.stack.start()
        ports = ("lmtp", "smtp", "imap", "imaps", "pop3", "pop3s")
        self.lmtp, self.smtp, self.imap, self.imaps, self.pop3, self.pop3s = map(self.stack.port, ports)
        names = [*(f"bench{number}" for number in range(1, LARGE_MAILBOX + 1)),
                 *(f"{kind}{number}" for kind in ("pop", "big") for number in range(1, MAILDROPS + 1))]
        lines = "".join(f"{name}@mail.test,{PASSWORD}\n" for name in names)
        done = self.stack.mailctl("user", "import", "-", secret=lines)
        if done.returncode != 0:
            raise Failure(f"mailctl user import: {done.stdout}{done.stderr}")
        self.age()

    def age(self) -> None:
        """PostgreSQL as it is after its first hours: it goes on writing over the files of its log that it has, where a new cluster
        makes and clears each, and all of its buffers have been in use, where the system clears each page of memory that is new."""
        used = ("CREATE UNLOGGED TABLE aged (filling text)", "INSERT INTO aged SELECT repeat('x', 1900) FROM generate_series(1, 1100000)",
                "DROP TABLE aged")
        written = "SELECT count(pg_logical_emit_message(false, 'bench', repeat(md5(n::text), 4000))) FROM generate_series(1, 17000) n"
        self.query(written, *used, "CHECKPOINT")

    def settle(self) -> None:
        """PostgreSQL some time after much mail has come: what it does about that in the background is done."""
        self.query("VACUUM (ANALYZE)", "CHECKPOINT")

    def query(self, *steps: str) -> str:
        """Their rows, with a blank between columns."""
        server = ["psql", "-h", self.stack.data / "run/postgres", "-U", "postgres", "-d", "posthouse", "-qAt", "-F", " ", "-v", "ON_ERROR_STOP=1"]
        done = subprocess.run([*server, *(word for step in steps for word in ("-c", step))], capture_output=True, text=True, check=True, timeout=300)
        return done.stdout

    def stop(self) -> None:
        self.stack.remove()

    def restart_imap(self) -> None:
        self.restart("imapd")

    def restart_pop3(self) -> None:
        self.restart("pop3d")

    def add_users(self, pattern: str, count: int) -> None:
        """With the password that all have; its hash is made once."""
        hashed = self.password_hashes()["bench1@mail.test"]
        lines = "".join(f'{pattern.replace("%", str(number))},"{hashed}"\n' for number in range(1, count + 1))
        done = self.stack.mailctl("user", "import", "-", secret="address,password_hash\n" + lines)
        if done.returncode != 0:
            raise Failure(f"mailctl user import: {done.stdout}{done.stderr}")

    def restart(self, program: str) -> None:
        before = self.stack.pid(program)
        os.kill(before, signal.SIGTERM)
        eventually(lambda: self.is_new(program, before))

    def forget_passwords(self) -> None:
        """And the one process that checks them is put on one processor."""
        self.restart("accountd")
        pin(self.stack.pid("accountd"))

    def password_hashes(self) -> dict[str, str]:
        """What is stored of each account, by address."""
        return dict(line.split(" ", 1) for line in self.query("SELECT login_norm, credential FROM posthouse.login").splitlines())

    def is_new(self, program: str, before: int) -> bool:
        """Whether another process of this program is ready."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.stack.port(f'{program}_admin')}/readyz", timeout=5) as answer:
                return answer.status == 200 and self.stack.pid(program) != before
        except OSError:
            return False

    def certificate(self) -> tuple[Path, Path]:
        """And its key."""
        folder = self.stack.data / "tls"
        return folder / "certificate.pem", folder / "key.pem"

    def watched(self) -> dict[str, int]:
        names = ("smtpd", "filterd", "lmtp-delivery", "accountd", "imapd", "pop3d", "postgres")
        return {name: self.stack.pid(name) for name in names}


class PostfixWithDovecot:
    """The same Dovecot as elsewhere."""

    name = "Postfix + Dovecot"

    def __init__(self, dovecot: Dovecot):
        self.dovecot = dovecot
        self.postfix = Postfix(dovecot.lmtp)
        self.smtp = self.postfix.smtp
        self.imap = dovecot.imap

    def start(self) -> None:
        self.postfix.start()

    def stop(self) -> None:
        self.postfix.stop()

    def watched(self) -> dict[str, int]:
        return {"postfix": self.postfix.pid(), **self.dovecot.watched()}
