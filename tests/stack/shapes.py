"""Mails of awkward shape: what is stored octet for octet, and what a client of POP3 must have of it."""

from .harness import Account, Stack
from .wire import Wire

MIB = 1 << 20
HEADER = b"From: a@elsewhere.test\r\nTo: b@mail.test\r\nDate: Sun, 22 Nov 2026 12:00:00 +0000\r\nMessage-ID: <%b@client.test>\r\nSubject: %b\r\n"

# After the header, without the empty line.
SHAPES = {
    "dots": b"\r\n.\r\n..\r\n...\r\n.x\r\n. \r\n x.\r\n.\r\n",
    "dots-at-the-end": b"\r\nA body.\r\n.\r\n.",
    "no-line-end": b"\r\nA body, and no line end",
    "eight-bit": b"Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + bytes(range(128, 256)) + b"\r\n",
    "empty-body": b"\r\n",
    "header-alone": b"",
    "blank-lines": b"\r\n\r\n\r\nA body.\r\n\r\n\r\n",
    "blanks": b"\r\n \r\n\t\r\nA body. \t\r\n  \r\n",
    "from-line": b"\r\nFrom here it goes on.\r\n>From there, too.\r\n\r\nFrom a@b Sun Nov 22 12:00:00 2026\r\n",
    "status-lines": b"\r\n+OK\r\n-ERR no\r\n+ \r\n.\r\n+OK 1 1\r\n",
    "bare-line-feeds": b"\n.\nA body.\n\n.\n..\n",
    "line-of-70000": b"\r\n" + b"x" * 70_000 + b"\r\n",
}
LONGEST_LINE = b"\r\n." + b"x" * MIB + b"\r\n.\r\n"  # which not every client takes
LARGE = b"\r\n" + (b"." * 76 + b"\r\n") * (20 * MIB // 78)


def stored(name: str, rest: bytes) -> bytes:
    return HEADER % (name.encode(), name.encode()) + rest


def as_sent(octets: bytes) -> bytes:
    """In lines of CRLF, as every message goes over POP3."""
    lines = octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return lines if lines.endswith(b"\r\n") else lines + b"\r\n"


def as_kept(octets: bytes) -> bytes:
    """As a client keeps it that writes lines as this system has them; blank lines at the end are its own affair."""
    return as_sent(octets).replace(b"\r\n", b"\n").rstrip(b"\n")


def append(stack: Stack, account: Account, messages: list[bytes]) -> None:
    """By IMAP, which adds nothing."""
    with Wire(stack, account) as wire:
        for message in messages:
            wire.append("INBOX", message)
