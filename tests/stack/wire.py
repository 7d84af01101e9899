"""An IMAP session as it is on the wire: what comes unasked is told apart from what was asked, and in order."""

import re
import select
import socket

from .harness import Account, Stack

LITERAL = re.compile(rb"\{(\d+)\}\r\n$")
FETCHED = re.compile(rb"\* (\d+) FETCH \((.*)\)$", re.DOTALL)
FLAGS = re.compile(rb"FLAGS \(([^)]*)\)")
UID = re.compile(rb"UID (\d+)")


class Gone(ConnectionError):
    """The server said BYE, or hung up."""

    def __init__(self, said: bytes):
        super().__init__(repr(said))
        self.is_farewell = said.startswith(b"* BYE")


class Refused(AssertionError):
    """NO or BAD."""

    def __init__(self, command: str, said: bytes):
        super().__init__(f"{command}: {said}")
        self.said = said


class Wire:
    def __init__(self, stack: Stack, account: Account):
        self.socket = socket.create_connection((stack["HOST"], stack.port("imap")), timeout=60)
        self.received = b""
        self.number = 0
        try:
            self.line()
            self.ask(f'LOGIN "{account.address}" "{account.password}"')
        except BaseException:
            self.close()
            raise

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, text: str) -> bytes:
        self.number += 1
        tag = f"t{self.number}"
        self.socket.sendall(f"{tag} {text}\r\n".encode())
        return tag.encode()

    def has_news(self, within: float) -> bool:
        return bool(self.received) or bool(select.select([self.socket], [], [], within)[0])

    def take(self, enough) -> bytes:
        """What is received, up to where `enough` says; it says -1 while more is needed."""
        while (end := enough(self.received)) < 0:
            more = self.socket.recv(1 << 16)
            if not more:
                raise Gone(self.received)
            self.received += more
        taken, self.received = self.received[:end], self.received[end:]
        return taken

    def line(self) -> bytes:
        """One response with its literals, without the last CRLF."""
        whole = b""
        while True:
            whole += self.take(lambda octets: octets.index(b"\r\n") + 2 if b"\r\n" in octets else -1)
            literal = LITERAL.search(whole)
            if not literal:
                return whole[:-2]
            size = int(literal[1])
            whole += self.take(lambda octets: size if len(octets) >= size else -1)

    def answer(self, tag: bytes) -> tuple[bytes, list[bytes]]:
        """The tagged answer, and the untagged ones before it."""
        untagged = []
        while not (line := self.line()).startswith(tag + b" "):
            if line.startswith(b"* BYE"):
                raise Gone(line)
            untagged.append(line)
        return line[len(tag) + 1:], untagged

    def try_(self, text: str) -> tuple[bytes, list[bytes]]:
        return self.answer(self.send(text))

    def ask(self, text: str) -> list[bytes]:
        said, untagged = self.try_(text)
        if not said.startswith(b"OK"):
            raise Refused(text, said)
        return untagged

    def append(self, mailbox: str, message: bytes, flags: str = "") -> bytes:
        """What its OK says."""
        self.number += 1
        tag = f"t{self.number}".encode()
        self.socket.sendall(tag + f" APPEND {mailbox} ({flags}) {{{len(message)}+}}\r\n".encode() + message + b"\r\n")
        said, _ = self.answer(tag)
        if not said.startswith(b"OK"):
            raise Refused("APPEND", said)
        return said


def flags_of(fetched: bytes) -> frozenset[bytes]:
    """Without \\Recent, which belongs to a session and not to a message."""
    return frozenset(FLAGS.search(fetched)[1].split()) - {rb"\Recent"}


def uid_of(fetched: bytes) -> int:
    return int(UID.search(fetched)[1])
