"""An IMAP session that waits in IDLE; Python's imaplib cannot."""

import time

from .harness import Account, Stack


class Idler:
    def __init__(self, stack: Stack, account: Account):
        self.client = stack.imap(account)
        self.client.select("INBOX")
        self.client.send(b"I1 IDLE\r\n")
        line = self.client.readline()
        assert line.startswith(b"+"), line

    def next_line(self, ending: bytes) -> bytes:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            line = self.client.readline().rstrip(b"\r\n")
            if line.endswith(ending):
                return line
        raise AssertionError(f"no line that ends in {ending!r}")

    def close(self):
        self.client.send(b"DONE\r\n")
        while not self.client.readline().startswith(b"I1 OK"):
            pass
        self.client.logout()
