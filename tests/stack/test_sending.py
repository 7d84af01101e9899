"""Mail goes in: submission and the port for other servers, with smtplib, curl, swaks, msmtp and neomutt."""

import smtplib
import ssl
import unittest

from .harness import StackTest, mail

GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\r\n"
EICAR = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*\r\n"  # in two, so that no scanner finds it here


class Sending(StackTest):
    def setUp(self):
        self.sender = self.stack.account("sender")
        self.reader = self.stack.account("reader")

    def assert_arrives(self, *contents: bytes):
        (message,) = self.stack.wait_for_mail(self.reader)
        for content in contents:
            self.assertIn(content, message)

    def test_smtplib_as_another_server(self):
        with self.stack.smtp() as client:
            client.sendmail("someone@elsewhere.test", [self.reader.address], mail("someone@elsewhere.test", self.reader.address))
        self.assert_arrives(b"Return-Path: <someone@elsewhere.test>", b"Received: from client.test", b"X-Spam-", b"A body.")

    def test_smtplib_with_starttls_as_another_server(self):
        with self.stack.smtp() as client:
            client.starttls(context=self.stack.tls())
            client.sendmail("someone@elsewhere.test", [self.reader.address], mail("someone@elsewhere.test", self.reader.address))
        self.assert_arrives(b"ESMTPS")

    def test_smtplib_submission_over_tls(self):
        with smtplib.SMTP_SSL(self.stack["HOST"], self.stack.port("submissions"), context=self.stack.tls()) as client:
            client.login(self.sender.address, self.sender.password)
            client.sendmail(self.sender.address, [self.reader.address], mail(self.sender.address, self.reader.address))
        self.assert_arrives(b"ESMTPSA")

    def test_every_recipient_gets_a_copy(self):
        readers = [self.stack.account("many") for _ in range(3)]
        with self.stack.smtp(self.sender) as client:
            client.sendmail(self.sender.address, [reader.address for reader in readers], mail(self.sender.address, "all@mail.test"))
        for reader in readers:
            self.assertEqual(len(self.stack.wait_for_mail(reader)), 1)

    def test_an_alias_reaches_its_members(self):
        second = self.stack.account("second")
        name = f"team-{self.reader.local_part}@mail.test"
        self.assertEqual(self.stack.mailctl("alias", "add", name, self.reader.address, second.address).returncode, 0)
        with self.stack.smtp() as client:
            client.sendmail("someone@elsewhere.test", [name], mail("someone@elsewhere.test", name))
        for reader in (self.reader, second):
            self.assertEqual(len(self.stack.wait_for_mail(reader)), 1)

    def test_the_same_octets_sent_twice_are_two_mails(self):
        octets = mail(self.sender.address, self.reader.address)
        for _ in range(2):
            with self.stack.smtp(self.sender) as client:
                client.sendmail(self.sender.address, [self.reader.address], octets)
        self.assertEqual(len(self.stack.wait_for_mail(self.reader, 2)), 2)

    def test_a_wrong_password_is_refused(self):
        with smtplib.SMTP(self.stack["HOST"], self.stack.port("submission")) as client:
            client.starttls(context=self.stack.tls())
            with self.assertRaises(smtplib.SMTPAuthenticationError):
                client.login(self.sender.address, "wrong")

    def test_submission_wants_a_login(self):
        with smtplib.SMTP(self.stack["HOST"], self.stack.port("submission")) as client, self.assertRaises(smtplib.SMTPSenderRefused) as refusal:
            client.sendmail(self.sender.address, [self.reader.address], mail(self.sender.address, self.reader.address))
        self.assertEqual(refusal.exception.smtp_code, 530)

    def test_a_stranger_may_not_relay(self):
        with self.stack.smtp() as client:
            client.ehlo()
            client.mail("someone@elsewhere.test")
            code, _ = client.rcpt("somebody@elsewhere.test")
        self.assertIn(code, (550, 554))

    def test_an_unknown_recipient_is_refused_at_rcpt(self):
        with self.stack.smtp() as client:
            client.ehlo()
            client.mail("someone@elsewhere.test")
            code, text = client.rcpt("nobody@mail.test")
        self.assertEqual((code, text[:5]), (550, b"5.1.1"))

    def test_gtube_is_refused_in_the_session(self):
        with self.stack.smtp() as client, self.assertRaises(smtplib.SMTPDataError) as refusal:
            client.sendmail("someone@elsewhere.test", [self.reader.address],
                            mail("someone@elsewhere.test", self.reader.address, body=GTUBE))
        self.assertEqual(refusal.exception.smtp_code // 100, 5)
        self.assertEqual(self.stack.messages(self.reader), [])

    def test_eicar_is_refused_in_the_session(self):
        with self.stack.smtp() as client, self.assertRaises(smtplib.SMTPDataError) as refusal:
            client.sendmail("someone@elsewhere.test", [self.reader.address],
                            mail("someone@elsewhere.test", self.reader.address, body=EICAR))
        self.assertEqual(refusal.exception.smtp_code // 100, 5)
        self.assertEqual(self.stack.messages(self.reader), [])

    def test_a_message_over_the_quota_is_refused_in_the_session(self):
        small = self.stack.account("small", "--quota", "64KiB")
        with self.stack.smtp() as client, self.assertRaises((smtplib.SMTPDataError, smtplib.SMTPRecipientsRefused)):
            client.sendmail("someone@elsewhere.test", [small.address],
                            mail("someone@elsewhere.test", small.address, body="0123456789abcdef\r\n" * 10000))
        self.assertEqual(self.stack.messages(small), [])

    def test_the_certificate_is_checked_against_our_authority_only(self):
        with smtplib.SMTP(self.stack["HOST"], self.stack.port("submission")) as client, self.assertRaises(ssl.SSLError):
            client.starttls(context=ssl.create_default_context())

    def curl(self, url: str, *options: str):
        message = self.folder() / "message"
        message.write_bytes(mail(self.sender.address, self.reader.address))
        self.run_client("curl", "-sS", "--cacert", self.stack["CA_FILE"], url, *options, "--mail-from", self.sender.address,
                        "--mail-rcpt", self.reader.address, "--user", f"{self.sender.address}:{self.sender.password}", "-T", message)
        self.assert_arrives(b"A body.")

    def test_curl_with_starttls(self):
        self.curl(f"smtp://{self.stack['HOST']}:{self.stack.port('submission')}", "--ssl-reqd")

    def test_curl_over_tls(self):
        self.curl(f"smtps://{self.stack['HOST']}:{self.stack.port('submissions')}")

    def test_curl_in_the_clear_from_this_machine(self):
        self.curl(f"smtp://{self.stack['HOST']}:{self.stack.port('submission')}")

    def swaks(self, port: str, *options: object):
        self.run_client("swaks", "--server", self.stack["HOST"], "--port", self.stack.port(port), "--ehlo", "client.test",
                        "--from", self.sender.address, "--to", self.reader.address, "--body", "From swaks.", *options)
        self.assert_arrives(b"From swaks.")

    def test_swaks_with_starttls_and_auth_plain(self):
        self.swaks("submission", "--tls", "--tls-verify", "--tls-ca-path", self.stack["CA_FILE"], "--auth", "PLAIN",
                   "--auth-user", self.sender.address, "--auth-password", self.sender.password)

    def test_swaks_over_tls_and_auth_login(self):
        self.swaks("submissions", "--tls-on-connect", "--auth", "LOGIN", "--auth-user", self.sender.address,
                   "--auth-password", self.sender.password)

    def test_swaks_pipelines(self):
        self.swaks("smtp", "--pipeline")

    def test_swaks_attaches_a_picture(self):
        picture = "/usr/lib/python3.11/test/test_email/data/python.png"
        self.swaks("smtp", "--attach-type", "image/png", "--attach", f"@{picture}")

    def test_msmtp(self):
        configuration = self.folder() / "msmtprc"
        configuration.write_text(f"""account default
host localhost
port {self.stack.port('submission')}
tls on
tls_starttls on
tls_trust_file {self.stack['CA_FILE']}
auth on
user {self.sender.address}
password {self.sender.password}
from {self.sender.address}
""")
        configuration.chmod(0o600)
        self.run_client("msmtp", "-C", configuration, self.reader.address, text=f"To: {self.reader.address}\n\nFrom msmtp.\n")
        self.assert_arrives(b"From msmtp.")

    def test_neomutt_in_batch(self):
        home = self.folder()
        configuration = home / "neomuttrc"
        configuration.write_text(f"""set from = "{self.sender.address}"
set smtp_url = "smtps://{self.sender.address}@localhost:{self.stack.port('submissions')}"
set smtp_pass = "{self.sender.password}"
set certificate_file = "{self.stack['CA_FILE']}"
set copy = no
""")
        self.run_client("neomutt", "-n", "-F", configuration, "-s", "From neomutt", "--", self.reader.address, text="A body.\n",
                        env={"HOME": str(home), "PATH": "/usr/bin:/bin", "TERM": "dumb"})
        self.assert_arrives(b"Subject: From neomutt", b"A body.")


if __name__ == "__main__":
    unittest.main()
