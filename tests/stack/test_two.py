"""Two of every program on one database: any of them serves any user."""

import time
import unittest

from .harness import Stack, StackTest, eventually, mail
from .idler import Idler
from .stubborn import Smtp
from .troubles import sql

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

    def test_the_same_octets_sent_on_purpose_through_each_arrive_twice(self):
        """By clients of whom the first has shown that he knows: he has left, or he stays for two seconds."""
        for quits in (True, False):
            with self.subTest(quits=quits):
                reader = self.stack.account("reader")
                octets = mail("someone@elsewhere.test", reader.address)
                for stack in (self.stack, self.other):
                    client = Smtp(stack["HOST"], stack.port("smtp"))
                    self.addCleanup(client.close)
                    client.mail("someone@elsewhere.test", [reader.address], octets)
                    if quits:
                        client.quit()
                    eventually(lambda: self.retries_expected(reader) == "0")
                self.assertEqual(len(self.stack.messages(reader)), 2)

    def retries_expected(self, reader) -> str:
        return sql(self.stack, "SELECT count(*) FROM posthouse.delivery_key JOIN posthouse.account USING (account_id) "
                               f"WHERE delivery_key.kind = 'c' AND address = '{reader.address}'")


if __name__ == "__main__":
    unittest.main()
