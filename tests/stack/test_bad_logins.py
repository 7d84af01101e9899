"""Logins that are none, over IMAP, POP3 and submission: a clear answer, a session that goes on, bounded memory, and no secret in any log."""

import base64
import resource
import selectors
import unittest

from .harness import eventually
from .proxied import PORTS, ProxiedTest
from .raw import MIB, AbuseTest, Raw

SECRET = "Unmistakable"  # in every password here
GREETING = {"imap": (), "pop3": (), "submission": (b"EHLO client.test\r\n",)}
BEGIN = {"imap": b"a AUTHENTICATE %s\r\n", "pop3": b"AUTH %s\r\n", "submission": b"AUTH %s\r\n"}
ASKS = {"imap": b"+ ", "pop3": b"+ ", "submission": b"334 "}
MALFORMED = {"imap": (b"a BAD ",), "pop3": (b"-ERR",), "submission": (b"501 ",)}
REFUSED = {"imap": (b"a NO ", b"a BAD "), "pop3": (b"-ERR",), "submission": (b"535 ", b"501 ", b"454 ")}
LET_IN = {"imap": b"a OK", "pop3": b"+OK", "submission": b"235 "}
TWO_THOUSAND = 2_000


def encoded(text: str | bytes) -> bytes:
    return base64.b64encode(text.encode() if isinstance(text, str) else text)


