"""Bad input over IMAP, and mail that is made to cost much: a clear answer, bounded memory, others served, nothing lost."""

import contextlib
import poplib
import socket
import unittest

from .harness import mail
from .raw import MIB, AbuseTest


def fields(*lines: bytes) -> bytes:
    return b"\r\n".join((b"From: a@elsewhere.test", b"Date: Sun, 22 Nov 2026 12:00:00 +0000", *lines)) + b"\r\n"


def nested(depth: int) -> bytes:
    return b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(depth))


# What a mail can be made of; each is taken, and read again as it was.
COSTLY = {
    "multiparts nested 10,000 deep": nested(10_000) + b"\r\nx\r\n",
    "messages nested 10,000 deep": b"Content-Type: message/rfc822\r\n\r\n" * 10_000 + b"Subject: x\r\n\r\nx\r\n",
    "1,000,000 parts": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * 1_000_000,
    "boundaries that begin each other": b"".join(
        b"Content-Type: multipart/mixed; boundary=%b\r\n\r\n--%b\r\n" % (b"a" * i, b"a" * i) for i in range(1, 70)) + b"\r\n--aaab\r\n" * 100_000,
    "100,000 fields": fields(*[b"X-%d: y" % i for i in range(60_000)]) + b"\r\nx\r\n",
    "a field in 100,000 pieces": fields(b"Subject: x\r\n " + b"y\r\n " * 100_000 + b"z") + b"\r\nx\r\n",
    "100,000 references": fields(b"References:" + b"\r\n <a@b>" * 100_000) + b"\r\nx\r\n",
    "encoded words": fields(b"Subject: " + b"=?x%d?q?a?=\r\n =?iso-2022-jp?b?GyRCMCEbKEI=?=\r\n =?=?" * 10_000) + b"\r\nx\r\n",
    "parameters in pieces": fields(b"Content-Type: text/plain" + b";\r\n name*1000000=a;\r\n name*1*=b;\r\n name*=c" * 10_000) + b"\r\nx\r\n",
    "a charset of garbage": fields(b"Content-Type: text/plain; charset=\"" + b"\x7f(x" * 1000 + b"\"") + b"\r\n\xff\xfe\r\n",
    "base 64 of nothing": fields(b"Content-Type: text/plain", b"Content-Transfer-Encoding: base64") + b"\r\n" + b"====\r\n" * 200_000,
    "quoted-printable of blanks": fields(b"Content-Transfer-Encoding: quoted-printable") + b"\r\n" + b"=" + b" " * 900 + b"\r\n" * 200_000,
    "dates out of range": b"From: x\r\nDate: Sun, 99 Foo 99999999999999 99:99:99 +9999\r\n\r\nx\r\n",
    "100,000 addresses": fields(b"To: a@b.test" + b",\r\n g: \"n\" <a@b.test>;" * 30_000) + b"\r\nx\r\n",
    "a Content-Type for each part": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + (
        b"--b\r\nContent-Type: a/b" + b"".join(b";\r\n a%d=b" % i for i in range(200)) + b"\r\n\r\n") * 2_000,
}


poplib._MAXLINE = 1 << 20  # lines are as long as they were sent


