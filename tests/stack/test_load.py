"""The load client of scripts/bench against the stack: that it counts right, not how fast anything is."""

import json
import re
import shlex
import unittest

from .harness import BUILD, Account, StackTest, eventually
from .troubles import queue_is_empty

PASSWORD = "correct horse"
MAILBOXES = 10


class Load(StackTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.readers = [Account(f"bench{number}@mail.test", PASSWORD) for number in range(1, MAILBOXES + 1)]
        lines = "".join(f"{reader.address},{PASSWORD}\n" for reader in cls.readers)
        done = cls.stack.mailctl("user", "import", "-", secret=lines)
        if done.returncode != 0:
            raise AssertionError(done.stdout + done.stderr)

    def load(self, words: str, status: int = 0) -> dict:
        done = self.run_client(BUILD / "bin/posthouse-load", *shlex.split(words), status=status)
        return json.loads(done.stdout) if status == 0 else {"error": done.stderr}

    def count(self, reader: Account) -> int:
        with self.stack.imap(reader) as client:
            return int(client.select("INBOX", readonly=True)[1][0])

    def test_every_mail_arrives_with_its_number(self):
        before = [self.count(reader) for reader in self.readers]
        deliver = f"deliver --mailboxes {MAILBOXES} --port {self.stack.port('lmtp')} --sessions 5 --size 1000"
        single = self.load(f"{deliver} --count 100 --first 1001 --per-connection 7")
        self.assertEqual(single["deliveries"], 100)
        self.assertGreater(single["deliveries_per_second"], 0)
        many = self.load(f"{deliver} --count 20 --recipients 5 --first 2001")
        self.assertEqual(many["deliveries"], 100)
        through_all = self.load(
            f"deliver --mailboxes {MAILBOXES} --port {self.stack.port('smtp')} --protocol smtp --sessions 2 --count 20 --first 3001")
        self.assertEqual(through_all["deliveries"], 20)
        eventually(lambda: queue_is_empty(self.stack))  # smtpd takes what the mailbox has no time for
        self.assertEqual([self.count(reader) - count for reader, count in zip(self.readers, before)], [10 + 10 + 2] * MAILBOXES)
        numbers = {int(number) for mail in self.stack.messages(self.readers[0]) for number in re.findall(rb"X-Number: (\d+)", mail)}
        self.assertLessEqual(set(range(1001, 1101, MAILBOXES)), numbers)

    def test_sessions_and_waiting_connections_are_counted(self):
        mailboxes = f"--mailboxes {MAILBOXES}"
        self.assertEqual(self.load(f"login --port {self.stack.port('imap')} --count 50 {mailboxes}")["logins"], 50)
        self.assertEqual(self.load(f"login --port {self.stack.port('imaps')} --tls yes --count 20 {mailboxes}")["logins"], 20)
        watched = f"--watch imapd={self.stack.pid('imapd')}"
        idle = self.load(f"idle --port {self.stack.port('imaps')} --tls yes --count 50 --hold 0 {mailboxes} {watched}")
        self.assertEqual(idle["connections"], 50)
        self.assertIn("kib_each_imapd", idle)

    def test_a_waiting_session_hears_of_each_delivery(self):
        push = self.load(f"push --port {self.stack.port('imap')} --mail-port {self.stack.port('lmtp')} --count 5 --pause-ms 0")
        self.assertEqual(push["deliveries"], 5)

    def test_a_server_that_says_no_fails_the_run(self):
        refused = self.load(f"deliver --port {self.stack.port('lmtp')} --address nobody%@mail.test", status=1)
        self.assertIn("the server said: 550", refused["error"])
        refused = self.load(f"login --port {self.stack.port('imap')} --password wrong --count 1", status=1)
        self.assertIn("to LOGIN", refused["error"])
        refused = self.load(f"login --port {self.stack.port('imap')} --sesions 2", status=1)
        self.assertIn("--sesions", refused["error"])


if __name__ == "__main__":
    unittest.main()
