"""PostgreSQL stops, hangs, cuts its connections, has no disk left: programs refuse for now, keep running, recover by themselves."""

import base64
import os
import random
import time
import unittest
from collections import Counter

from .harness import Stack, StackTest, eventually, mail
from .stubborn import Refused, Smtp, Stubborn
from .troubles import (PROGRAMS, RECOVERED, SmallDisk, answer, check_once, full_disk, hanging_postgres, is_ready, queue_is_empty, sql,
                       stopped_postgres, subjects, wait_until_ready)

COUNT = int(os.environ.get("POSTHOUSE_OUTAGE_MAILS", "1000"))  # so many that the trouble comes before the last is taken
NEED_DATABASE = ("accountd", "imapd", "lmtp-delivery", "pop3d", "relayd")
SENDER = "someone@elsewhere.test"
STATEMENT = 3  # seconds that programs here wait for an answer of PostgreSQL
BOUND = 15.0  # seconds for all that a client waits: for the mailbox, then for the queue, and where a turn comes before it
WAL_SEGMENT = 64 * 2**20  # no smaller than that may a file be that PostgreSQL must write


class OutageTest(StackTest):
    settings = (f"database.statement_timeout={STATEMENT}s", "imapd.database_grace=2s", "pop3d.database_grace=2s")

    def setUp(self):
        self.reader = self.stack.account("reader")
        self.lives = {program: self.stack.pid(program) for program in PROGRAMS}

    def tearDown(self):
        wait_until_ready(self.stack)
        self.assertEqual({program: self.stack.pid(program) for program in PROGRAMS}, self.lives, "a program did not live through it")

    def check_alive(self):
        for program in PROGRAMS:
            self.assertEqual(answer(self.stack, program, "/healthz"), 200, program)

    def under_way(self, begun: int = 50) -> Stubborn:
        sender = Stubborn(self.stack, [self.reader.address], COUNT)
        sender.wait_for(begun)
        return sender

    def check_all(self, sender: Stubborn):
        sender.finish()
        check_once(self, self.stack, self.reader, sender.subjects())


class Outages(OutageTest):
    def test_stopped_and_started(self):
        box = self.stack.imap(self.reader)
        box.select("INBOX")
        sender = self.under_way()
        with stopped_postgres(self.stack):
            for program in NEED_DATABASE:
                eventually(lambda: not is_ready(self.stack, program))
            self.assertTrue(is_ready(self.stack, "smtpd"), "451 says more than a refused connection")
            self.check_alive()
            self.assertEqual(box.append("INBOX", None, None, mail(SENDER, self.reader.address))[0], "NO")
            refused = len(sender.retries)
            eventually(lambda: len(sender.retries) > refused)
            self.assertIn("451", sender.retries[-1])
        self.check_all(sender)
        self.assertEqual(box.noop()[0], "OK")
        box.logout()

    def within_bound(self, what):
        begun = time.monotonic()
        answer = what()
        self.assertLess(time.monotonic() - begun, BOUND)
        return answer

    def test_hangs_for_a_while(self):
        box = self.stack.imap(self.reader)
        box.select("INBOX")
        sender = self.under_way()
        octets = mail(SENDER, self.reader.address, "after the dot")
        client = Smtp(self.stack["HOST"], self.stack.port("smtp"))
        client.open(SENDER, [self.reader.address])
        with hanging_postgres(self.stack):
            code, text = self.within_bound(lambda: client.finish(octets))
            self.assertEqual(code, 451, text)
            status, answer = self.within_bound(lambda: box.append("INBOX", None, None, octets))
            self.assertEqual(status, "NO", answer)
            self.assertIn(b"[UNAVAILABLE]", answer[0])
            self.check_alive()
            refused = len(sender.retries)
            eventually(lambda: len(sender.retries) > refused, within=BOUND)
            self.assertIn("451", sender.retries[-1])
        client.mail(SENDER, [self.reader.address], octets)
        client.quit()
        sender.finish()
        check_once(self, self.stack, self.reader, [*sender.subjects(), "after the dot"])
        self.assertEqual(box.noop()[0], "OK")
        box.logout()

    def test_every_connection_is_cut_again_and_again(self):
        sender = self.under_way(begun=10)
        cut = 0
        while sender.wait_for(sender.acknowledged + 20):
            cut += int(sql(self.stack, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                                       "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"))
        self.assertGreater(cut, 0)
        self.check_all(sender)

    def large(self, number: int) -> bytes:
        body = base64.encodebytes(random.Random(number).randbytes(3 * 2**20)).replace(b"\n", b"\r\n")
        return mail(SENDER, self.reader.address, f"large {number}", "") + body

    def test_the_disk_is_full(self):
        acknowledged = []
        postgres = self.stack.pid("postgres")
        client = Smtp(self.stack["HOST"], self.stack.port("smtp"))
        with full_disk(self.stack, WAL_SEGMENT):
            refused = None
            for number in range(100):
                octets = self.large(number)
                try:
                    client.mail(SENDER, [self.reader.address], octets)
                except Refused as refusal:
                    refused = refusal
                    break
                acknowledged.append(f"large {number}")
            self.assertIsNotNone(refused, "the disk did not become full")
            self.assertEqual(refused.code, 451, refused)
            self.check_alive()
            with self.stack.imap(self.reader) as box:
                self.assertEqual(box.append("INBOX", None, None, octets)[0], "NO")
        self.assertEqual(self.stack.pid("postgres"), postgres)
        again = Smtp(self.stack["HOST"], self.stack.port("smtp"))
        again.mail(SENDER, [self.reader.address], octets)
        again.quit()
        check_once(self, self.stack, self.reader, [*acknowledged, f"large {number}"])


