"""Logins by bearer tokens (OAUTHBEARER, RFC 7628, and XOAUTH2), with clients that nobody here wrote and an issuer of the test's own."""

import base64
import imaplib
import json
import poplib
import smtplib
import unittest

from . import clients
from .harness import Stack, StackTest, eventually, mail
from .issuer import Issuer, Key, base64url
from .troubles import metric

MECHANISMS = ("OAUTHBEARER", "XOAUTH2")


def table(**keys: object) -> str:
    return "{" + ", ".join(f"{key} = {json.dumps(value)}" for key, value in keys.items()) + "}"


def message(mechanism: str, address: str, token: str) -> bytes:
    if mechanism == "XOAUTH2":
        return f"user={address}\x01auth=Bearer {token}\x01\x01".encode()
    return f"n,a={address},\x01host=localhost\x01port=993\x01auth=Bearer {token}\x01\x01".encode()


class Bearer(StackTest):
    @classmethod
    def setUpClass(cls):
        cls.issuer = Issuer()
        cls.addClassCleanup(cls.issuer.close)
        common = {"scope": "mail", "domains": ["mail.test"], "ca_file": str(cls.issuer.ca_file)}
        found = table(issuer=cls.issuer.url, audiences=["mail"], **common)
        asked = table(issuer="opaque", introspection_url=cls.issuer.url + "/introspect", client_id="posthouse", client_secret=cls.issuer.secret,
                      introspection_memory="1s", **common)
        cls.settings = (f"accountd.oauth=[{found}, {asked}]",)
        super().setUpClass()
        cls.stack.wait_for_mechanism("OAUTHBEARER")

    def setUp(self):
        self.user = self.stack.account("user")
        self.server = self.stack["HOST"]

    def curl(self, mechanism: str, token: str, scheme: str, port: str, *more: str, status: int | None = 0, text: str = ""):
        return self.run_client("curl", "--silent", "--show-error", "--cacert", self.stack["CA_FILE"], "--ssl-reqd", "--user", f"{self.user.address}:",
                               "--oauth2-bearer", token, "--login-options", f"AUTH={mechanism}", f"{scheme}://{self.server}:{self.stack.port(port)}/",
                               *more, status=status, text=text)

    def imap(self, mechanism: str, token: str, address: str = "") -> tuple[str, list[bytes]]:
        """What came of a login, and the challenges that came before."""
        challenges = []

        def respond(challenge: bytes) -> bytes:
            challenges.append(challenge)
            if challenge:
                return b"\x01" if mechanism == "OAUTHBEARER" else b""
            return message(mechanism, address or self.user.address, token)

        with imaplib.IMAP4_SSL(self.server, self.stack.port("imaps"), ssl_context=self.stack.tls(), timeout=30) as client:
            try:
                client.authenticate(mechanism, respond)
            except imaplib.IMAP4.error as error:
                return str(error), challenges
            return "OK", challenges

    def test_they_are_announced_behind_what_shows_no_secret(self):
        offered = ["SCRAM-SHA-256", "SCRAM-SHA-1", "OAUTHBEARER", "XOAUTH2", "PLAIN", "LOGIN"]
        with imaplib.IMAP4_SSL(self.server, self.stack.port("imaps"), ssl_context=self.stack.tls(), timeout=30) as client:
            words = client.capability()[1][0].decode().split()
            self.assertEqual([word[5:] for word in words if word.startswith("AUTH=")], offered)
        with smtplib.SMTP(self.server, self.stack.port("submission"), timeout=30) as client:
            client.starttls(context=self.stack.tls())
            eventually(lambda: client.ehlo() and client.esmtp_features["auth"].split() == offered)

    def test_curl_by_all_protocols(self):
        reader = self.stack.account("reader")
        token = self.issuer.token(self.user.address)
        for mechanism in MECHANISMS:
            with self.subTest(mechanism=mechanism):
                self.assertIn("INBOX", self.curl(mechanism, token, "imaps", "imaps").stdout)
                self.assertIn("INBOX", self.curl(mechanism, token, "imap", "imap", "--sasl-ir").stdout)
                self.curl(mechanism, token, "pop3s", "pop3s")
                self.curl(mechanism, token, "pop3", "pop3", "--sasl-ir")
                self.curl(mechanism, token, "smtp", "submission", "--mail-from", self.user.address, "--mail-rcpt", reader.address, "-T", "-",
                          text=mail(self.user.address, reader.address, mechanism).decode())
                for scheme, port in (("imaps", "imaps"), ("pop3s", "pop3s"), ("smtp", "submission")):
                    done = self.curl(mechanism, self.issuer.token(self.user.address, exp=1), scheme, port, status=None)
                    self.assertEqual(done.returncode, 67, done.stderr)  # "login denied"
        self.assertEqual(len(self.stack.wait_for_mail(reader, 2)), 2)

    def test_msmtp_and_mpop(self):
        reader = self.stack.account("reader")
        token = self.folder() / "token"
        for mechanism in MECHANISMS:
            token.write_text(self.issuer.token(self.user.address))
            sent = self.run_client("msmtp", f"--host={self.server}", f"--port={self.stack.port('submission')}", "--tls=on", "--tls-starttls=on",
                                   f"--tls-trust-file={self.stack['CA_FILE']}", f"--auth={mechanism.lower()}", f"--user={self.user.address}",
                                   f"--passwordeval=cat {token}", f"--from={self.user.address}", reader.address,
                                   text=mail(self.user.address, reader.address, mechanism).decode())
            self.assertEqual(sent.returncode, 0)
        self.stack.wait_for_mail(reader, 2)
        folder = self.folder()
        for mechanism in MECHANISMS:
            spool = folder / mechanism
            token.write_text(self.issuer.token(reader.address))
            configuration = clients.mpop(self.stack, folder, reader.address, mechanism.lower(), spool, f"cat {token}")
            self.run_client("mpop", f"--file={configuration}", "here")
            self.assertEqual(spool.read_text().count("\nSubject: "), 2)
            token.write_text(self.issuer.token(reader.address, aud="calendar"))
            self.assertNotEqual(self.run_client("mpop", f"--file={configuration}", "here", status=None).returncode, 0)

    def test_a_token_that_is_longer_than_a_command_of_pop3(self):
        """mpop sends OAUTHBEARER's in one line with AUTH, however long it is."""
        folder, token = self.folder(), self.folder() / "token"
        token.write_text(self.issuer.token(self.user.address, groups=["a group of many"] * 80))
        for mechanism in MECHANISMS:
            configuration = clients.mpop(self.stack, folder, self.user.address, mechanism.lower(), folder / mechanism, f"cat {token}")
            self.run_client("mpop", f"--file={configuration}", "here")
            self.curl(mechanism, token.read_text(), "pop3s", "pop3s", "--sasl-ir")

    def test_an_expired_token_is_told_as_rfc_7628_has_it(self):
        expired = self.issuer.token(self.user.address, exp=1_300_819_380)
        new = {"status": "invalid_token", "scope": "mail", "openid-configuration": self.issuer.url + "/.well-known/openid-configuration"}
        old = {"status": "401", "schemes": "bearer", "scope": "mail"}
        for mechanism, expected in (("OAUTHBEARER", new), ("XOAUTH2", old)):
            with self.subTest(mechanism=mechanism):
                answer, challenges = self.imap(mechanism, expired)
                self.assertIn("AUTHENTICATIONFAILED", answer)
                self.assertEqual(json.loads(challenges[-1]), expected)

                with smtplib.SMTP(self.server, self.stack.port("submission"), timeout=30) as client:
                    client.starttls(context=self.stack.tls())
                    client.ehlo()
                    initial = base64.b64encode(message(mechanism, self.user.address, expired)).decode()
                    code, challenge = client.docmd("AUTH", f"{mechanism} {initial}")
                    self.assertEqual((code, json.loads(base64.b64decode(challenge))), (334, expected))
                    self.assertEqual(client.docmd("AQ==")[0], 535)

                client = poplib.POP3_SSL(self.server, self.stack.port("pop3s"), context=self.stack.tls(), timeout=30)
                self.assertEqual(client._shortcmd(f"AUTH {mechanism}"), b"+ ")
                self.assertEqual(json.loads(base64.b64decode(client._shortcmd(initial)[2:])), expected)
                with self.assertRaisesRegex(poplib.error_proto, "AUTH"):
                    client._shortcmd("AQ==")
                client.close()
        with imaplib.IMAP4_SSL(self.server, self.stack.port("imaps"), ssl_context=self.stack.tls(), timeout=30) as client:
            answers = iter((message("OAUTHBEARER", self.user.address, expired), None))
            with self.assertRaisesRegex(imaplib.IMAP4.error, "cancelled"):
                client.authenticate("OAUTHBEARER", lambda _: next(answers))
            self.assertEqual(client.login(self.user.address, self.user.password)[0], "OK")

    def test_a_token_opens_no_other_account(self):
        other = self.stack.account("other")
        for mechanism in MECHANISMS:
            self.assertEqual(self.imap(mechanism, self.issuer.token(self.user.address))[0], "OK")
            self.assertEqual(self.imap(mechanism, self.issuer.token(self.user.address.upper()))[0], "OK")
            self.assertIn("AUTHORIZATIONFAILED", self.imap(mechanism, self.issuer.token(self.user.address), other.address)[0])
            for claims in ({"email": "nobody@mail.test"}, {"email": "user@elsewhere.test"}, {"aud": "calendar"}, {"scope": "openid"},
                           {"email_verified": False}, {"iss": "https://localhost"}):
                self.assertIn("AUTHENTICATIONFAILED", self.imap(mechanism, self.issuer.token(self.user.address, **claims))[0], claims)
        unsigned = ".".join(base64url(json.dumps(part).encode()) for part in ({"alg": "none"}, self.issuer.claims(self.user.address))) + "."
        self.assertIn("AUTHENTICATIONFAILED", self.imap("OAUTHBEARER", unsigned)[0])
        self.assertEqual(self.stack.mailctl("user", "disable", self.user.address).returncode, 0)
        self.assertIn("CONTACTADMIN", self.imap("OAUTHBEARER", self.issuer.token(self.user.address))[0])

    def test_a_long_token_fits(self):
        token = self.issuer.token(self.user.address, groups=[f"group-{i:04}" for i in range(400)])
        self.assertGreater(len(token), 7000)
        reader = self.stack.account("reader")
        for mechanism in MECHANISMS:
            self.assertEqual(self.imap(mechanism, token)[0], "OK")
            self.curl(mechanism, token, "imaps", "imaps", "--sasl-ir")
            self.curl(mechanism, token, "pop3s", "pop3s")
            self.curl(mechanism, token, "smtp", "submission", "--mail-from", self.user.address, "--mail-rcpt", reader.address, "-T", "-",
                      text=mail(self.user.address, reader.address, mechanism).decode())

    def test_keys_change_meanwhile(self):
        old = self.issuer.token(self.user.address)
        self.assertEqual(self.imap("OAUTHBEARER", old)[0], "OK")
        for algorithm in ("RS256", "EdDSA"):
            key = Key(self.issuer.folder, f"next-{algorithm}", algorithm)
            self.issuer.keys.append(key)
            token = key.token(self.issuer.claims(self.user.address))
            eventually(lambda: self.imap("OAUTHBEARER", token)[0] == "OK", within=60)
            if algorithm == "RS256":
                pss = key.token(self.issuer.claims(self.user.address), "PS256")
                self.assertEqual(self.imap("XOAUTH2", pss)[0], "OK")
        self.assertEqual(self.imap("OAUTHBEARER", old)[0], "OK")

    def test_known_keys_go_on_while_the_issuer_is_away(self):
        self.assertEqual(self.imap("OAUTHBEARER", self.issuer.token(self.user.address))[0], "OK")
        with self.issuer.away():
            for mechanism in MECHANISMS:
                self.assertEqual(self.imap(mechanism, self.issuer.token(self.user.address))[0], "OK")
            self.assertIn("UNAVAILABLE", self.imap("OAUTHBEARER", f"opaque-{self.user.local_part}")[0])
        self.issuer.active[f"opaque-{self.user.local_part}"] = {"active": True, "scope": "mail", "email": self.user.address}
        eventually(lambda: self.imap("OAUTHBEARER", f"opaque-{self.user.local_part}")[0] == "OK")

    def test_an_issuer_is_asked_about_tokens_that_only_it_understands(self):
        token = f"opaque-{self.user.local_part}"
        self.issuer.active[token] = {"active": True, "scope": "mail openid", "email": self.user.address}
        for mechanism in MECHANISMS:
            self.assertEqual(self.imap(mechanism, token)[0], "OK")
        self.assertIn("INBOX", self.curl("OAUTHBEARER", token, "imaps", "imaps").stdout)
        self.issuer.active[token] = {"active": False}
        eventually(lambda: "AUTHENTICATIONFAILED" in self.imap("OAUTHBEARER", token)[0])
        self.assertIn("AUTHENTICATIONFAILED", self.imap("OAUTHBEARER", "never-issued")[0])

    def test_an_operator_sees_why_and_never_the_token(self):
        expired = self.issuer.token(self.user.address, exp=1_300_819_380, jti="unmistakable")
        before = metric(self.stack, "accountd", "posthouse_oauth_tokens_total", 'result="expired"')
        self.imap("OAUTHBEARER", expired)
        self.imap("OAUTHBEARER", "unmistakable-token")
        self.assertEqual(metric(self.stack, "accountd", "posthouse_oauth_tokens_total", 'result="expired"'), before + 1)
        self.assertGreater(metric(self.stack, "accountd", "posthouse_oauth_keys_fetched_timestamp_seconds", self.issuer.url), 1.7e9)
        self.assertGreater(metric(self.stack, "accountd", "posthouse_oauth_introspection_duration_seconds_count", 'result="ok"'), 0)
        log = self.stack.data / "log" / "accountd.log"
        eventually(lambda: '"reason":"expired"' in log.read_text())
        for each in (self.stack.data / "log").iterdir():
            text = each.read_text(errors="replace")
            for secret in ("unmistakable", expired.split(".")[2]):
                self.assertNotIn(secret, text, each)


class Unconfigured(unittest.TestCase):
    def test_without_an_issuer_there_is_nothing_to_offer(self):
        stack = Stack("test_bearer.Unconfigured", 'accountd.mechanisms=["OAUTHBEARER", "PLAIN"]')
        self.addCleanup(stack.remove)
        with self.assertRaisesRegex(AssertionError, r"needs an issuer of tokens: \[\[accountd.oauth\]\]"):
            stack.start()


if __name__ == "__main__":
    unittest.main()