class BadLogins(AbuseTest, ProxiedTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(cls.assert_no_secret_in_a_log)

    @classmethod
    def assert_no_secret_in_a_log(cls):
        cls.stack.down()
        needles = [SECRET, *(encoded("x" * shift + SECRET + "xxx").decode()[4:-4] for shift in range(3))]
        logs = list((cls.stack.data / "log").iterdir())
        text = {log: log.read_text(errors="replace") for log in logs}
        if not any("auth.failed" in one for one in text.values()):
            raise AssertionError("no failed login is in a log")
        found = [f"{log}: {needle}" for log, one in text.items() for needle in needles if needle in one]
        if found:
            raise AssertionError("a secret is in a log: " + ", ".join(found))

    def setUp(self):
        self.user = self.stack.account("user")
        self.password = f"{SECRET} {self.user.local_part}"
        done = self.stack.mailctl("user", "passwd", self.user.address, "--password-stdin", secret=self.password)
        self.assertEqual(done.returncode, 0, done.stderr)

    def client(self, port: str) -> Raw:
        client = self.raw(port)
        client.line()
        for command in GREETING[port]:
            client.reply(command)
        return client

    def login(self, client: Raw, port: str, mechanism: str, *responses: bytes) -> bytes:
        """The answer that ends an exchange."""
        answer = client.ask(BEGIN[port] % mechanism.encode())
        for response in responses:
            if not answer.startswith(ASKS[port]):
                break
            answer = client.ask(response + b"\r\n")
        return answer

    def assert_goes_on(self, client: Raw, port: str):
        message = encoded(f"\0{self.user.address}\0{self.password}")
        self.assertTrue(self.login(client, port, "PLAIN", message).startswith(LET_IN[port]), port)

    def assert_each(self, expected: dict, cases: list[tuple[str, list[bytes]]]):
        for port in PORTS:
            for mechanism, responses in cases:
                with self.subTest(port=port, mechanism=mechanism, responses=[response[:60] for response in responses]), self.client(port) as client:
                    answer = self.login(client, port, mechanism, *responses)
                    self.assertTrue(answer.startswith(expected[port]), answer)
                    self.assert_goes_on(client, port)

    def test_what_is_not_base_64_is_refused_and_the_session_goes_on(self):
        broken = [b"!" + SECRET.encode(), b"=", b"A", b"AAAA=AAAA", b"QQ==QQ==", b"\xff\xfe", b"A A A A"]
        self.assert_each(MALFORMED, [(mechanism, [text]) for mechanism in ("PLAIN", "LOGIN", "SCRAM-SHA-256") for text in broken])
        self.assert_each(MALFORMED, [("LOGIN", [encoded(self.user.address), text]) for text in broken])

    def test_an_exchange_is_cancelled_at_every_step(self):
        first = encoded(f"n,,n={self.user.address},r=abcdefghijkl")
        self.assert_each(MALFORMED, [("PLAIN", [b"*"]), ("LOGIN", [b"*"]), ("LOGIN", [encoded(self.user.address), b"*"]),
                                     ("SCRAM-SHA-256", [b"*"]), ("SCRAM-SHA-256", [first, b"*"])])

    def test_nul_and_other_nonsense_in_names_and_passwords(self):
        address = self.user.address
        self.assert_each(REFUSED, [
            ("PLAIN", [encoded(text)]) for text in (
                "", "\0", "\0\0", "\0\0\0\0\0", address, f"\0{address}", f"\0{address}\0{SECRET}\0{SECRET}", f"\0al\0ice@mail.test\0{SECRET}",
                f"\0\0{SECRET}", f"\0{address}\0", f"{address}\0{address}\0{SECRET}", f"root\0{address}\0{self.password}",
                f"\0{SECRET}\0{SECRET}", b"\0\xff\xfe@mail.test\0\xff" + SECRET.encode(), f"\0{address}\r\n\0{SECRET}", f"\0%s%n%x@mail.test\0{SECRET}",
                f"\0'; DROP TABLE posthouse.login; --@mail.test\0{SECRET}")])
        self.assert_each(REFUSED, [("LOGIN", [encoded(name), encoded(password)]) for name, password in (
            ("", ""), ("\0", SECRET), (f"{address}\0", self.password), (address, f"{self.password}\0"), (address, "\0" + self.password),
            (address, SECRET * 50))])

    def test_a_mechanism_that_is_changed_half_way(self):
        message = encoded(f"\0{self.user.address}\0{self.password}")
        first = encoded(f"n,,n={self.user.address},r=abcdefghijkl")
        self.assert_each(REFUSED, [
            ("PLAIN", [first]), ("SCRAM-SHA-256", [message]), ("SCRAM-SHA-256", [first, message]), ("SCRAM-SHA-256", [first, first]),
            ("LOGIN", [message, message]), ("LOGIN", [first, first]),
            ("PLAIN", [b"AUTH LOGIN"]), ("PLAIN", [b"b AUTHENTICATE LOGIN"]), ("LOGIN", [encoded(self.user.address), b"AUTH PLAIN"])])

    def test_tokens_that_are_too_large_are_refused_in_bounded_memory(self):
        for port in PORTS:
            for size in (8_000, MIB // 2, 16 * MIB):
                with self.subTest(port=port, size=size), self.bounded(accountd=16 * MIB, imapd=24 * MIB, pop3d=24 * MIB, smtpd=24 * MIB):
                    client = self.client(port)
                    answer = self.login(client, port, "PLAIN", encoded(f"\0{'x' * size}@mail.test\0{SECRET}"))
                    self.assertFalse(answer.startswith(LET_IN[port]), answer[:80])
                    with self.client(port) as another:
                        self.assert_goes_on(another, port)

    def test_a_client_that_leaves_in_the_middle_leaves_nothing_behind(self):
        for port in PORTS:
            for _ in range(100):
                client = self.client(port)
                self.assertTrue(self.login(client, port, "LOGIN", encoded(self.user.address)).startswith(ASKS[port]))
                client.socket.close()
            self.assert_goes_on(self.client(port), port)

    def test_two_thousand_wrong_logins_at_once(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 2 * TWO_THOUSAND + 1_000), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        for port in PORTS:
            with self.subTest(port=port), self.bounded(accountd=64 * MIB):
                answers = self.at_once(port)
                self.assertEqual(len(answers), TWO_THOUSAND)
                for answer in answers:
                    self.assertTrue(answer.startswith(REFUSED[port]), answer)
                eventually(lambda: self.is_let_in(port))

    def is_let_in(self, port: str) -> bool:
        with Raw(self.stack, port) as client:
            client.line()
            for command in GREETING[port]:
                client.reply(command)
            return self.login(client, port, "PLAIN", encoded(f"\0{self.user.address}\0{self.password}")).startswith(LET_IN[port])

    def at_once(self, port: str) -> list[bytes]:
        """What as many clients of as many networks hear, each of whom says everything at once."""
        answers = []
        with selectors.DefaultSelector() as selector:
            for number in range(TWO_THOUSAND):
                client = self.stack.proxied(port, f"203.{number // 250}.{number % 250}.1")
                selector.register(client, selectors.EVENT_READ, bytearray())
            for number, key in enumerate(list(selector.get_map().values())):
                message = encoded(f"\0{self.user.address}\0{SECRET} {port} {number}")
                key.fileobj.sendall(b"".join(GREETING[port]) + BEGIN[port] % (b"PLAIN " + message))
            while selector.get_map():
                for key, _ in selector.select(timeout=60) or self.fail(f"{len(selector.get_map())} hear nothing"):
                    octets = key.fileobj.recv(65_536)
                    key.data.extend(octets)
                    last = bytes(key.data).rstrip(b"\r\n").rpartition(b"\r\n")[2]
                    if not octets or (key.data.endswith(b"\r\n") and last.startswith(REFUSED[port])):
                        answers.append(last)
                        selector.unregister(key.fileobj)
                        key.fileobj.close()
        return answers


if __name__ == "__main__":
    unittest.main()
