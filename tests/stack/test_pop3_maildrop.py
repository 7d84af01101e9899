"""One session has a maildrop, on whichever instance; QUIT deletes all or nothing; what was fetched expires."""

import contextlib
import ctypes
import os
import poplib
import random
import select
import signal
import socket
import struct
import time
import unittest
from pathlib import Path

from .harness import Account, Stack, StackTest, eventually, mail
from .troubles import hanging_postgres, kill, locked, metric, nothing_is_under_way, pid, sql, wait_until_ready

LEASE = 5.0  # seconds
ROUNDS = int(os.environ.get("POSTHOUSE_QUIT_KILLS", "20"))
MESSAGES = 40


def drop_all_that_comes(client: socket.socket) -> None:
    """The system sees none of what the peer sends, and acknowledges nothing: socket(7), SO_ATTACH_FILTER."""
    nothing = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0), 8)
    client.setsockopt(socket.SOL_SOCKET, 26, struct.pack("HxxxxxxP", 1, ctypes.addressof(nothing)))


class MaildropTest(StackTest):
    """Two stacks on one database."""

    settings = (f'pop3d.lock_lease="{LEASE:.0f}s"', 'pop3d.max_silence="3s"')

    kind = Stack

    @classmethod
    def setUpClass(cls):
        cls.stack = cls.kind(f"test_pop3_maildrop.{cls.__name__}", *cls.settings)
        cls.addClassCleanup(cls.stack.remove)
        cls.stack.start()
        cls.prepare()
        cls.other = cls.kind(f"{cls.__name__}_other", "common.instance=other", *cls.settings, options=("--database", cls.stack["DATABASE_URL"]))
        cls.addClassCleanup(cls.other.remove)  # before the first, whose PostgreSQL it uses
        cls.other.start()

    @classmethod
    def prepare(cls) -> None:
        """Between the starts of the two, each of which reads a mail by POP3."""

    def setUp(self):
        self.reader = self.stack.account("reader")

    def deliver(self, count: int) -> None:
        with self.stack.smtp() as client:
            for number in range(count):
                client.sendmail("someone@elsewhere.test", [self.reader.address], mail("someone@elsewhere.test", self.reader.address, f"Number {number}"))
        eventually(lambda: self.there() == count)

    def there(self, mailbox: int = 1) -> int:
        return int(sql(self.stack, "SELECT n_msgs FROM posthouse.mailbox JOIN posthouse.account USING (account_id) "
                                   f"WHERE mailbox_id = {mailbox} AND address = '{self.reader.address}'"))

    def log_in(self, stack: Stack) -> poplib.POP3:
        client = poplib.POP3(stack["HOST"], stack.port("pop3"), timeout=60)
        self.addCleanup(client.close)
        client.user(self.reader.address)
        client.pass_(self.reader.password)
        return client

    def refusal(self, stack: Stack) -> str:
        """What a login is refused with; empty if it is let in."""
        try:
            self.log_in(stack).quit()
        except poplib.error_proto as refused:
            return refused.args[0].decode()
        return ""

    def in_use(self, stack: Stack) -> bool:
        return "[IN-USE]" in self.refusal(stack)

    def age(self, hours: int) -> None:
        """All that is there has been there for so much longer."""
        sql(self.stack, f"UPDATE posthouse.msg SET save_date = save_date - interval '{hours} hours' FROM posthouse.account a "
                        f"WHERE msg.account_id = a.account_id AND a.address = '{self.reader.address}'")


