"""ANONYMOUS (RFC 4505): anybody reads one account's mail over IMAP and POP3, and changes nothing."""

import base64
import imaplib
import json
import poplib
import smtplib
import subprocess
import unittest

from .harness import StackTest, eventually, mail
from .raw import Raw

ARCHIVE = "archive@mail.test"
TRACE = "sirhc"


class Anonymous(StackTest):
    settings = (f"accountd.anonymous_account={ARCHIVE}",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reader = cls.stack.account("reader")
        done = cls.stack.mailctl("shared", "add", ARCHIVE, cls.reader.address)
        assert done.returncode == 0, done.stderr
        with cls.stack.smtp() as client:
            client.sendmail("someone@elsewhere.test", [ARCHIVE], mail("someone@elsewhere.test", ARCHIVE, "for everybody"))
        eventually(cls.has_arrived)

    @classmethod
    def has_arrived(cls) -> bool:
        with cls.imap_anonymously() as client:
            return client.select(readonly=True)[1] == [b"1"]

    @classmethod
    def imap_anonymously(cls) -> imaplib.IMAP4_SSL:
        client = imaplib.IMAP4_SSL(cls.stack["HOST"], cls.stack.port("imaps"), ssl_context=cls.stack.tls(), timeout=30)
        client.authenticate("ANONYMOUS", lambda _: TRACE.encode())
        return client

    def test_it_is_announced_where_mail_is_read_and_nowhere_else(self):
        host = self.stack["HOST"]
        with imaplib.IMAP4(host, self.stack.port("imap")) as client:
            eventually(lambda: b"AUTH=ANONYMOUS" in client.capability()[1][0].split())
        client = poplib.POP3_SSL(host, self.stack.port("pop3s"), context=self.stack.tls())
        eventually(lambda: "ANONYMOUS" in client.capa()["SASL"])
        client.quit()
        with smtplib.SMTP(host, self.stack.port("submission")) as client:
            client.starttls(context=self.stack.tls())
            client.ehlo()
            eventually(lambda: "SCRAM-SHA-256" in (client.ehlo(), client.esmtp_features["auth"])[1])
            self.assertNotIn("ANONYMOUS", client.esmtp_features["auth"])
            code, _ = client.docmd("AUTH", "ANONYMOUS " + base64.b64encode(TRACE.encode()).decode())
            self.assertEqual(code, 504)

    def gsasl(self, protocol: str, port: str) -> subprocess.CompletedProcess:
        return self.run_client("gsasl", "--client", f"--{protocol}", "--connect", f"{self.stack['HOST']}:{self.stack.port(port)}", "--mechanism",
                               "ANONYMOUS", "--anonymous-token", TRACE, "--x509-ca-file", self.stack["CA_FILE"], status=None)

    def test_with_gnu_sasl(self):
        done = self.gsasl("imap", "imap")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertNotEqual(self.gsasl("smtp", "submission").returncode, 0)
        log = self.stack.data / "log" / "accountd.log"
        entry = next(json.loads(line) for line in log.read_text().splitlines() if '"auth.anonymous"' in line)
        self.assertEqual(entry["trace"], TRACE)

    def test_imap_reads_and_changes_nothing(self):
        with self.imap_anonymously() as client:
            self.assertEqual(client.select(readonly=True), ("OK", [b"1"]))
            _, fetched = client.fetch("1", "(BODY[])")
            self.assertIn(b"Subject: for everybody", fetched[0][1])
        with Raw(self.stack, "imap") as client:
            client.line()
            trace = base64.b64encode(TRACE.encode())
            self.assertEqual(client.ask(b"a AUTHENTICATE ANONYMOUS\r\n"), b"+ ")
            self.assertIn(b"a OK [CAPABILITY ", client.ask(trace + b"\r\n"))
            self.assertIn(b"OK [READ-ONLY]", client.tagged(b"b", b"b SELECT INBOX\r\n"))
            for command in (b"STORE 1 +FLAGS (\\Deleted)", b"COPY 1 INBOX", b"EXPUNGE", b"CREATE mine", b"DELETE Archive",
                            b"SUBSCRIBE Archive", b"APPEND INBOX {10}"):
                self.assertIn(b"c NO [NOPERM]", client.tagged(b"c", b"c " + command + b"\r\n"))
            client.tagged(b"d", b"d FETCH 1 BODY[]\r\n")
            self.assertIn(b"e OK", client.tagged(b"e", b"e CLOSE\r\n"))
        self.assert_nothing_changed()

    def assert_nothing_changed(self):
        with self.imap_anonymously() as client:
            client.select(readonly=True)
            self.assertEqual(client.search(None, "UNSEEN"), ("OK", [b"1"]))

    def test_pop3_reads_and_changes_nothing(self):
        for _ in range(2):
            client = poplib.POP3_SSL(self.stack["HOST"], self.stack.port("pop3s"), context=self.stack.tls(), timeout=30)
            client._shortcmd("AUTH ANONYMOUS " + base64.b64encode(TRACE.encode()).decode())
            self.assertEqual(client.stat()[0], 1)
            self.assertIn(b"Subject: for everybody", client.retr(1)[1])
            with self.assertRaises(poplib.error_proto):
                client.dele(1)
            client.quit()
        self.assert_nothing_changed()


if __name__ == "__main__":
    unittest.main()