class AbuseImap(AbuseTest):
    settings = ("imapd.append_memory=64MiB", "imapd.max_message_size=40MiB", "smtpd.delivery_budget=50s")

    def setUp(self):
        self.reader = self.stack.account("reader")

    def test_costly_mails_are_taken_and_read_again_as_they_were(self):
        with self.bounded(smtpd=64 * MIB, filterd=96 * MIB, **{"lmtp-delivery": 128 * MIB}, imapd=128 * MIB, pop3d=32 * MIB):
            for name, message in COSTLY.items():
                with self.subTest(name):
                    client = self.transaction("smtp", self.reader)
                    client.send(message + b".\r\n")
                    self.assertTrue(client.reply().startswith(b"250"), name)
            self.stack.wait_for_mail(self.reader, len(COSTLY))
            with contextlib.closing(self.stack.pop3(self.reader)) as client:
                for number, (name, message) in enumerate(COSTLY.items(), 1):
                    with self.subTest(name, reading="POP3"):
                        octets = b"\r\n".join(client.retr(number)[1]) + b"\r\n"
                        self.assertTrue(octets.endswith(message))
            client = self.logged_in(self.reader)
            self.assertIn(b"s OK", client.tagged(b"s", b"s SELECT INBOX\r\n"))
            for number in range(1, len(COSTLY) + 1):
                for item in (b"(ENVELOPE BODYSTRUCTURE)", b"BODY", b"BODY.PEEK[HEADER.FIELDS (Subject)]", b"BODY.PEEK[1.1.1.MIME]"):
                    with self.subTest(number, item=item):
                        self.assertIn(b"\nf OK", client.tagged(b"f", b"f FETCH %d %b\r\n" % (number, item)))
            self.assertIn(b"\ng OK", client.tagged(b"g", b"g SEARCH OR TEXT nowhere (BODY neither HEADER Subject x)\r\n"))
            self.assert_others_are_served()

    def test_50_text_keys_over_a_mail_of_20_mib_do_not_hold_up_others(self):
        message = fields() + b"\r\n" + b"a" * 998 + b"\r\n"
        with self.stack.imap(self.reader) as client:
            client.append("INBOX", None, None, message + (b"a" * 998 + b"\r\n") * 20_000)
        client = self.logged_in(self.reader)
        client.tagged(b"s", b"s SELECT INBOX\r\n")
        with self.bounded(imapd=160 * MIB):
            client.send(b"f SEARCH" + (b" NOT BODY " + b"a" * 900 + b"b") * 50 + b"\r\n")
            self.assert_others_are_served()
            self.assertIn(b"* SEARCH 1\nf OK", client.tagged(b"f"))
        self.assertIn(b"g BAD", client.tagged(b"g", b"g SEARCH" + b" TEXT x" * 51 + b"\r\n"))

    def test_a_line_of_a_mebibyte_is_told(self):
        with self.bounded(imapd=4 * MIB):
            client = self.raw("imap")
            client.line()
            client.send(b"a NOOP " + b"x" * MIB + b"\r\n")
            self.assertTrue(client.rest().startswith(b"* BYE [TOOBIG]"))
        self.assert_others_are_served()

    def test_nul_and_eight_bit_octets_are_bad_and_the_session_goes_on(self):
        client = self.logged_in(self.reader)
        for line in (b"b NO\0OP", b"b SELECT \xff", b"b SELECT \"a\0b\"", b"b LIST \"\" \xc3\xbc", b"b SELECT {3+}\r\na\0b", b"\0", b"\xff\xfe NOOP",
                     b"b STORE 1 FLAGS (\xff)", b"b SEARCH TEXT \"\0\"", b"+ NOOP", b" NOOP", b"", b"b SELECT &", b"b SELECT &Jjo"):
            with self.subTest(line):
                self.assertRegex(client.ask(line + b"\r\n"), rb"^(b|\*) (BAD|NO) ")
                self.assertIn(b"c OK", client.tagged(b"c", b"c NOOP\r\n"))

    def test_a_literal_that_is_announced_and_not_sent_holds_nothing(self):
        with self.bounded(imapd=8 * MIB):
            client = self.raw("imap")
            client.line()
            self.assertIn(b"b NO [TOOBIG]", client.tagged(b"b", b"b LOGIN {4294967295}\r\n"))
            self.assertIn(b"c BAD", client.tagged(b"c", b"c APPEND INBOX {10}\r\n"))
            waiting = []
            for _ in range(200):
                one = self.raw("imap")
                one.line()
                self.assertTrue(one.ask(b"a LOGIN {60000}\r\n").startswith(b"+ "))
                waiting.append(one)
            for _ in range(20):
                one = self.logged_in(self.reader)
                self.assertTrue(one.ask(b"a APPEND INBOX {41943040}\r\n").startswith(b"+ "))
                waiting.append(one)
            another = self.logged_in(self.reader)
            self.assertIn(b"b NO [TOOBIG]", another.tagged(b"b", b"b APPEND INBOX {4294967295}\r\n"))
            self.assert_others_are_served()
        message = fields() + b"\r\nx\r\n" + b"y" * (30 * MIB)
        self.assertIn(b"d OK", another.tagged(b"d", b"d APPEND INBOX {%d+}\r\n" % len(message) + message + b"\r\n"))
        for one in waiting:
            one.socket.close()
        self.assertEqual(self.stack.messages(self.reader), [message])

    def test_a_mail_left_in_the_middle_is_not_stored(self):
        client = self.logged_in(self.reader)
        self.assertTrue(client.ask(b"a APPEND INBOX {1000}\r\n").startswith(b"+ "))
        client.send(b"Subject: half\r\n\r\n")
        client.socket.shutdown(socket.SHUT_WR)
        self.assertNotIn(b"a OK", client.rest())
        self.assertEqual(self.stack.messages(self.reader), [])

    def test_a_header_of_30_mib_is_refused(self):
        message = b"Subject: x\r\n" + b"X-Filling: y\r\n" * (30 * MIB // 14)
        client = self.logged_in(self.reader)
        with self.bounded(imapd=90 * MIB):
            self.assertIn(b"a NO [TOOBIG]", client.tagged(b"a", b"a APPEND INBOX {%d+}\r\n" % len(message) + message + b"\r\n"))
        self.assertIn(b"c OK", client.tagged(b"c", b"c NOOP\r\n"))
        self.assertEqual(self.stack.messages(self.reader), [])

    def test_commands_that_grow_without_sense_are_bad(self):
        client = self.logged_in(self.reader)
        with self.stack.imap(self.reader) as other:
            other.append("INBOX", None, None, mail("a@x.test", self.reader.address))
        client.tagged(b"s", b"s SELECT INBOX\r\n")
        bad = (b"SEARCH " + b"(" * 10_000 + b"ALL" + b")" * 10_000, b"SEARCH" + b" NOT" * 10_000 + b" ALL", b"SEARCH" + b" OR" * 10_000,
               b"SEARCH" + b" SEEN" * 10_000, b"FETCH 1 (" + b"FLAGS " * 10_000 + b"UID)", b"FETCH 1 BODY[" + b"1." * 10_000 + b"1]",
               b"FETCH 1 BODY[HEADER.FIELDS (" + b"a " * 10_000 + b"b)]", b"STORE 1 FLAGS (" + b" ".join(b"k%d" % i for i in range(5_000)) + b")",
               b"STORE 1 FLAGS (" + b"k" * 10_000 + b")", b"LOGIN" + b" {0+}\r\n" * 8_000, b"ID (" + b'"a" "b" ' * 5_000 + b'"a" "b")', b"FETCH 0 FLAGS",
               b"FETCH 4294967296 FLAGS", b"STATUS INBOX (" + b"MESSAGES " * 5_000 + b"UNSEEN)", b"NOOP " + b"x" * 60_000, b"((((((((((", b"x" * 60_000)
        for command in bad:
            with self.subTest(command[:40]):
                self.assertIn(b"b BAD", client.tagged(b"b", b"b " + command + b"\r\n"))
                self.assertIn(b"c OK", client.tagged(b"c", b"c NOOP\r\n"))
        for command in (b"UID FETCH " + b"1:4294967295," * 4_000 + b"1 FLAGS", b"UID SEARCH " + b"*:1," * 10_000 + b"4294967295",
                        b"LIST \"\" \"" + b"%*" * 30_000 + b"\"", b"LIST \"\" \"" + b"*a" * 30_000 + b"\"", b"LSUB \"\" \"" + b"%*x" * 20_000 + b"\""):
            with self.subTest(command[:40]):
                self.assertIn(b"d OK", client.tagged(b"d", b"d " + command + b"\r\n"))

    def test_names_and_keywords_beyond_their_limits_are_refused(self):
        client = self.logged_in(self.reader)
        for name in (b"x" * 2_000, b"x/" * 40 + b"x", b"/".join([b"x" * 250] * 5), b"a//b", b"", b"&AAA-", b"50%"):
            with self.subTest(name[:20]):
                self.assertRegex(client.tagged(b"b", b'b CREATE "' + name + b'"\r\n'), rb"b (NO|BAD) ")
        with self.stack.imap(self.reader) as other:
            other.append("INBOX", None, None, mail("a@x.test", self.reader.address))
        client.tagged(b"s", b"s SELECT INBOX\r\n")
        answers = [client.tagged(b"b", b"b STORE 1 +FLAGS.SILENT (k%d)\r\n" % i) for i in range(80)]
        self.assertIn(b"b OK", answers[0])
        self.assertIn(b"b NO [LIMIT]", answers[-1])
        self.assertIn(b"c OK", client.tagged(b"c", b"c FETCH 1 FLAGS\r\n"))

    def test_garbage_in_idle_is_bad(self):
        client = self.logged_in(self.reader)
        self.assertTrue(client.ask(b"a IDLE\r\n").startswith(b"+ "))
        self.assertIn(b"a BAD", client.tagged(b"a", b"\0\xffx" * 1000 + b"\r\n"))
        self.assertIn(b"c OK", client.tagged(b"c", b"c NOOP\r\n"))

    def test_an_append_with_a_wrong_date_is_bad_and_its_message_is_passed_over(self):
        client = self.logged_in(self.reader)
        for date in (b'"32-Feb-2026 00:00:00 +0000"', b'"01-Jan-99999 00:00:00 +0000"', b'"01-Jan-2026 25:00:00 +0000"', b'"' + b"1" * 10_000 + b'"'):
            self.assertIn(b"a BAD", client.tagged(b"a", b"a APPEND INBOX " + date + b" {10+}\r\na NOOP\r\n12\r\n"))
            self.assertIn(b"c OK", client.tagged(b"c", b"c NOOP\r\n"))
        self.assertEqual(self.stack.messages(self.reader), [])

    def test_many_bad_commands_end_the_session(self):
        client = self.raw("imap")
        client.line()
        client.send(b"a XYZZY\r\n" * 10_000)
        lines = client.rest().split(b"\n")
        self.assertTrue(lines[0].startswith(b"a BAD"))
        self.assertTrue(any(line.startswith(b"* BYE Too many bad commands") for line in lines[-2:]), lines[-2:])
        self.assertLess(len(lines), 50)

    def test_a_half_closed_connection_is_answered_and_closed(self):
        client = self.logged_in(self.reader)
        client.send(b"a NOOP\r\nb NOOP\r\nc NO")
        client.socket.shutdown(socket.SHUT_WR)
        self.assertIn(b"b OK", client.rest())

    def test_a_mailbox_of_thousands_is_listed_by_pop3(self):
        with self.stack.imap(self.reader) as client:
            client.append("INBOX", None, None, mail("a@x.test", self.reader.address))
            client.select("INBOX")
            for _ in range(13):
                self.assertEqual(client.copy("1:*", "INBOX")[0], "OK")
                client.noop()
        with self.bounded(pop3d=8 * MIB), contextlib.closing(self.stack.pop3(self.reader)) as client:
            self.assertEqual(client.stat()[0], 8192)
            self.assertEqual(len(client.list()[1]), 8192)
            self.assertEqual(len(client.uidl()[1]), 8192)
            self.assertIn(b"A body.", client.top(8192, 4294967295)[1])


if __name__ == "__main__":
    unittest.main()
