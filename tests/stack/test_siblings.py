"""Processes of one program that share its ports: how it uses more processors than one."""

import os
import poplib
import signal
import unittest

from .harness import StackTest, eventually
from .sibling import Sibling
from .troubles import metric, metric_at

MOST = 64  # connections until both have one: the system deals them out by chance
SESSIONS = "posthouse_pop3_sessions_active"


class Siblings(StackTest):
    def setUp(self):
        self.sibling = Sibling(self.stack, "pop3d")
        self.sibling.start()
        self.addCleanup(self.sibling.stop)
        self.reader = self.stack.account("reader")
        eventually(lambda: sum(self.sessions()) == 0)  # none of the test before

    def sessions(self) -> tuple[float, float]:
        """Of the stack's own process, and of the other."""
        return metric(self.stack, "pop3d", SESSIONS), metric_at(self.stack, self.sibling.admin_port, SESSIONS)

    def connect(self) -> poplib.POP3:
        client = poplib.POP3(self.stack["HOST"], self.stack.port("pop3"), timeout=30)
        self.addCleanup(client.close)
        return client

    def one_of_each(self) -> tuple[poplib.POP3, poplib.POP3]:
        """Connected to the stack's own process, and to the other."""
        found: dict[int, poplib.POP3] = {}
        for _ in range(MOST):
            before = self.sessions()
            client = self.connect()
            eventually(lambda: sum(self.sessions()) > sum(before))
            found[0 if self.sessions()[0] > before[0] else 1] = client
            if len(found) == 2:
                return found[0], found[1]
        self.fail(f"{MOST} connections came to one process, {self.sessions()}")

    def log_in(self, client: poplib.POP3) -> bytes:
        client.user(self.reader.address)
        return client.pass_(self.reader.password)

    def test_a_maildrop_is_one_sessions_over_both(self):
        own, other = self.one_of_each()
        self.assertIn(b"+OK", self.log_in(own))
        with self.assertRaisesRegex(poplib.error_proto, "IN-USE"):
            self.log_in(other)
        own.quit()
        self.assertIn(b"+OK", self.log_in(other))

    def test_one_that_is_killed_takes_its_own_clients_only(self):
        own, other = self.one_of_each()
        self.log_in(own)
        os.kill(self.sibling.pid, signal.SIGKILL)
        with self.assertRaises((poplib.error_proto, OSError)):
            other.capa()
        self.sibling.running.wait(30)
        own.noop()
        for _ in range(16):  # all of them come to the one that is left
            self.connect().capa()

    def test_one_that_is_told_to_end_takes_no_new_clients(self):
        own, _ = self.one_of_each()
        self.sibling.stop()
        own.capa()
        for _ in range(16):
            self.connect().capa()


if __name__ == "__main__":
    unittest.main()
