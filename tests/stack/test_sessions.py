"""Who is logged in, on every instance; and that nobody stays so whose account is disabled or removed, or who is logged out."""

import base64
import contextlib
import json
import os
import signal
import smtplib
import socket
import ssl
import threading
import time
import unittest

from .harness import MEMORY_IS_OURS, Account, Stack, StackTest, eventually, mail
from .troubles import kill, metric, pid

PROMISED = 1.0 if MEMORY_IS_OURS else 5.0  # seconds; sanitizers take their time
REFUSALS = (b"a NO", b"b NO", b"a BAD", b"b BAD", b"* BYE", b"-ERR", b"4", b"5")


class Client:
    """A session that waits for whatever the server says, and when it said its last."""

    def __init__(self, stack: Stack, port: str, commands: list[str], ready: bytes, last: bytes = b""):
        """Each command is answered by a line that contains `ready`, or it is refused: ConnectionError. `last` is sent before the wait
        begins: of a TLS connection, one thread may not send while another reads (Python before 3.13)."""
        raw = socket.create_connection((stack["HOST"], stack.port(port)), timeout=60)
        self.socket = stack.tls().wrap_socket(raw, server_hostname=stack["HOST"])
        self.lines = self.socket.makefile("rb")
        try:
            self.lines.readline()
            for command in commands:
                self.ask(command, ready)
            self.socket.sendall(last)
        except BaseException:
            self.lines.close()
            self.socket.close()
            raise
        self.farewell = b""
        self.ended = 0.0
        self.waiting = threading.Thread(target=self.wait, daemon=True)
        self.waiting.start()

    def ask(self, command: str, ready: bytes):
        self.socket.sendall(command.encode() + b"\r\n")
        while ready not in (line := self.lines.readline()):
            if not line or line.startswith(REFUSALS):
                raise ConnectionError(command, line)

    def wait(self):
        with contextlib.suppress(OSError, ssl.SSLError):
            while line := self.lines.readline():
                self.farewell = line.strip()
        self.ended = time.monotonic()

    def is_open(self) -> bool:
        return self.waiting.is_alive()

    def close(self):
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.waiting.join(10)
        self.lines.close()
        self.socket.close()


def imap(stack: Stack, account: Account) -> Client:
    commands = [f'a LOGIN {account.address} "{account.password}"', "b SELECT INBOX"]
    return Client(stack, "imaps", commands, b" OK ", last=b"i IDLE\r\n")


def pop3(stack: Stack, account: Account, *more: str) -> Client:
    return Client(stack, "pop3s", [f"USER {account.address}", f"PASS {account.password}", *more], b"+OK")


def submission(stack: Stack, account: Account) -> Client:
    return Client(stack, "submissions", ["HELO client.test", f"AUTH PLAIN {plain(account)}"], b"2")


def plain(account: Account) -> str:
    return base64.b64encode(f"\0{account.address}\0{account.password}".encode()).decode()