class Maildrop(MaildropTest):
    def test_a_second_session_is_told_who_has_the_maildrop(self):
        first = self.log_in(self.stack)
        for stack in (self.stack, self.other):
            self.assertRegex(self.refusal(stack), r"^-ERR \[IN-USE\] The maildrop has been in use since 20..-..-.. ..:..:.. UTC: by session \S+ of instance \S+$")
        self.assertGreaterEqual(metric(self.other, "pop3d", "posthouse_pop3_maildrops_refused_total", 'reason="in_use"'), 1)
        first.quit()
        self.assertEqual(self.refusal(self.other), "")

    def test_nobody_else_learns_that_it_is_in_use(self):
        self.log_in(self.stack)
        wrong = Account(self.reader.address, "wrong")
        self.reader = wrong
        self.assertRegex(self.refusal(self.other), r"\[AUTH\]")

    def test_who_comes_back_after_his_connection_broke_is_let_in(self):
        for end in (lambda client: client.close(), lambda client: client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")):
            for number in range(10):
                client = self.log_in(self.stack if number % 2 else self.other)
                end(client)
                client.close()
                self.assertEqual(self.refusal(self.stack), "")

    def test_who_comes_back_after_a_message_broke_off_is_let_in(self):
        self.reader = self.stack.account("large")
        with self.stack.smtp() as client:
            client.sendmail("someone@elsewhere.test", [self.reader.address],
                            mail("someone@elsewhere.test", self.reader.address, body=("x" * 70 + "\r\n") * 200_000))
        eventually(lambda: self.there() == 1)
        client = self.log_in(self.stack)
        client.sock.sendall(b"RETR 1\r\n" * 4)
        client.sock.recv(100_000)
        client.close()
        self.assertEqual(self.refusal(self.other), "")

    def test_who_comes_back_after_his_network_went_is_let_in(self):
        """Nothing tells the server that he is gone; and what it sent before, or still has to send, is never acknowledged."""
        self.deliver(1)
        for command in (b"RETR 1\r\n", b"RETR 1\r\n" * 20_000):
            client = self.log_in(self.stack)
            self.assertTrue(self.in_use(self.other))
            drop_all_that_comes(client.sock)
            client.sock.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                client.sock.sendall(command)
            eventually(lambda: not self.in_use(self.other), 30)

    def test_a_session_longer_than_the_lease_keeps_the_maildrop(self):
        client = self.log_in(self.stack)
        since = time.monotonic()
        while time.monotonic() < since + 2 * LEASE:
            self.assertTrue(self.in_use(self.other))
        client.quit()

    def test_a_killed_instance_keeps_nobody_out_for_longer_than_the_lease(self):
        self.log_in(self.stack)
        self.assertTrue(self.in_use(self.other))
        victim = pid(self.stack, "pop3d")
        supervisor = int(next(line.split()[1] for line in Path(f"/proc/{victim}/status").read_text().splitlines() if line.startswith("PPid")))
        os.kill(supervisor, signal.SIGSTOP)
        try:
            os.kill(victim, signal.SIGKILL)
            killed = time.monotonic()
            eventually(lambda: self.refusal(self.other) == "")
            self.assertLess(time.monotonic() - killed, LEASE + 5)
        finally:
            os.kill(supervisor, signal.SIGCONT)
        eventually(lambda: pid(self.stack, "pop3d") not in (0, victim))
        wait_until_ready(self.stack)

    def test_an_instance_that_begins_again_lets_go_what_it_had(self):
        """It sees that the process before it is dead, and waits for no lease."""
        self.log_in(self.stack)
        # As if the lease were long.
        held = f"account_id = (SELECT account_id FROM posthouse.account WHERE address = '{self.reader.address}')"
        os.kill(pid(self.stack, "pop3d"), signal.SIGSTOP)
        sql(self.stack, f"UPDATE posthouse.pop3_session SET until = 'infinity' WHERE {held}")
        kill(self.stack, "pop3d")
        wait_until_ready(self.stack)
        self.assertEqual(eventually(lambda: sql(self.stack, f"SELECT until FROM posthouse.pop3_session WHERE {held} AND holder = ''")), "-infinity")
        self.assertEqual(self.refusal(self.other), "")

    def test_a_drain_lets_go(self):
        client = self.log_in(self.other)
        before = pid(self.other, "pop3d")
        os.kill(before, signal.SIGTERM)
        with self.assertRaisesRegex(poplib.error_proto, r"\[SYS/TEMP\] Shutting down, nothing was deleted"):
            while True:
                client.noop()
        self.assertEqual(self.refusal(self.stack), "")
        eventually(lambda: pid(self.other, "pop3d") not in (0, before))
        wait_until_ready(self.other)

    def test_a_logout_lets_go(self):
        client = self.log_in(self.other)
        eventually(lambda: self.reader.address in self.stack.mailctl("user", "sessions", self.reader.address).stdout)
        self.assertEqual(self.stack.mailctl("user", "logout", self.reader.address).returncode, 0)
        self.assertIn(b"Logged out", client.file.readline())
        self.assertEqual(self.refusal(self.stack), "")

    def test_a_message_that_imap_deletes_meanwhile_is_passed_over(self):
        self.deliver(3)
        client = self.log_in(self.stack)
        with self.stack.imap(self.reader) as imap:
            imap.select("INBOX")
            imap.store("1", "+FLAGS", r"\Deleted")
            imap.expunge()
        for command in (client.retr, lambda number: client.top(number, 1)):
            with self.assertRaisesRegex(poplib.error_proto, "removed in another session"):
                command(1)
        client.dele(1)
        client.dele(2)
        self.assertEqual(client.quit(), b"+OK Bye, 1 message deleted")
        self.assertEqual(self.there(), 1)

    def test_a_session_goes_on_where_postgresql_crashed(self):
        """The lock is in no log: who had it has it again."""
        self.deliver(2)
        client = self.log_in(self.stack)
        client.dele(1)
        kill(self.stack, "backend")
        eventually(lambda: sql(self.stack, "SELECT 1") == "1")
        eventually(lambda: self.in_use(self.other))
        self.assertEqual(client.quit(), b"+OK Bye, 1 message deleted")
        self.assertEqual(self.there(), 1)
        self.assertEqual(self.refusal(self.other), "")


class Quits(MaildropTest):
    settings = (*MaildropTest.settings, 'database.statement_timeout="4s"')

    def marked(self) -> poplib.POP3:
        client = self.log_in(self.stack)
        for number in range(1, MESSAGES + 1):
            client.dele(number)
        return client

    def end_of(self, client: poplib.POP3) -> str:
        try:
            return client.quit().decode()
        except (poplib.error_proto, EOFError, OSError) as end:
            return repr(end)

    def check(self, answers: list[tuple[str, int]]) -> None:
        print(f"  {answers}")
        for answer, left in answers:
            self.assertIn(left, (0, MESSAGES), answers)
            if answer.startswith("+OK"):
                self.assertEqual((answer, left), (f"+OK Bye, {MESSAGES} messages deleted", 0))

    def test_pop3d_killed_at_quit_deletes_all_or_nothing(self):
        """At moments from before the first statement until after the answer."""
        seed = int(os.environ.get("POSTHOUSE_SEED", random.randrange(2**32)))
        print(f"POSTHOUSE_SEED={seed}", flush=True)
        chance = random.Random(seed)
        answers = []
        begun = time.monotonic()
        for delay in (0, None, *(0.05 * chance.random() ** 2 for _ in range(ROUNDS - 2))):
            if self.there() < MESSAGES:
                self.reader = self.stack.account("reader")
                self.deliver(MESSAGES)
            wait_until_ready(self.stack)
            client = eventually(lambda: self.marked_if_free())
            victim = pid(self.stack, "pop3d")
            eventually(lambda: time.monotonic() > begun + 1.2)  # else its supervisor lets it rest
            if delay == 0:
                os.kill(victim, signal.SIGSTOP)  # before the first statement, however late we are
            client.sock.sendall(b"QUIT\r\n")
            if delay is None:
                select.select([client.sock], [], [], 30)
            else:
                until = time.monotonic() + delay
                while time.monotonic() < until:
                    pass
            os.kill(victim, signal.SIGKILL)
            answer = "cut"
            with contextlib.suppress(OSError):
                answer = client.file.readline().decode().strip() or answer
            eventually(lambda: pid(self.stack, "pop3d") not in (0, victim))
            begun = time.monotonic()
            answers.append((answer, self.settled()))
        self.check(answers)
        self.assertEqual({left for _, left in answers}, {0, MESSAGES}, "all of the moments were on one side")

    def marked_if_free(self) -> poplib.POP3 | None:
        with contextlib.suppress(poplib.error_proto, OSError):
            return self.marked()
        return None

    def settled(self) -> int:
        """How many are there when nothing of pop3d is under way any more."""
        eventually(lambda: nothing_is_under_way(self.stack, "pop3d"))
        return self.there()

    def test_postgresql_killed_at_quit_deletes_all_or_nothing(self):
        """At moments around the answer, twice certainly before it."""
        answers = []
        for number in range(6):
            if self.there() < MESSAGES:
                self.reader = self.stack.account("reader")
                self.deliver(MESSAGES)
            client = eventually(lambda: self.marked_if_free())
            waits = number < 2
            with locked(self.stack, self.reader) if waits else contextlib.nullcontext():
                client.sock.sendall(b"QUIT\r\n")
                if waits:
                    eventually(lambda: self.somebody_waits())
                until = time.monotonic() + number * 0.001
                while time.monotonic() < until:
                    pass
                kill(self.stack, "backend" if number % 2 else "postgres")
            answer = client.file.readline().decode().strip()
            wait_until_ready(self.stack)
            eventually(lambda: sql(self.stack, "SELECT 1") == "1")
            answers.append((answer, self.settled()))
        self.check(answers)

    def somebody_waits(self) -> bool:
        return sql(self.stack, "SELECT count(*) FROM pg_stat_activity WHERE usename = 'posthouse_pop3d' AND wait_event_type = 'Lock'") not in ("0", "")

    def test_a_postgresql_that_hangs_at_quit_is_told(self):
        self.deliver(MESSAGES)
        client = self.marked()
        with hanging_postgres(self.stack):
            answer = self.end_of(client)
        self.assertIn("[SYS/TEMP]", answer)
        wait_until_ready(self.stack)
        self.check([(answer, self.settled())])
        eventually(lambda: self.refusal(self.other) == "")


class Delays(MaildropTest):
    settings = ('pop3d.login_delay="3s"',)

    @classmethod
    def prepare(cls) -> None:
        sql(cls.stack, "UPDATE posthouse.pop3_session SET since = since - interval '1 hour'")

    def test_logins_are_so_far_apart_at_all_instances(self):
        client = self.log_in(self.stack)
        begun = time.monotonic()
        self.assertIn("LOGIN-DELAY", client.capa())
        self.assertEqual(client.capa()["LOGIN-DELAY"], ["3"])
        client.quit()
        refusals = []
        while refusal := self.refusal(self.other if len(refusals) % 2 else self.stack):
            refusals.append(refusal)
            self.assertRegex(refusal, r"^-ERR \[LOGIN-DELAY\] Minimum time between mail checks is 3 s, please come again in [123] s$")
        self.assertGreater(len(refusals), 1)
        self.assertGreater(time.monotonic() - begun, 2)  # and those who were refused moved nothing
        self.assertLess(time.monotonic() - begun, 10)
        wrong = Account(self.reader.address, "wrong")
        self.reader = wrong
        self.assertRegex(self.refusal(self.other), r"\[AUTH\]")


class ExpiresAtOnce(MaildropTest):
    settings = ("pop3d.expire=0",)

    def test_what_was_fetched_goes_at_quit(self):
        self.deliver(4)
        client = self.log_in(self.stack)
        self.assertEqual(client.capa()["EXPIRE"], ["0"])
        client.retr(1)
        client.close()
        self.assertEqual(self.there(), 4)
        expired = metric(self.other, "pop3d", "posthouse_pop3_messages_expired_total")
        client = self.log_in(self.other)
        client.retr(1)
        client.retr(2)
        client.dele(2)
        client.top(3, 0)
        self.assertEqual(client.quit(), b"+OK Bye, 1 message deleted, 1 expired")
        self.assertEqual(self.there(), 2)
        self.assertEqual(metric(self.other, "pop3d", "posthouse_pop3_messages_expired_total"), expired + 1)


class AnotherMailbox(Stack):
    """Its port for POP3 without TLS shows another mailbox than INBOX."""

    def up(self):
        usual = self.settings
        plain, secure = (f'{{name="{name}", address="127.0.0.1:{port + self.offset.number}", tls="{tls}"{more}}}' for name, port, tls, more
                         in (("pop3", 2110, "starttls", ', mailbox="Eing\u00e4nge/Post"'), ("pop3s", 2995, "implicit", "")))
        self.settings = (*usual, f"pop3d.listener=[{plain}, {secure}]")
        try:
            return super().up()
        finally:
            self.settings = usual


class Expires(MaildropTest):
    settings = ("pop3d.expire=2",)
    kind = AnotherMailbox

    def test_what_pop3_has_fetched_goes_after_two_days_and_nothing_else(self):
        """And the maildrop is another mailbox, of which IMAP knows."""
        for stack in (self.stack, self.other):  # and no lock is left behind
            self.assertRegex(self.refusal(stack), r'^-ERR \[SYS/PERM\] There is no mailbox "Eing\?\?nge/Post"')
        with self.stack.imap(self.reader) as imap:
            imap.create('"Eing&AOQ-nge/Post"')
            for number in range(4):
                date = '"01-Jan-2020 12:00:00 +0000"'  # as of an old mail that was brought here
                imap.append('"Eing&AOQ-nge/Post"', "", date, mail("someone@elsewhere.test", self.reader.address, f"Number {number}"))
            imap.append("INBOX", "", "", mail("someone@elsewhere.test", self.reader.address, "Not this"))
            imap.select('"Eing&AOQ-nge/Post"')
            imap.fetch("3", "(BODY[])")
        client = self.log_in(self.stack)
        self.assertEqual(client.stat()[0], 4)
        self.assertEqual(client.capa()["EXPIRE"], ["2"])
        for number in (1, 2):
            self.assertIn(f"Subject: Number {number - 1}".encode(), client.retr(number)[1])
        self.assertEqual(client.quit(), b"+OK Bye, 0 messages deleted")
        self.age(47)
        self.assertEqual(self.quit_at(self.other), b"+OK Bye, 0 messages deleted")
        self.age(1)
        client = self.log_in(self.stack)
        client.retr(4)
        client.close()  # without QUIT nobody knows whether he has it
        self.assertEqual(self.quit_at(self.other), b"+OK Bye, 0 messages deleted, 2 expired")
        client = self.log_in(self.stack)
        numbers = [client.top(number, 0)[1] for number in (1, 2)]
        self.assertIn(b"Subject: Number 2", numbers[0])
        self.assertIn(b"Subject: Number 3", numbers[1])
        client.quit()
        self.assertEqual(self.there(), 1)  # INBOX is as it was

    def quit_at(self, stack: Stack) -> bytes:
        return self.log_in(stack).quit()


if __name__ == "__main__":
    unittest.main()
