"""What the stack tests share: a stack of their own, fresh accounts in it, and the clients of Python's library."""

import imaplib
import itertools
import os
import poplib
import random
import re
import shlex
import shutil
import smtplib
import ssl
import subprocess
import tempfile
import time
import unittest
from dataclasses import dataclass
from pathlib import Path

from .ports import Offset

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("POSTHOUSE_BUILD", ROOT / "build" / "release"))
MEMORY_IS_OURS = BUILD.name not in ("sanitize", "fuzz", "thread")  # otherwise a sanitizer keeps what was freed
SANITIZER_REPORT = re.compile(r"(ERROR|WARNING): \w+Sanitizer|: runtime error: |CHECK failed: \w*san")
PATIENCE = 30.0  # seconds for what happens in the background; only a failing test waits so long


def eventually(question, within: float = PATIENCE):
    """The first answer that is not false or empty."""
    deadline = time.monotonic() + within
    while not (answer := question()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:.0f} s: {getattr(question, '__name__', question)}")
        time.sleep(0.05)
    return answer


@dataclass(frozen=True)
class Account:
    address: str
    password: str

    @property
    def local_part(self) -> str:
        return self.address.partition("@")[0]


class Stack:
    """scripts/up --detach in a folder of its own, on ports that nobody uses."""

    def __init__(self, name: str, *settings: str, options: tuple[str, ...] = (), runner: tuple[str, ...] = ()):
        """runner: a command that makes a surrounding for scripts/up, and runs it there."""
        self.name = name
        self.settings = settings
        self.options = options
        self.runner = runner
        self.data = Path(tempfile.mkdtemp(prefix="posthouse-"))
        self.data.chmod(0o755)
        self.numbers = itertools.count(1)
        self.offset: Offset | None = None  # while it runs

    def start(self) -> None:
        for attempt in range(5):
            self.offset = Offset()
            done = self.up()
            if done.returncode == 0:
                break
            self.offset.release()
            if "is taken" not in done.stderr or attempt == 4:
                raise AssertionError(f"scripts/up failed:\n{done.stdout}\n{done.stderr}")
        self.read_environment()

    def up(self) -> subprocess.CompletedProcess:
        sets = [word for setting in self.settings for word in ("--set", setting)]
        return subprocess.run(
            [*self.runner, ROOT / "scripts/up", "--no-install", "--no-build", "--detach", "--preset", BUILD.name, "--data", self.data,
             "--port-offset", str(self.offset.number), *sets, *self.options],
            capture_output=True, text=True, timeout=180)

    def down(self) -> subprocess.CompletedProcess:
        return subprocess.run([ROOT / "scripts/down", "--data", self.data], capture_output=True, text=True, timeout=180)

    def read_environment(self) -> None:
        lines = (self.data / "stack.env").read_text().splitlines()
        self.environment = dict(shlex.split(line)[0].split("=", 1) for line in lines)

    def remove(self) -> None:
        """Stops it; its logs stay with the build. What a sanitizer had to say in one of them fails the test."""
        self.down()
        if self.offset:
            self.offset.release()
        logs = BUILD / "stack-logs" / self.name
        shutil.rmtree(logs, ignore_errors=True)
        shutil.copytree(self.data / "log", logs, dirs_exist_ok=True)
        shutil.rmtree(self.data, ignore_errors=True)
        reports = [f"{log}:{number}: {line}" for log in sorted(logs.glob("*.log*")) for number, line
                   in enumerate(log.read_text(errors="replace").splitlines(), start=1) if SANITIZER_REPORT.search(line)]
        if reports:
            raise AssertionError("a sanitizer found something:\n" + "\n".join(reports[:20]))

    def __getitem__(self, key: str) -> str:
        return self.environment[key]

    def port(self, name: str) -> int:
        return int(self.environment[f"{name.upper()}_PORT"])

    def mailctl(self, *arguments: str, secret: str = "") -> subprocess.CompletedProcess:
        command = shlex.split(self["MAILCTL"]) + list(arguments)
        return subprocess.run(command, input=secret, capture_output=True, text=True, timeout=60)

    def pid(self, name: str) -> int:
        return int((self.data / "run" / f"{name}.pid").read_text())

    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self["CA_FILE"])

    def wait_for_mechanism(self, name: str, services: tuple[str, ...] = ("imap", "pop", "smtp")) -> None:
        """Programs ask accountd what there is for their service, and may have asked before accountd was there."""
        offers = {"imap": self.imap_offers, "pop": self.pop3_offers, "smtp": self.submission_offers}
        for service in services:
            eventually(lambda: name in offers[service]())

    def imap_offers(self) -> list[str]:
        with imaplib.IMAP4_SSL(self["HOST"], self.port("imaps"), ssl_context=self.tls(), timeout=30) as client:
            return [word.removeprefix("AUTH=") for word in client.capability()[1][0].decode().split() if word.startswith("AUTH=")]

    def pop3_offers(self) -> list[str]:
        client = poplib.POP3_SSL(self["HOST"], self.port("pop3s"), context=self.tls(), timeout=30)
        try:
            return client.capa()["SASL"]
        finally:
            client.quit()

    def submission_offers(self) -> list[str]:
        with smtplib.SMTP_SSL(self["HOST"], self.port("submissions"), context=self.tls(), timeout=30) as client:
            client.ehlo()
            return client.esmtp_features["auth"].split()

    def account(self, name: str, *more: str) -> Account:
        """A new one, with an empty mailbox."""
        account = Account(f"{name}{next(self.numbers)}@mail.test", "correct horse")
        done = self.mailctl("user", "add", account.address, "--password-stdin", *more, secret=account.password)
        if done.returncode != 0:
            raise AssertionError(f"mailctl user add: {done.stdout}{done.stderr}")
        return account

    def smtp(self, account: Account | None = None) -> smtplib.SMTP:
        """Submission as this account, or without one the port where other servers deliver."""
        client = smtplib.SMTP(self["HOST"], self.port("submission" if account else "smtp"), local_hostname="client.test", timeout=30)
        if account:
            client.starttls(context=self.tls())
            client.login(account.address, account.password)
        return client

    def imap(self, account: Account) -> imaplib.IMAP4_SSL:
        client = imaplib.IMAP4_SSL(self["HOST"], self.port("imaps"), ssl_context=self.tls(), timeout=30)
        client.login(account.address, account.password)
        return client

    def pop3(self, account: Account) -> poplib.POP3_SSL:
        client = poplib.POP3_SSL(self["HOST"], self.port("pop3s"), context=self.tls(), timeout=30)
        client.user(account.address)
        client.pass_(account.password)
        return client

    def messages(self, account: Account, mailbox: str = "INBOX") -> list[bytes]:
        """Every message of a mailbox as IMAP gives it."""
        with self.imap(account) as client:
            status, answer = client.select(mailbox, readonly=True)
            if status != "OK" or answer[0] == b"0":
                return []
            _, fetched = client.fetch("1:*", "(BODY.PEEK[])")
            return [part[1] for part in fetched if isinstance(part, tuple)]

    def wait_for_mail(self, account: Account, count: int = 1) -> list[bytes]:
        return eventually(lambda: mail if len(mail := self.messages(account)) >= count else [])


