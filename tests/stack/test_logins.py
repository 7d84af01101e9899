"""How people and machines log in: each SASL mechanism with a client that nobody here wrote."""

import contextlib
import imaplib
import json
import poplib
import smtplib
import subprocess
import unittest

from . import clients
from .harness import Account, StackTest, mail
from .troubles import sql

SCRAM = ("SCRAM-SHA-1", "SCRAM-SHA-256")
PLUS = tuple(f"{mechanism}-PLUS" for mechanism in SCRAM)
OFFERED = {*SCRAM, "PLAIN", "LOGIN"}


class Logins(StackTest):
    settings = (f"accountd.mechanisms={json.dumps([*PLUS, *SCRAM, 'PLAIN', 'LOGIN'])}",)

    def setUp(self):
        self.user = self.stack.account("user")
        self.server = self.stack["HOST"]

    def gsasl(self, protocol: str, port: str, mechanism: str, password: str) -> subprocess.CompletedProcess:
        """GNU SASL, which begins TLS by itself, and binds to it."""
        return self.run_client("gsasl", "--client", f"--{protocol}", "--connect", f"{self.server}:{self.stack.port(port)}", "--mechanism", mechanism,
                               "--authentication-id", self.user.address, "--password", password, "--x509-ca-file", self.stack["CA_FILE"],
                               status=None)

    def scram(self, password: str) -> subprocess.CompletedProcess:
        return self.gsasl("imap", "imap", "SCRAM-SHA-256-PLUS", password)

    def test_what_is_announced_depends_on_the_connection(self):
        self.stack.wait_for_mechanism("SCRAM-SHA-256")
        with imaplib.IMAP4(self.server, self.stack.port("imap")) as client:
            self.assertEqual({word[5:] for word in capability(client) if word.startswith("AUTH=")}, OFFERED)
            client.starttls(self.stack.tls())
            self.assertEqual({word[5:] for word in capability(client) if word.startswith("AUTH=")}, {*OFFERED, *PLUS})
        with smtplib.SMTP(self.server, self.stack.port("submission")) as client:
            client.ehlo()
            self.assertEqual(set(client.esmtp_features["auth"].split()), OFFERED)
            client.starttls(context=self.stack.tls())
            client.ehlo()
            self.assertEqual(set(client.esmtp_features["auth"].split()), {*OFFERED, *PLUS})
        client = poplib.POP3_SSL(self.server, self.stack.port("pop3s"), context=self.stack.tls())
        self.assertEqual(set(client.capa()["SASL"]), {*OFFERED, *PLUS})
        client.quit()

    def test_gnu_sasl_bound_to_tls(self):
        for protocol, port in (("imap", "imap"), ("smtp", "submission")):
            for mechanism in PLUS:
                with self.subTest(protocol=protocol, mechanism=mechanism):
                    done = self.gsasl(protocol, port, mechanism, self.user.password)
                    self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                    self.assertNotEqual(self.gsasl(protocol, port, mechanism, "wrong").returncode, 0)

    def test_msmtp_and_mpop_by_scram(self):
        reader = self.stack.account("reader")
        secret = f"""echo '{self.user.password}'"""
        for mechanism in ("scram-sha-1", "scram-sha-256"):
            sent = self.run_client("msmtp", f"--host={self.server}", f"--port={self.stack.port('submission')}", "--tls=on", "--tls-starttls=on",
                                   f"--tls-trust-file={self.stack['CA_FILE']}", f"--auth={mechanism}", f"--user={self.user.address}",
                                   f"--passwordeval={secret}", f"--from={self.user.address}", reader.address,
                                   text=mail(self.user.address, reader.address, mechanism).decode())
            self.assertEqual(sent.returncode, 0)
        self.assertEqual(len(self.stack.wait_for_mail(reader, 2)), 2)
        folder = self.folder()
        for mechanism in ("scram-sha-1", "scram-sha-256"):
            spool = folder / mechanism
            configuration = clients.mpop(self.stack, folder, reader.address, mechanism, spool, f"echo '{reader.password}'")
            self.run_client("mpop", f"--file={configuration}", "here")
            self.assertEqual(spool.read_text().count("\nSubject: scram-sha-"), 2)

    def test_mbsync_by_scram(self):
        folder = self.folder()
        for mechanism in SCRAM:
            (folder / mechanism).mkdir()
            configuration = clients.mbsync(self.stack, folder, self.user, mechanism, f"AuthMechs {mechanism}")
            self.run_client("mbsync", "-c", configuration, "all")
            self.assertTrue((folder / mechanism / "INBOX" / "cur").is_dir())

    def test_a_new_password_replaces_the_old_ones_keys(self):
        self.assertEqual(self.scram(self.user.password).returncode, 0)
        self.assertEqual(self.stack.mailctl("user", "passwd", self.user.address, "--password-stdin", secret="another one").returncode, 0)
        self.assertIn("AUTHENTICATIONFAILED", self.scram(self.user.password).stdout)
        self.assertEqual(self.scram("another one").returncode, 0)

    def test_keys_come_with_the_first_login_where_there_are_none(self):
        sql(self.stack, f"UPDATE posthouse.login SET scram = '' WHERE login_norm = '{self.user.address}'")
        self.assertIn("AUTHENTICATIONFAILED", self.scram(self.user.password).stdout)
        self.stack.imap(self.user).logout()
        self.assertEqual(self.scram(self.user.password).returncode, 0)

    def test_a_disabled_account_is_told_so_only_with_its_password(self):
        self.assertEqual(self.stack.mailctl("user", "disable", self.user.address).returncode, 0)
        self.assertIn("CONTACTADMIN", self.scram(self.user.password).stdout)
        self.assertIn("AUTHENTICATIONFAILED", self.scram("wrong").stdout)

    def test_nothing_of_a_password_is_in_a_log(self):
        secret = f"unmistakable {self.user.local_part}"
        self.assertEqual(self.stack.mailctl("user", "passwd", self.user.address, "--password-stdin", secret=secret).returncode, 0)
        for password in (secret, secret + " wrong"):
            self.scram(password)
            with contextlib.suppress(imaplib.IMAP4.error):
                self.stack.imap(Account(self.user.address, password)).logout()
        for log in (self.stack.data / "log").iterdir():
            self.assertNotIn("unmistakable", log.read_text(errors="replace"), log)


def capability(client: imaplib.IMAP4) -> list[str]:
    _, answer = client.capability()
    return answer[0].decode().split()


if __name__ == "__main__":
    unittest.main()
