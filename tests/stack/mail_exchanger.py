"""Another server that takes mail, and what it took: a DNS server that names it, and a small SMTP server of the test's own."""

import contextlib
import re
import socket
import threading
import time
from dataclasses import dataclass

from .dns_server import DnsServer

DOMAIN = "takes.test"
QUEUE_ID = re.compile(rb"^Received: .*? id ([^;\s]+)", re.DOTALL)
SUBJECT = re.compile(rb"^Subject: (.*?)\r?$", re.MULTILINE)


@dataclass(frozen=True)
class Taken:
    subject: str
    queue_id: str
    recipients: int
    at: float  # of the monotonic clock


class MailExchanger:
    """Notes a mail before it says 250, so that what a sender may count on is noted."""

    def __init__(self):
        self.taken: list[Taken] = []
        self.waiting = 0  # clients whose final dot is not answered yet
        self.may_answer = threading.Event()  # cleared: replies to a final dot are held back
        self.may_answer.set()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.listener.getsockname()[1]
        self.dns = DnsServer({DOMAIN: f"mx.{DOMAIN}"}, {f"mx.{DOMAIN}": "127.0.0.1"})
        threading.Thread(target=self.accept, daemon=True).start()

    def settings(self) -> tuple[str, ...]:
        """For a stack that is to find it."""
        return (f'dns.servers=["127.0.0.1:{self.dns.port}"]', f"relayd.smtp_port={self.port}")

    def count(self) -> int:
        return len(self.taken)

    def accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client, client.makefile("rb") as lines:
            client.sendall(b"220 mx ESMTP\r\n")
            recipients = 0
            while line := lines.readline():
                verb = line[:4].upper()
                if verb == b"MAIL":
                    recipients = 0
                recipients += verb == b"RCPT"
                if verb == b"DATA":
                    client.sendall(b"354 Go on\r\n")
                    self.take(lines, recipients)
                client.sendall(b"221 Bye\r\n" if verb == b"QUIT" else b"250 OK\r\n")

    def take(self, lines, recipients: int) -> None:
        octets = b""
        while (line := lines.readline()) != b".\r\n":
            if not line:
                raise ConnectionError("left in the middle of a mail")
            octets += line
        self.waiting += 1
        self.may_answer.wait()
        self.waiting -= 1
        header = octets.partition(b"\r\n\r\n")[0]
        self.taken.append(Taken(SUBJECT.search(header)[1].decode(), QUEUE_ID.search(header)[1].decode(), recipients, time.monotonic()))

    def close(self) -> None:
        self.may_answer.set()
        self.listener.close()
        self.dns.close()
