"""The real messages of Python's own tests go in by SMTP and by APPEND, and come out octet for octet below what delivery adds."""

import unittest
from pathlib import Path

from .harness import StackTest

FOLDER = Path("/usr/lib/python3.11/test/test_email/data")


def real_messages() -> dict[str, bytes]:
    """By file name, with line ends as mail has them."""
    files = sorted(FOLDER.glob("msg_*.txt"))
    return {file.name: file.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") for file in files}


class Messages(StackTest):
    def setUp(self):
        self.real = real_messages()
        self.assertGreater(len(self.real), 40)
        self.reader = self.stack.account("reader")

    def check(self, received: list[bytes], exact: bool):
        self.assertEqual(len(received), len(self.real))
        for (name, octets), message in zip(self.real.items(), received):
            with self.subTest(name):
                if exact:
                    self.assertEqual(message, octets)
                else:
                    self.assertEqual(message[-len(octets):], octets)
                    added = message[: -len(octets)]
                    self.assertTrue(added.startswith(b"Return-Path: <someone@elsewhere.test>\r\n"), added)
                    self.assertTrue(added.endswith(b"\r\n"), added)

    def send_all(self):
        with self.stack.smtp() as client:
            for octets in self.real.values():
                client.sendmail("someone@elsewhere.test", [self.reader.address], octets, mail_options=["BODY=8BITMIME"])
        return self.stack.wait_for_mail(self.reader, len(self.real))

    def by_pop3(self) -> list[bytes]:
        client = self.stack.pop3(self.reader)
        try:
            count, size = client.stat()
            messages = [b"".join(line + b"\r\n" for line in client.retr(number)[1]) for number in range(1, count + 1)]
            self.assertEqual(size, sum(map(len, messages)))
            return messages
        finally:
            client.quit()

    def test_by_smtp(self):
        self.check(self.send_all(), exact=False)
        self.check(self.by_pop3(), exact=False)

    def test_by_append(self):
        with self.stack.imap(self.reader) as client:
            for octets in self.real.values():
                status, answer = client.append("INBOX", None, None, octets)
                self.assertEqual(status, "OK", answer)
        self.check(self.stack.messages(self.reader), exact=True)
        self.check(self.by_pop3(), exact=True)

    def test_sizes_and_parts_agree_with_the_octets(self):
        with self.stack.imap(self.reader) as client:
            for octets in self.real.values():
                client.append("INBOX", None, None, octets)
            client.select("INBOX")
            _, sizes = client.fetch("1:*", "(RFC822.SIZE)")
            self.assertEqual([int(line.split()[-1].rstrip(b")")) for line in sizes], list(map(len, self.real.values())))
            for number, (name, octets) in enumerate(self.real.items(), start=1):
                with self.subTest(name):
                    _, header = client.fetch(str(number), "(BODY.PEEK[HEADER])")
                    _, text = client.fetch(str(number), "(BODY.PEEK[TEXT])")
                    self.assertEqual(header[0][1] + text[0][1], octets)


if __name__ == "__main__":
    unittest.main()