class Sessions(StackTest):
    """Two of every program on one database."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = Stack("test_sessions_other", "common.instance=other", options=("--database", cls.stack["DATABASE_URL"]))
        cls.addClassCleanup(cls.other.remove)  # before the first, whose PostgreSQL it uses
        cls.other.start()

    def setUp(self):
        self.user = self.stack.account("user")

    def mailctl(self, *arguments: str, secret: str = "") -> None:
        done = self.stack.mailctl(*arguments, secret=secret)
        self.assertEqual(done.returncode, 0, done.stderr)

    def listed(self, *whose: str) -> list[dict]:
        done = self.stack.mailctl("-o", "json", "user", "sessions", *whose)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def open(self, account: Account) -> list[Client]:
        """A session of each protocol at each instance; of POP3, an account has only one."""
        clients = [kind(stack, account) for stack in (self.stack, self.other) for kind in (imap, submission)]
        clients.append(pop3(self.other, account))
        for client in clients:
            self.addCleanup(client.close)
        return clients

    def assert_ended(self, clients: list[Client], decided: float, farewell: bytes, what: str) -> None:
        eventually(lambda: not any(client.is_open() for client in clients))
        latency = max(client.ended for client in clients) - decided
        print(f"  {what}: {len(clients)} sessions ended within {latency * 1000:.0f} ms")
        for client in clients:
            self.assertIn(farewell, client.farewell)
        self.assertLess(latency, PROMISED)

    def test_disabling_ends_every_session_within_a_second(self):
        bystander = self.stack.account("bystander")
        clients, others = self.open(self.user), self.open(bystander)
        self.mailctl("user", "disable", self.user.address)
        decided = time.monotonic()
        self.assert_ended(clients, decided, b"Your account has been disabled", "disabled")
        self.assertTrue(all(client.is_open() for client in others))
        self.mailctl("user", "enable", self.user.address)
        again = self.open(self.user)
        eventually(lambda: len(self.listed(self.user.address)) == len(again))
        self.assertTrue(all(client.is_open() for client in again))

    def test_removing_ends_every_session_within_a_second(self):
        clients = self.open(self.user)
        self.mailctl("user", "remove", self.user.address)
        self.assert_ended(clients, time.monotonic(), b"Your account has been removed", "removed")

    def test_a_new_password_ends_sessions_if_that_is_wanted(self):
        clients = self.open(self.user)
        self.mailctl("user", "passwd", self.user.address, "--password-stdin", secret="another horse")
        self.mailctl("user", "passwd", self.user.address, "--password-stdin", "--logout", secret="battery staple")
        self.assert_ended(clients, time.monotonic(), b"Logged out by an administrator", "logged out")

    def test_sessions_are_listed_and_ended_one_by_one(self):
        clients = self.open(self.user)
        listed = eventually(lambda: found if len(found := self.listed(self.user.address)) == len(clients) else None)
        self.assertEqual({(one["program"], one["protocol"], one["mechanism"]) for one in listed},
                         {("imapd", "imap", "LOGIN"), ("pop3d", "pop3", "USER"), ("smtpd", "submission", "PLAIN")})
        self.assertEqual(len({one["instance"] for one in listed}), 2)
        for one in listed:
            self.assertEqual((one["address"], one["remote_address"], one["tls"]), (self.user.address, "127.0.0.1", True))
            self.assertLess(abs(one["since"] - time.time()), 60)
        self.assertTrue({one["session"] for one in listed} <= {one["session"] for one in self.listed()})
        self.assertTrue({one["session"] for one in listed} <= {one["session"] for one in self.listed("mail.test")})

        victim = next(one for one in listed if one["program"] == "imapd" and one["instance"] == "other")
        self.mailctl("user", "logout", self.user.address, "--session", victim["session"])
        decided = time.monotonic()
        eventually(lambda: sum(client.is_open() for client in clients) < len(clients))
        ended = [client for client in clients if not client.is_open()]
        self.assert_ended(ended, decided, b"* BYE Logged out by an administrator", "one session")
        eventually(lambda: len(self.listed(self.user.address)) == len(clients) - 1)
        self.assertEqual(len(ended), 1)
        done = self.stack.mailctl("user", "logout", self.user.address, "--session", victim["session"])
        self.assertEqual(done.returncode, 3)
        self.assertIn("mailctl user sessions", done.stderr)
        self.mailctl("user", "logout", self.user.address)
        self.assert_ended([client for client in clients if client not in ended], time.monotonic(), b"Logged out", "the others")
        eventually(lambda: self.listed(self.user.address) == [])
        audit = self.stack.mailctl("-o", "json", "audit", "list", "--object", self.user.address)
        self.assertEqual([entry["action"] for entry in json.loads(audit.stdout)][-2:], ["user.logout"] * 2)

    def test_a_mail_whose_session_ends_before_its_last_octet_is_not_taken(self):
        reader = self.stack.account("reader")
        with self.other.smtp(self.user) as client:
            client.mail(self.user.address)
            client.rcpt(reader.address)
            self.assertEqual(client.docmd("DATA")[0], 354)
            client.send(b"Subject: half\r\n\r\nand")
            self.mailctl("user", "disable", self.user.address)
            decided = time.monotonic()
            code, text = client.getreply()
            self.assertEqual((code, text.startswith(b"4.7.0 Your account has been disabled")), (421, True), text)
            self.assertLess(time.monotonic() - decided, PROMISED)
            with self.assertRaises((smtplib.SMTPServerDisconnected, OSError)):
                for _ in range(100):
                    client.send(b".\r\n")
                    client.getreply()
            client.close()
        self.assertEqual(self.stack.messages(reader), [])

    def test_what_pop3_has_marked_stays_when_the_session_is_ended(self):
        with self.stack.smtp() as client:
            client.sendmail("someone@elsewhere.test", [self.user.address], mail("someone@elsewhere.test", self.user.address))
        self.stack.wait_for_mail(self.user)
        client = pop3(self.other, self.user, "DELE 1")
        self.addCleanup(client.close)
        self.mailctl("user", "logout", self.user.address)
        self.assert_ended([client], time.monotonic(), b"nothing was deleted", "pop3 with a marked message")
        self.assertEqual(len(self.stack.messages(self.user)), 1)

    def test_the_sessions_of_a_program_that_was_killed_are_listed_no_more(self):
        clients = self.open(self.user)
        eventually(lambda: len(self.listed(self.user.address)) == len(clients))
        kill(self.other, "imapd")
        eventually(lambda: len(self.listed(self.user.address)) == len(clients) - 1, within=PROMISED * 5)
        self.assertEqual(sum(client.is_open() for client in clients), len(clients) - 1)

    def test_what_is_decided_while_a_programs_accountd_is_away_is_done_when_it_is_back(self):
        clients = self.open(self.user)
        away = eventually(lambda: pid(self.other, "accountd"))
        os.kill(away, signal.SIGKILL)
        self.mailctl("user", "disable", self.user.address)
        decided = time.monotonic()
        eventually(lambda: not any(client.is_open() for client in clients))
        for client in clients:
            self.assertIn(b"Your account has been disabled", client.farewell)
        print(f"  accountd killed: the last of {len(clients)} sessions ended after {max(client.ended for client in clients) - decided:.1f} s")
        for program in ("imapd", "pop3d", "smtpd"):
            eventually(lambda: metric(self.other, program, "posthouse_sessions_attached") == 1)
        eventually(lambda: self.listed(self.user.address) == [])

    def test_no_login_that_races_with_disabling_survives(self):
        """Clients that log in again and again, at both instances, while the account is disabled and enabled."""
        rounds = int(os.environ.get("POSTHOUSE_SESSION_ROUNDS", "12"))
        survivors, let_in = 0, 0
        for number in range(rounds):
            stop = threading.Event()
            clients: list[Client] = []

            def log_in(stack: Stack):
                while not stop.is_set():
                    with contextlib.suppress(OSError, ConnectionError):
                        clients.append(imap(stack, self.user))

            threads = [threading.Thread(target=log_in, args=(stack,)) for stack in (self.stack, self.other) for _ in range(2)]
            for thread in threads:
                thread.start()
            eventually(lambda: len(clients) > number % 5)
            self.mailctl("user", "disable", self.user.address)
            decided = time.monotonic()
            stop.set()
            for thread in threads:
                thread.join(30)
            with contextlib.suppress(AssertionError):
                eventually(lambda: not any(client.is_open() for client in clients), within=5)
            survivors += sum(client.is_open() for client in clients)
            let_in += len(clients)
            latest = max((client.ended for client in clients if client.ended), default=decided) - decided
            self.assertLess(latest, PROMISED + 1, "a client that came while the account was being disabled stayed too long")
            for client in clients:
                client.close()
            self.mailctl("user", "enable", self.user.address)
        print(f"  {let_in} logins raced with {rounds} times of disabling: {survivors} survived")
        self.assertEqual(survivors, 0)
        self.assertGreater(let_in, rounds)


if __name__ == "__main__":
    unittest.main()
