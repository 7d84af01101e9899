"""A client that sends an octet now and then: a command, a mail, a login has a bound of its own, however many octets keep it alive,
and is ended with a reply where the protocol has one. Others are served meanwhile, and nothing stays held afterwards."""

import contextlib
import select
import socket
import time
import unittest
from dataclasses import dataclass, field

from .harness import PATIENCE, eventually, mail
from .raw import MIB, AbuseTest
from .troubles import metric

PACE = 0.1  # seconds between two octets: a small part of the bounds here, as a minute is of those that programs come with
SHORT = "5s"
ROOM = 4 * MIB  # for all messages that a program receives at a time
MINUTES = "10m"  # a bound that must not be the one that ends it


@dataclass
class Slow:
    """One client: `steps`, each followed by the reply it waits for, then `then` an octet at a time without end."""

    name: str
    port: str
    steps: list[tuple[bytes, bytes]]
    then: bytes
    farewell: bytes  # how the last that is heard begins; empty: the connection ends without a word
    tls: bool = False
    connection: socket.socket | None = None
    heard: bytes = b""
    sent: int = 0
    ended: bool = False
    begun: float = field(default_factory=time.monotonic)

    def begin(self, stack) -> None:
        self.connection = socket.create_connection((stack["HOST"], stack.port(self.port)), timeout=30)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.tls:
            self.connection = stack.tls().wrap_socket(self.connection, server_hostname=stack["HOST"])
        for says, until in self.steps:
            self.connection.sendall(says)
            if until:
                self.wait_for(until)
        self.heard = b""

    def wait_for(self, until: bytes) -> None:
        heard = b""
        while not any(line.startswith(until) for line in heard.split(b"\r\n")[:-1]):
            octets = self.connection.recv(4096)
            assert octets, f"{self.name}: {heard}"
            heard += octets

    def turn(self) -> None:
        """An octet more, and what has been said to it."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.connection.sendall(self.then[self.sent % len(self.then):][:1])
        self.sent += 1

    def hear(self) -> None:
        try:
            octets = self.connection.recv(4096)
        except ConnectionResetError:  # an octet of ours crossed the end
            octets = b""
        self.heard += octets
        self.ended = not octets


class SlowClients(AbuseTest):
    settings = (
        f"smtpd.command_timeout={SHORT}", f"smtpd.data_timeout={MINUTES}", f"smtpd.max_data_time={SHORT}",
        f"lmtp-delivery.command_timeout={SHORT}", f"lmtp-delivery.data_timeout={MINUTES}", f"lmtp-delivery.max_data_time={SHORT}",
        f"pop3d.idle_timeout={SHORT}", f"imapd.login_timeout={SHORT}", f"imapd.transfer_timeout={SHORT}",
        *(f"{key}={ROOM // MIB}MiB" for key in ("smtpd.message_memory", "lmtp-delivery.message_memory", "imapd.append_memory")))

    def clients(self) -> list[Slow]:
        reader = self.stack.account("reader")
        mail = f"MAIL FROM:<a@elsewhere.test>\r\nRCPT TO:<{reader.address}>\r\nDATA\r\n".encode()
        most = b"Subject: slow\r\n\r\n" + (b"x" * 70 + b"\r\n") * (ROOM // 2 // 72)  # comes at once, and is held
        imap = [(f'a LOGIN {reader.address} "{reader.password}"\r\n'.encode(), b"a OK")]
        late = b"421 4.4.2 "
        return [
            Slow("an SMTP command", "smtp", [(b"", b"220 ")], b"x", late),
            Slow("an SMTP command after the greeting", "smtp", [(b"EHLO x\r\n", b"250 ")], b"MAIL FROM:<", late),
            Slow("SMTP DATA", "smtp", [(b"EHLO x\r\n" + mail, b"354 "), (most, b"")], b"x", late),
            Slow("SMTP AUTH", "submission", [(b"EHLO x\r\nAUTH PLAIN\r\n", b"334 ")], b"A", late),
            Slow("SMTP AUTH over TLS", "submissions", [(b"EHLO x\r\nAUTH LOGIN\r\n", b"334 ")], b"A", late, tls=True),
            Slow("an LMTP command", "lmtp", [(b"LHLO x\r\n", b"250 ")], b"NOOP ", late),
            Slow("LMTP DATA", "lmtp", [(b"LHLO x\r\n" + mail, b"354 "), (most, b"")], b"x", late),
            Slow("a POP3 command", "pop3", [(b"", b"+OK")], b"x", b""),  # RFC 1939 §3: without a response
            Slow("POP3 AUTH", "pop3s", [(b"AUTH PLAIN\r\n", b"+ ")], b"A", b"", tls=True),
            Slow("a POP3 command after PASS", "pop3", [(f"USER {reader.address}\r\nPASS {reader.password}\r\n".encode(), b"+OK Maildrop")],
                 b"STAT ", b""),
            Slow("an IMAP command", "imap", [(b"", b"* OK")], b"x", b"* BYE "),
            Slow("IMAP AUTHENTICATE", "imap", [(b"a AUTHENTICATE PLAIN\r\n", b"+ ")], b"A", b"* BYE "),
            Slow("an IMAP literal", "imap", [(b"a LOGIN {1000}\r\n", b"+ ")], b"x", b"* BYE "),
            Slow("IMAP APPEND", "imaps", [*imap, (b"b APPEND INBOX {1000}\r\n", b"+ ")], b"x", b"* BYE ", tls=True),
        ]

    def test_whoever_sends_an_octet_now_and_then_is_ended_and_holds_nothing(self):
        clients = self.clients()
        programs = ("smtpd", "lmtp-delivery", "imapd", "pop3d")
        with self.bounded(**{program: 16 * MIB for program in programs}):
            for client in clients:
                client.begin(self.stack)
                self.addCleanup(client.connection.close)
            self.assert_others_are_served()
            deadline = time.monotonic() + PATIENCE
            while left := [client for client in clients if not client.ended]:
                self.assertLess(time.monotonic(), deadline, [client.name for client in left])
                self.take_turns(left)
        for client in clients:
            with self.subTest(client.name):
                last = client.heard.rstrip(b"\r\n").rpartition(b"\r\n")[2]
                self.assertTrue(last.startswith(client.farewell) if client.farewell else not last, client.heard)
                self.assertGreater(client.sent, 2, "it was not the octets that were too slow")
        for program in programs:
            eventually(lambda: metric(self.stack, program, "posthouse_connections_active") == 0)
        self.check_room()

    def check_room(self) -> None:
        """There is room again for a mail that is as large."""
        reader = self.stack.account("reader")
        octets = mail("a@elsewhere.test", reader.address, "large", ("x" * 70 + "\r\n") * (ROOM // 2 // 72))
        with self.stack.smtp() as client:
            client.sendmail("a@elsewhere.test", [reader.address], octets)
        with self.stack.imap(reader) as client:
            self.assertEqual(client.append("INBOX", None, None, octets)[0], "OK")
        self.assertEqual(len(self.stack.messages(reader)), 2)

    def take_turns(self, clients: list[Slow]) -> None:
        """An octet of each, and what is said until the next is due."""
        for client in clients:
            client.turn()
        due = time.monotonic() + PACE
        while (left := due - time.monotonic()) > 0:
            for connection in select.select([client.connection for client in clients if not client.ended], [], [], left)[0]:
                next(client for client in clients if client.connection is connection).hear()


if __name__ == "__main__":
    unittest.main()
