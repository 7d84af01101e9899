"""Two of every program on one database: any of them serves any user."""

import time
import unittest

from .harness import Stack, StackTest, mail
from .idler import Idler

POLL = 15.0  # seconds; how long imapd waits where nobody tells it


class Two(StackTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        peers = f'events.peers=["unix:{cls.stack.data}/run/rpc/imapd.sock"]'
        cls.other = Stack("test_two_other", peers, options=("--database", cls.stack["DATABASE_URL"]))
        cls.addClassCleanup(cls.other.remove)  # before the first, whose PostgreSQL it uses
        cls.other.start()

    def deliver_at_the_other(self, reader):
        with self.other.smtp() as client:
            client.sendmail("someone@elsewhere.test", [reader.address], mail("someone@elsewhere.test", reader.address))

    def test_what_one_takes_the_other_shows(self):
        reader = self.stack.account("reader")
        self.deliver_at_the_other(reader)
        here = self.stack.wait_for_mail(reader)
        self.assertEqual(here, self.other.messages(reader))
        client = self.other.pop3(reader)
        client.dele(1)
        client.quit()
        self.assertEqual(self.stack.messages(reader), [])

    def test_idle_hears_at_once_of_a_delivery_elsewhere(self):
        reader = self.stack.account("idler")
        idler = Idler(self.stack, reader)
        self.deliver_at_the_other(reader)
        delivered = time.monotonic()
        idler.next_line(b" EXISTS")
        self.assertLess(time.monotonic() - delivered, POLL / 2)
        idler.close()


if __name__ == "__main__":
    unittest.main()