class NoRoomForTheLog(OutageTest):
    """What PostgreSQL cannot write ahead it cannot do without: it ends, and comes back when there is room."""

    DISK = 6 * WAL_SEGMENT
    ROOM = WAL_SEGMENT // 2

    @classmethod
    def setUpClass(cls):
        if objection := SmallDisk.objection():
            raise unittest.SkipTest(objection)
        cls.disk = SmallDisk(cls.DISK)
        cls.stack = Stack("test_outages_small_disk", *cls.settings)
        cls.stack.runner = cls.disk.runner(cls.stack)
        cls.addClassCleanup(cls.stack.remove)
        cls.stack.start()

    def has_panicked(self) -> bool:
        log = (self.stack.data / "log" / "postgres.log").read_text(errors="replace")
        return "PANIC" in log and "No space left on device" in log

    def test_postgresql_ends_for_want_of_room_and_all_is_well_when_there_is_some(self):
        box = self.stack.imap(self.reader)
        box.select("INBOX")
        under_way = self.under_way(begun=20)
        late = self.stack.account("late")
        with self.disk.filled(self.stack, self.ROOM):
            sql(self.stack, f"SELECT count(pg_logical_emit_message(false, 'filling', repeat('x', {2**20}))) "
                            f"FROM generate_series(1, {2 * WAL_SEGMENT // 2**20})")
            eventually(self.has_panicked)
            sender = Stubborn(self.stack, [late.address], 40, body="A line of some length.\r\n" * 5000)  # more than what may be left
            eventually(lambda: any("451" in retry for retry in sender.retries))
            eventually(lambda: box.append("INBOX", None, None, mail(SENDER, self.reader.address))[0] == "NO")
            for program in NEED_DATABASE:
                eventually(lambda: not is_ready(self.stack, program))
            self.assertTrue(is_ready(self.stack, "smtpd"), "451 says more than a refused connection")
            self.check_alive()
        sender.finish()
        check_once(self, self.stack, late, sender.subjects())
        under_way.finish()
        eventually(lambda: queue_is_empty(self.stack), within=RECOVERED)
        arrived = subjects(self.stack, self.reader)
        arrived.pop("A subject", None)  # what IMAP was told NO about, or took in a moment when PostgreSQL was there
        self.assertEqual(arrived, Counter(under_way.subjects()))
        self.assertEqual(box.noop()[0], "OK")
        box.logout()


if __name__ == "__main__":
    unittest.main()