class StackTest(unittest.TestCase):
    """A test of a running stack; the tests of one class share it."""

    settings: tuple[str, ...] = ()

    @classmethod
    def setUpClass(cls):
        cls.stack = Stack(f"{cls.__module__.rpartition('.')[2]}.{cls.__name__}", *cls.settings)
        cls.addClassCleanup(cls.stack.remove)
        cls.stack.start()

    def run_client(self, *command: object, status: int | None = 0, text: str = "", **options) -> subprocess.CompletedProcess:
        done = subprocess.run(list(map(str, command)), input=text, capture_output=True, text=True, timeout=60, **options)
        if status is not None:
            self.assertEqual(done.returncode, status, f"{command[0]} said:\n{done.stdout}\n{done.stderr}")
        return done

    def folder(self) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="posthouse-client-"))
        self.addCleanup(shutil.rmtree, folder)
        return folder


def mail(sender: str, to: str, subject: str = "A subject", body: str = "A body.\r\n", *more: str) -> bytes:
    fields = [f"From: <{sender}>", f"To: <{to}>", f"Subject: {subject}", "Date: Sun, 22 Nov 2026 12:00:00 +0000",
              f"Message-ID: <{random.getrandbits(64):x}@client.test>", *more]
    return ("\r\n".join(fields) + "\r\n\r\n" + body).encode()
