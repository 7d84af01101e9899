"""A client that says what it likes, octet for octet, and how much memory a program needs meanwhile."""

import contextlib
import socket
import threading
from pathlib import Path

from .harness import MEMORY_IS_OURS, Account, Stack, StackTest

MIB = 1 << 20


class Raw:
    """One connection. What is large is sent beside reading, so that nobody waits for the other."""

    def __init__(self, stack: Stack, port: str):
        self.socket = socket.create_connection((stack["HOST"], stack.port(port)), timeout=60)
        self.received = b""
        self.ended = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, octets: bytes):
        if len(octets) < 4096:
            self.socket.sendall(octets)
        else:
            threading.Thread(target=self.send_all, args=(octets,), daemon=True).start()

    def send_all(self, octets: bytes):
        with contextlib.suppress(OSError):  # the server may have hung up, which the reader sees
            self.socket.sendall(octets)

    def line(self) -> bytes:
        """The next line without its CRLF; empty at the end."""
        while b"\r\n" not in self.received:
            try:
                more = self.socket.recv(1 << 16)
            except ConnectionResetError:
                more = b""
            if not more:
                self.ended = True
                rest, self.received = self.received, b""
                return rest
            self.received += more
        line, _, self.received = self.received.partition(b"\r\n")
        return line

    def ask(self, octets: bytes) -> bytes:
        self.send(octets)
        return self.line()

    def reply(self, octets: bytes = b"") -> bytes:
        """SMTP: a whole reply, of which the last line counts."""
        self.send(octets)
        while (line := self.line())[3:4] == b"-":
            pass
        return line

    def tagged(self, tag: bytes, octets: bytes = b"") -> bytes:
        """IMAP: everything up to the line with this tag, or the end."""
        self.send(octets)
        lines = []
        while not self.ended:
            lines.append(self.line())
            if lines[-1].startswith(tag + b" "):
                break
        return b"\n".join(lines)

    def rest(self) -> bytes:
        """All that comes until the server hangs up."""
        lines = []
        while line := self.line():
            lines.append(line)
        return b"\n".join(lines)


def memory(stack: Stack, program: str, what: str) -> int:
    status = Path(f"/proc/{stack.pid(program)}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith(what))) * 1024


class AbuseTest(StackTest):
    @contextlib.contextmanager
    def bounded(self, **most: int):
        """What a program needs at its peak beyond what it has now, in octets; who serves others goes on with it."""
        before = {}
        for program in most:
            with contextlib.suppress(PermissionError):  # then the peak of before counts as well
                Path(f"/proc/{self.stack.pid(program)}/clear_refs").write_text("5")
            before[program] = memory(self.stack, program, "VmRSS")
        pids = {program: self.stack.pid(program) for program in most}
        yield
        for program, octets in most.items():
            self.assertEqual(self.stack.pid(program), pids[program], f"{program} was started anew")
            more = memory(self.stack, program, "VmHWM") - before[program]
            print(f"  {self.id().rpartition('.')[2]}: {program} +{more / MIB:.1f} MiB of {octets / MIB:.0f}")
            if MEMORY_IS_OURS:
                self.assertLess(more, octets, program)

    def raw(self, port: str) -> Raw:
        client = Raw(self.stack, port)
        self.addCleanup(client.socket.close)
        return client

    def greeted(self, port: str) -> Raw:
        """SMTP or LMTP up to the reply to the greeting."""
        client = self.raw(port)
        self.assertTrue(client.line().startswith(b"220 "))
        self.assertTrue(client.reply(b"LHLO client.test\r\n" if port == "lmtp" else b"EHLO client.test\r\n").startswith(b"250 "))
        return client

    def transaction(self, port: str, account: Account) -> Raw:
        """The same up to the reply to DATA."""
        client = self.greeted(port)
        for command in (b"MAIL FROM:<a@elsewhere.test>", f"RCPT TO:<{account.address}>".encode(), b"DATA"):
            self.assertIn(client.reply(command + b"\r\n")[:1], b"23")
        return client

    def logged_in(self, account: Account) -> Raw:
        client = self.raw("imap")
        client.line()
        done = client.tagged(b"l", f'l LOGIN {account.address} "{account.password}"\r\n'.encode())
        self.assertIn(b"l OK", done)
        return client

    def assert_others_are_served(self):
        """Everybody answers while somebody misbehaves."""
        for port, ask, answer in (("smtp", b"NOOP\r\n", b"250"), ("submission", b"NOOP\r\n", b"250"), ("lmtp", b"NOOP\r\n", b"250"),
                                  ("imap", b"a NOOP\r\n", b"a OK"), ("pop3", b"CAPA\r\n", b"+OK")):
            with Raw(self.stack, port) as client:
                client.line()
                self.assertTrue(client.ask(ask).startswith(answer), port)
