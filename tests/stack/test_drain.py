"""SIGTERM under load: no session is cut in the middle of a command, and no acknowledged work is lost."""

import os
import signal
import socket
import ssl
import threading
import unittest
from collections import Counter

from .bookkeepers import Bookkeeper, ImapBookkeeper, Pop3Bookkeeper
from .harness import Account, Stack, StackTest, eventually, mail
from .mail_exchanger import DOMAIN, MailExchanger
from .stubborn import GIVE_UP, Stubborn
from .troubles import check_once, is_ready, pid, queue_is_empty

COUNT = int(os.environ.get("POSTHOUSE_DRAIN_MAILS", "300"))
TURNS = 40  # of a client before the first end, between two, and after the last
ENDS = 2
FOREVER = 1_000_000  # turns
SENDER = "someone@elsewhere.test"


class Reader(threading.Thread):
    """Asks for all mail again and again until the server says goodbye."""

    def __init__(self, stack: Stack, account: Account, port: str, login: list[str]):
        super().__init__(daemon=True)
        raw = socket.create_connection((stack["HOST"], stack.port(port)), timeout=60)
        self.lines = (connection := stack.tls().wrap_socket(raw, server_hostname=stack["HOST"])).makefile("rb")
        self.connection = connection
        self.answered = 0
        self.farewell = b""
        self.trouble = ""
        self.line()
        for command in login:
            self.ask(command)
        self.start()

    def line(self) -> bytes:
        line = self.lines.readline()
        if not line.endswith(b"\r\n"):
            raise EOFError(line)
        if self.is_farewell(line):
            self.farewell = line
            raise EOFError(b"")
        return line

    def run(self) -> None:
        try:
            while True:
                self.round()
                self.answered += 1
        except (EOFError, ConnectionResetError, BrokenPipeError, ssl.SSLError) as end:
            if not self.farewell:
                self.trouble = repr(end)
        self.connection.close()
        self.lines.close()


class ImapReader(Reader):
    def __init__(self, stack: Stack, account: Account):
        super().__init__(stack, account, "imaps", [f'LOGIN {account.address} "{account.password}"', "SELECT INBOX"])

    def is_farewell(self, line: bytes) -> bool:
        return line.startswith(b"* BYE")

    def ask(self, command: str) -> None:
        self.connection.sendall(f"a {command}\r\n".encode())
        while not (line := self.line()).startswith(b"a "):
            pass
        assert line.startswith(b"a OK"), line

    def round(self) -> None:
        self.ask("FETCH 1:* (UID FLAGS BODY.PEEK[])")


class Pop3Reader(Reader):
    def __init__(self, stack: Stack, account: Account):
        super().__init__(stack, account, "pop3s", [f"USER {account.address}", f"PASS {account.password}"])

    def is_farewell(self, line: bytes) -> bool:
        return line.startswith(b"-ERR")

    def ask(self, command: str) -> None:
        self.connection.sendall(f"{command}\r\n".encode())
        line = self.line()
        assert line.startswith(b"+OK"), line

    def round(self) -> None:
        self.ask("RETR 1")
        while self.lines_of_mail() != b".\r\n":
            pass

    def lines_of_mail(self) -> bytes:
        line = self.lines.readline()
        if not line.endswith(b"\r\n"):
            raise EOFError(line)
        return line


class DrainTest(StackTest):
    def terminate(self, program: str) -> None:
        before = self.stack.pid(program)
        os.kill(before, signal.SIGTERM)
        eventually(lambda: pid(self.stack, program) not in (0, before))
        eventually(lambda: is_ready(self.stack, program))

    def check_ends(self):
        supervisor = (self.stack.data / "log" / "supervisor.log").read_text()
        self.assertNotRegex(supervisor, r"ended \((signal|exit status [^0])")


