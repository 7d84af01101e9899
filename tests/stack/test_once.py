"""A retry is not a second mail, and a second mail is not a retry (ARCHITECTURE.md, rule 3)."""

import threading
import unittest

from .harness import StackTest, eventually, mail
from .lmtp_proxy import LmtpProxy
from .stubborn import Smtp
from .troubles import is_ready, kill, sql

SENDER = "someone@elsewhere.test"


class Once(StackTest):
    @classmethod
    def setUpClass(cls):
        cls.proxy = LmtpProxy(lambda: ("127.0.0.1", 2424 + cls.stack.offset.number))
        cls.addClassCleanup(cls.proxy.close)
        cls.settings = (f'smtpd.lmtp_address="127.0.0.1:{cls.proxy.port}"',)
        super().setUpClass()

    def setUp(self):
        self.proxy.holding = False
        self.proxy.held.clear()

    def connect(self) -> Smtp:
        client = Smtp(self.stack["HOST"], self.stack.port("smtp"))
        self.addCleanup(client.close)
        return client

    def reader(self):
        return self.stack.account("reader")

    def wait_until_no_retry_is_expected(self, reader) -> None:
        question = ("SELECT count(*) FROM posthouse.delivery_key JOIN posthouse.account USING (account_id) "
                    f"WHERE delivery_key.kind = 'c' AND address = '{reader.address}'")
        eventually(lambda: sql(self.stack, question) == "0")

    def send_then_leave(self, reader, octets: bytes, then: bytes) -> None:
        client = self.connect()
        client.mail(SENDER, [reader.address], octets, then)
        if then:
            self.assertEqual(client.reply()[0], 221)
        client.close()

    def test_smtpd_dies_between_the_250_of_lmtp_delivery_and_its_own(self):
        reader = self.reader()
        octets = mail(SENDER, reader.address)
        self.proxy.holding = True
        client = self.connect()
        lost = []

        def send():
            try:
                client.mail(SENDER, [reader.address], octets)
            except ConnectionError as error:
                lost.append(error)

        sending = threading.Thread(target=send)
        sending.start()
        self.assertTrue(self.proxy.held.wait(30))
        kill(self.stack, "smtpd")
        sending.join()
        self.assertEqual(len(lost), 1)
        self.assertEqual(len(self.stack.messages(reader)), 1)
        self.proxy.holding = False
        eventually(lambda: is_ready(self.stack, "smtpd"))
        again = self.connect()
        again.mail(SENDER, [reader.address], octets)
        again.quit()
        self.assertEqual(len(self.stack.messages(reader)), 1)

    def test_the_same_octets_sent_twice_on_purpose_arrive_twice(self):
        endings = {
            "QUIT after the reply": None,
            "QUIT in one write with the dot": b"QUIT\r\n",
            "closed after the reply": b"",
        }
        for name, then in endings.items():
            with self.subTest(name):
                reader = self.reader()
                octets = mail(SENDER, reader.address)
                for _ in range(2):
                    if then is None:
                        client = self.connect()
                        client.mail(SENDER, [reader.address], octets)
                        client.quit()
                    else:
                        self.send_then_leave(reader, octets, then)
                    self.wait_until_no_retry_is_expected(reader)
                self.assertEqual(len(self.stack.messages(reader)), 2)

    def test_a_client_that_stays_has_read_the_reply(self):
        reader = self.reader()
        octets = mail(SENDER, reader.address)
        stays = self.connect()
        stays.mail(SENDER, [reader.address], octets)
        self.wait_until_no_retry_is_expected(reader)  # nor, then, by other processes
        another = self.connect()
        another.mail(SENDER, [reader.address], octets)
        another.quit()
        stays.quit()
        self.assertEqual(len(self.stack.messages(reader)), 2)

    def test_the_same_octets_twice_in_one_session_arrive_twice(self):
        reader = self.reader()
        octets = mail(SENDER, reader.address)
        client = self.connect()
        for _ in range(2):
            client.mail(SENDER, [reader.address], octets)
        client.quit()
        self.assertEqual(len(self.stack.messages(reader)), 2)

    def test_the_same_octets_at_the_same_moment_arrive_twice(self):
        reader = self.reader()
        octets = mail(SENDER, reader.address)
        first, second = self.connect(), self.connect()
        first.mail(SENDER, [reader.address], octets)
        second.mail(SENDER, [reader.address], octets)
        first.quit()
        second.quit()
        self.assertEqual(len(self.stack.messages(reader)), 2)

    def test_a_client_that_left_while_its_mail_was_on_its_way_comes_again(self):
        reader = self.reader()
        octets = mail(SENDER, reader.address)
        self.proxy.holding = True
        impatient = self.connect()
        sending = threading.Thread(target=self.send_and_be_cut, args=(impatient, reader, octets))
        sending.start()
        self.assertTrue(self.proxy.held.wait(30))
        self.proxy.holding = False
        impatient.socket.shutdown(2)
        sending.join()
        again = self.connect()
        again.mail(SENDER, [reader.address], octets)
        again.quit()
        self.assertEqual(len(self.stack.messages(reader)), 1)

    def send_and_be_cut(self, client: Smtp, reader, octets: bytes) -> None:
        with self.assertRaises(OSError):
            client.mail(SENDER, [reader.address], octets)

    def test_a_mailbox_that_was_made_again_takes_the_same_octets_twice(self):
        reader = self.reader()
        self.send_then_leave(reader, mail(SENDER, reader.address), b"QUIT\r\n")  # smtpd remembers the account that goes
        self.wait_until_no_retry_is_expected(reader)
        self.assertEqual(self.stack.mailctl("user", "remove", reader.address).returncode, 0)
        self.assertEqual(self.stack.mailctl("user", "add", reader.address, "--password-stdin", secret=reader.password).returncode, 0)
        octets = mail(SENDER, reader.address)
        for _ in range(2):
            self.send_then_leave(reader, octets, b"QUIT\r\n")
            self.wait_until_no_retry_is_expected(reader)
        self.assertEqual(len(self.stack.messages(reader)), 2)


if __name__ == "__main__":
    unittest.main()
