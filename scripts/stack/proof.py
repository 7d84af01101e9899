"""The proof mail: from alice to bob through every service, and back out of IMAP and POP3."""

import imaplib
import poplib
import smtplib
import ssl
import time
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path

from .accounts import DOMAIN
from .progress import Failure, step

ARRIVES_WITHIN = 20.0  # seconds


@dataclass(frozen=True)
class Doors:
    """Host and port of each service that the proof mail goes through."""

    submission: tuple[str, int]
    imaps: tuple[str, int]
    pop3s: tuple[str, int]


class Proof:
    def __init__(self, doors: Doors, ca_file: Path, passwords: dict[str, str]):
        self.doors = doors
        self.passwords = passwords
        self.tls = ssl.create_default_context(cafile=str(ca_file))
        self.id = make_msgid(domain=DOMAIN)

    def run(self) -> None:
        for name, act in (
            ("Proof mail from alice to bob (submission, TLS)", self.send),
            ("Read by bob (IMAP, TLS)", self.read_by_imap),
            ("Read by bob (POP3, TLS)", self.read_by_pop3),
        ):
            try:
                with step(name):
                    act()
            except (OSError, smtplib.SMTPException, imaplib.IMAP4.error, poplib.error_proto) as error:
                raise Failure(f"{name}: {error}") from error

    def send(self) -> None:
        mail = EmailMessage()
        mail["From"] = f"Alice <alice@{DOMAIN}>"
        mail["To"] = f"Bob <bob@{DOMAIN}>"
        mail["Subject"] = "It works"
        mail["Date"] = formatdate(localtime=True)
        mail["Message-ID"] = self.id
        mail.set_content("Sent by scripts/up: submitted, filtered, delivered by LMTP, kept in PostgreSQL.\n")
        with smtplib.SMTP(*self.doors.submission, timeout=30) as client:
            client.starttls(context=self.tls)
            client.login(f"alice@{DOMAIN}", self.passwords["alice"])
            client.send_message(mail)

    def read_by_imap(self) -> None:
        with imaplib.IMAP4_SSL(*self.doors.imaps, ssl_context=self.tls, timeout=30) as client:
            client.login(f"bob@{DOMAIN}", self.passwords["bob"])
            client.select("INBOX", readonly=True)
            deadline = time.monotonic() + ARRIVES_WITHIN
            while not (found := client.search(None, "HEADER", "Message-ID", f'"{self.id}"')[1][0].split()):
                if time.monotonic() > deadline:
                    raise Failure(f"The proof mail {self.id} was accepted and is not in bob's INBOX after {ARRIVES_WITHIN:.0f} s.")
                time.sleep(0.1)
                client.noop()
            _, fetched = client.fetch(found[0].decode(), "(BODY.PEEK[])")
            self.check(fetched[0][1])

    def read_by_pop3(self) -> None:
        client = poplib.POP3_SSL(*self.doors.pop3s, context=self.tls, timeout=30)
        try:
            client.user(f"bob@{DOMAIN}")
            client.pass_(self.passwords["bob"])
            count, _ = client.stat()
            self.check(b"\r\n".join(client.retr(count)[1]))
        finally:
            client.quit()

    def check(self, octets: bytes) -> None:
        if self.id.encode() not in octets:
            raise Failure(f"Bob's newest message is not the proof mail {self.id}.")
        if b"\nX-Spam-" not in octets:
            raise Failure("The proof mail came without the filter's X-Spam fields.")