class Drain(DrainTest):
    settings = ("common.drain_window=10s",)  # what has begun may be done, on a machine that is busy

    def test_a_mail_stream_is_refused_between_commands_at_most(self):
        for program in ("smtpd", "lmtp-delivery", "filterd", "accountd", "relayd"):
            with self.subTest(program):
                reader = self.stack.account("reader")
                sender = Stubborn(self.stack, [reader.address], COUNT)
                sender.wait_for(COUNT // 4)
                self.terminate(program)
                sender.finish()
                self.assertEqual(sender.cuts, [])
                check_once(self, self.stack, reader, sender.subjects())
        self.check_ends()

    def test_readers_hear_a_farewell_after_a_whole_answer(self):
        for program, kind in (("imapd", ImapReader), ("pop3d", Pop3Reader)):
            with self.subTest(program):
                account = self.stack.account("reader")
                with self.stack.smtp() as client:
                    for number in range(5):
                        client.sendmail(SENDER, [account.address], mail(SENDER, account.address, f"number {number}", "Line.\r\n" * 20000))
                readers = [kind(self.stack, account) for _ in range(1 if program == "pop3d" else 4)]
                eventually(lambda: all(reader.answered >= 2 for reader in readers))
                self.terminate(program)
                for reader in readers:
                    reader.join(30)
                    self.assertFalse(reader.is_alive())
                    self.assertEqual(reader.trouble, "")
                self.assertEqual(len(self.stack.messages(account)), 5)
        self.check_ends()

    def end_under(self, program: str, clients: list[Bookkeeper]) -> None:
        for client in clients:
            client.allow(FOREVER)
        for _ in range(ENDS):
            self.let_work(clients)
            self.terminate(program)
        self.let_work(clients)
        for client in clients:
            client.finish()
            print(f"{type(client).__name__}: {dict(client.done)}, {len(client.troubles)} troubles")
            self.assertEqual(client.cuts, [])
            self.assertNotEqual(client.troubles, [], "it did not notice")

    def let_work(self, clients: list[Bookkeeper]) -> None:
        least = {client: client.done.total() + TURNS for client in clients}
        eventually(lambda: all(client.done.total() >= least[client] or client.failures for client in clients), within=GIVE_UP)

    def test_imap_clients_that_write_are_answered_or_sent_away_before_anything_is_done(self):
        reader, other = self.stack.account("reader"), self.stack.account("other")
        pairs = [[ImapBookkeeper(self.stack, account, seed, ("INBOX", "Archive"), range(seed * 10_000, (seed + 1) * 10_000), copies=True)
                  for seed in range(2)] for account in (reader, other)]
        self.end_under("imapd", [client for pair in pairs for client in pair])
        for one, another in pairs:
            one.check(self, another)
        self.check_ends()

    def test_pop3_clients_that_delete_are_answered_or_sent_away_before_anything_is_done(self):
        readers = [self.stack.account("reader") for _ in range(4)]
        sender = Stubborn(self.stack, [reader.address for reader in readers], COUNT)
        clients = [Pop3Bookkeeper(self.stack, reader, seed) for seed, reader in enumerate(readers)]
        self.end_under("pop3d", clients)
        sender.finish()
        eventually(lambda: queue_is_empty(self.stack))
        for client in clients:
            client.fetch_all(sender.subjects(), self)
        self.check_ends()

    def test_clients_that_fell_silent_hold_up_nobody_and_hear_a_farewell(self):
        account = self.stack.account("reader")
        login = f'a LOGIN {account.address} "{account.password}"\r\n'
        silent = {
            "smtpd": [
                ("smtp", b"EHLO x\r\nMAIL FROM:<a@b.test>\r\n", b"250 2.1.0", b"421 "),
                ("smtp", f"EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<{account.address}>\r\nDATA\r\nSubject: x\r\n".encode(), b"354 ", b"421 "),
                ("smtp", b"EHLO x\r\nSTARTTLS\r\n", b"220 2.0.0", b""),
                ("submissions", b"", b"", b""),
            ],
            "lmtp-delivery": [("lmtp", b"LHLO x\r\nMAIL FROM:<a@b.test>\r\n", b"250 2.1.0", b"421 ")],
            "imapd": [
                ("imap", f"{login}b APPEND INBOX {{1000}}\r\n".encode(), b"+ ", b"* BYE "),
                ("imap", f"{login}b NOOP {{1000}}\r\n".encode(), b"+ ", b"* BYE "),
                ("imap", b"a STARTTLS\r\n", b"a OK", b""),
                ("imaps", b"", b"", b""),
            ],
            "pop3d": [("pop3s", b"", b"", b"")],
        }
        for program, clients in silent.items():
            with self.subTest(program):
                connections = []
                for port, says, until, farewell in clients:
                    connection = socket.create_connection((self.stack["HOST"], self.stack.port(port)), timeout=30)
                    self.addCleanup(connection.close)
                    connection.sendall(says)
                    lines = connection.makefile("rb")
                    while until and not lines.readline().startswith(until):
                        pass
                    connections.append((says, lines, farewell))
                self.terminate(program)
                for says, lines, farewell in connections:
                    with self.subTest(says):
                        heard = lines.read()
                        self.assertTrue(heard.startswith(farewell), heard)
        self.check_ends()


class DrainOfTheQueue(DrainTest):
    AT_A_TIME = 10  # mails to one domain

    @classmethod
    def setUpClass(cls):
        cls.exchanger = MailExchanger()
        cls.addClassCleanup(cls.exchanger.close)
        cls.settings = (*cls.exchanger.settings(), 'smtpd.relay_networks=["127.0.0.0/8"]', "common.drain_window=20s",
                        f"relayd.max_per_destination={cls.AT_A_TIME}", 'relayd.retry_schedule=["1s"]')
        super().setUpClass()

    def test_mail_on_its_way_to_another_server_arrives_exactly_once(self):
        self.exchanger.may_answer.clear()
        sender = Stubborn(self.stack, [f"friend@{DOMAIN}"], COUNT)
        eventually(lambda: self.exchanger.waiting == self.AT_A_TIME)
        relayd = self.stack.pid("relayd")
        os.kill(relayd, signal.SIGTERM)
        eventually(lambda: not is_ready(self.stack, "relayd"))
        self.assertEqual(self.stack.pid("relayd"), relayd, "it did not wait for what it had sent")
        self.exchanger.may_answer.set()
        eventually(lambda: pid(self.stack, "relayd") not in (0, relayd))
        eventually(lambda: self.exchanger.count() >= COUNT // 2)
        self.terminate("relayd")  # and without being held up
        sender.finish()
        eventually(lambda: queue_is_empty(self.stack))
        self.assertEqual(Counter(taken.subject for taken in self.exchanger.taken), Counter(sender.subjects()))
        self.check_ends()


if __name__ == "__main__":
    unittest.main()
