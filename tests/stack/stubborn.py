"""A client that keeps to SMTP: a mail is done when 250 follows its dot; what was not acknowledged is sent again, octet for octet."""

import random
import socket
import threading
import time
from collections.abc import Callable

from .harness import Stack

GIVE_UP = 90.0  # seconds without progress; only a failing test waits so long
BACKOFF = 0.02  # seconds, where nobody listens


class Cut(ConnectionError):
    """The other side left where a reply was due, or in the middle of one."""


class Smtp:
    """One connection; replies are read whole or not at all."""

    def __init__(self, host: str, port: int, timeout: float = 30.0):
        self.socket = socket.create_connection((host, port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.lines = self.socket.makefile("rb")
        try:
            self.expect(self.reply(), 220)
        except Cut as cut:
            raise ConnectionRefusedError("closed before it was served") from cut
        self.expect(self.ask(b"EHLO client.test"), 250)

    def reply(self) -> tuple[int, bytes]:
        text = b""
        while True:
            try:
                line = self.lines.readline()
            except ConnectionResetError as reset:
                raise Cut("reset") from reset
            if not line.endswith(b"\r\n"):
                raise Cut(f"after {text + line!r}")
            text += line
            if line[3:4] != b"-":
                return int(line[:3]), text

    def expect(self, reply: tuple[int, bytes], code: int) -> None:
        if reply[0] != code:
            self.close()
            raise Refused(*reply)

    def send(self, octets: bytes) -> None:
        try:
            self.socket.sendall(octets)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the reply may say why

    def ask(self, line: bytes) -> tuple[int, bytes]:
        self.send(line + b"\r\n")
        return self.reply()

    def open(self, sender: str, recipients: list[str]) -> None:
        """As far as the 354 of DATA; its commands together (RFC 2920)."""
        commands = [f"MAIL FROM:<{sender}>", *(f"RCPT TO:<{recipient}>" for recipient in recipients), "DATA"]
        self.send("".join(f"{command}\r\n" for command in commands).encode())
        for command in commands:
            self.expect(self.reply(), 354 if command == "DATA" else 250)

    def finish(self, octets: bytes, then: bytes = b"") -> tuple[int, bytes]:
        """The content, and `then` in one write with its dot. The reply to the dot."""
        self.send(octets.replace(b"\r\n.", b"\r\n..") + b".\r\n" + then)
        return self.reply()

    def mail(self, sender: str, recipients: list[str], octets: bytes, then: bytes = b"") -> bytes:
        """Sends one mail. The text of the reply to its dot."""
        self.open(sender, recipients)
        reply = self.finish(octets, then)
        self.expect(reply, 250)
        return reply[1]

    def quit(self) -> None:
        self.ask(b"QUIT")
        self.close()

    def close(self) -> None:
        self.lines.close()
        self.socket.close()


class Refused(Exception):
    def __init__(self, code: int, text: bytes):
        super().__init__(f"{code}: {text!r}")
        self.code = code


class Stubborn:
    """Sends numbered mails over several connections at a time until each has been acknowledged."""

    def __init__(self, stack: Stack, recipients: list[str], count: int, connections: int = 8, body: str = "A body.\r\n", quits: bool = True,
                 more: Callable[[int], list[str]] = lambda number: []):
        """more: who gets this number as well."""
        self.stack = stack
        self.recipients = recipients
        self.count = count
        self.body = body
        self.quits = quits
        self.more = more
        self.port = stack.port("smtp")
        self.numbers = iter(range(count))
        self.lock = threading.Condition()
        self.acknowledged = 0
        self.retries: list[str] = []
        self.cuts: list[str] = []  # of them those where a reply was due and the connection ended
        self.failures: list[str] = []
        self.last_progress = time.monotonic()
        self.threads = [threading.Thread(target=self.work, daemon=True) for _ in range(connections)]
        for thread in self.threads:
            thread.start()

    def subject(self, number: int) -> str:
        return f"number {number}"

    def subjects(self) -> list[str]:
        return [self.subject(number) for number in range(self.count)]

    def octets(self, number: int) -> bytes:
        fields = [f"From: <someone@elsewhere.test>", f"To: <{self.recipients[0]}>", f"Subject: {self.subject(number)}",
                  f"Message-ID: <{number}@client.test>"]
        return ("\r\n".join(fields) + "\r\n\r\n" + self.body).encode()

    def work(self) -> None:
        connection = None
        left = 0
        while (number := self.next_number()) is not None and not self.failures:
            octets = self.octets(number)
            while not self.failures:
                try:
                    if connection is None:
                        connection, left = Smtp(self.stack["HOST"], self.port), random.randint(1, 50)
                    connection.mail("someone@elsewhere.test", [*self.recipients, *self.more(number)], octets)
                    break
                except (OSError, Refused) as trouble:
                    if connection:
                        connection.close()
                    connection = None
                    self.again(number, trouble)
            self.done()
            left -= 1
            if connection and left == 0:
                connection = self.leave(connection)
        if connection:
            self.leave(connection)

    def leave(self, connection: Smtp) -> None:
        try:
            if self.quits:
                connection.quit()
        except (OSError, Refused):
            pass  # its mails were acknowledged
        connection.close()

    def next_number(self) -> int | None:
        with self.lock:
            return next(self.numbers, None)

    def again(self, number: int, trouble: Exception) -> None:
        with self.lock:
            self.retries.append(f"{number}: {trouble}")
            if isinstance(trouble, Cut):
                self.cuts.append(self.retries[-1])
            if isinstance(trouble, Refused) and trouble.code >= 500:
                self.failures.append(f"number {number} was refused for good: {trouble}")
            if time.monotonic() - self.last_progress > GIVE_UP:
                self.failures.append(f"nothing was acknowledged for {GIVE_UP:.0f} s, last trouble: {trouble}")
            self.lock.notify_all()
        time.sleep(BACKOFF)

    def done(self) -> None:
        with self.lock:
            self.acknowledged += 1
            self.last_progress = time.monotonic()
            self.lock.notify_all()

    def wait_for(self, acknowledged: int) -> bool:
        """Until so many are done; false if it has come to its end."""
        with self.lock:
            self.lock.wait_for(lambda: self.acknowledged >= min(acknowledged, self.count) or self.failures)
            return self.acknowledged < self.count and not self.failures

    def finish(self) -> None:
        for thread in self.threads:
            thread.join()
        if self.failures:
            raise AssertionError("\n".join(self.failures[:10]))
