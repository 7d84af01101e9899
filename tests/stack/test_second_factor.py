"""App passwords, one-time codes and domains that want two factors, with clients that nobody here wrote."""

import base64
import contextlib
import hashlib
import hmac
import imaplib
import json
import poplib
import smtplib
import struct
import subprocess
import time
from pathlib import Path

from . import clients
from .harness import Account, StackTest, eventually, mail
from .troubles import sql

SCRAM = ("SCRAM-SHA-1", "SCRAM-SHA-256")
ALERT = "This account logs in by app password here"


def one_time_code(secret: str, step: int) -> str:
    """RFC 6238, by Python's library."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1)
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset:offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


OK, BAD_CREDENTIALS, NEEDS_CODE = 1, 2, 8  # of mail.v1.AuthenticateResponse


def field(number: int, octets: bytes) -> bytes:
    """One of protobuf, shorter than 128 octets."""
    return bytes([number << 3 | 2, len(octets)]) + octets


class SecondFactorTest(StackTest):
    def setUp(self):
        self.user = self.stack.account("user")
        self.server = self.stack["HOST"]

    def ask(self, *arguments: str, as_json: bool = True):
        done = self.stack.mailctl(*(("-o", "json") if as_json else ()), *arguments)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return json.loads(done.stdout) if as_json else done.stdout

    def app_password(self, label: str, *more: str) -> str:
        printed = self.ask("user", "app-password", "add", self.user.address, "--label", label, *more, as_json=False).strip()
        self.assertRegex(printed, r"^([0-9a-hjkmnp-tv-z]{4}-){4}[0-9a-hjkmnp-tv-z]{4}$")
        return printed

    def app_passwords(self) -> dict[str, dict]:
        return {one["label"]: one for one in self.ask("user", "app-password", "list", self.user.address)}

    def log_in(self, protocol: str, password: str, mechanism: str) -> tuple[bool, str]:
        """Whether a client gets in, and what it and the server said: curl; and for SCRAM, which Debian's does not know, GNU SASL and mpop."""
        if not mechanism.startswith("SCRAM"):
            scheme, port, more = {"imap": ("imaps", "imaps", ("--request", "NOOP")), "pop3": ("pop3s", "pop3s", ()), "smtp": ("smtps", "submissions", ())}[protocol]
            done = self.run_client("curl", "--silent", "--show-error", "--verbose", "--cacert", self.stack["CA_FILE"], "--user",
                                   f"{self.user.address}:{password}", "--login-options", f"AUTH={mechanism}", *more,
                                   f"{scheme}://localhost:{self.stack.port(port)}/", status=None)
        elif protocol == "pop3":
            done = self.mpop(password, mechanism.lower())
        else:
            port = {"imap": "imap", "smtp": "submission"}[protocol]
            done = self.run_client("gsasl", "--client", f"--{protocol}", "--connect", f"{self.server}:{self.stack.port(port)}", "--mechanism", mechanism,
                                   "--authentication-id", self.user.address, "--password", password, "--x509-ca-file", self.stack["CA_FILE"], "--no-cb", status=None)
        return done.returncode == 0, done.stdout + done.stderr

    def imap(self, password: str, mechanism: str = "SCRAM-SHA-256") -> bool:
        return self.log_in("imap", password, mechanism)[0]

    def pop3(self, password: str, mechanism: str = "SCRAM-SHA-256") -> bool:
        return self.log_in("pop3", password, mechanism)[0]

    def mpop(self, password: str, mechanism: str, spool: Path | None = None) -> subprocess.CompletedProcess:
        folder = self.folder()
        spool = spool or folder / "spool"
        configuration = clients.mpop(self.stack, folder, self.user.address, mechanism, spool, f"echo '{password}'")
        return self.run_client("mpop", "--debug", f"--file={configuration}", "here", status=None)

    def test_clients_choose_scram_by_themselves(self):
        """msmtp, mbsync and mpop as a user configures them: a name, a password, TLS."""
        password = self.app_password("everything")
        secret = f"echo '{password}'"
        sent = self.run_client("msmtp", f"--host={self.server}", f"--port={self.stack.port('submission')}", "--tls=on", "--tls-starttls=on", "--debug",
                               f"--tls-trust-file={self.stack['CA_FILE']}", "--auth=on", f"--user={self.user.address}",
                               f"--passwordeval={secret}", f"--from={self.user.address}", self.user.address,
                               text=mail(self.user.address, self.user.address, "by msmtp").decode())
        self.assertIn("AUTH SCRAM-SHA-256", sent.stdout)
        self.stack.wait_for_mail(self.user)
        folder = self.folder()
        (folder / "mail").mkdir()
        configuration = clients.mbsync(self.stack, folder, Account(self.user.address, password), "mail")
        self.run_client("mbsync", "-c", configuration, "all")
        self.assertEqual(len(list((folder / "mail" / "INBOX" / "new").iterdir())), 1)
        spool = folder / "spool"
        self.assertEqual(self.mpop(password, "on", spool).returncode, 0)
        self.assertIn("\nSubject: by msmtp", spool.read_text())

    def test_an_app_password_by_each_mechanism_until_it_is_removed(self):
        password = self.app_password("phone")
        for mechanism in ("PLAIN", "LOGIN", *SCRAM):
            with self.subTest(mechanism=mechanism):
                for spelling in (password, password.replace("-", "")):
                    self.assertTrue(self.imap(spelling, mechanism))
                self.assertTrue(self.pop3(password, mechanism))
                self.assertFalse(self.imap(password[:-1] + ("a" if password[-1] != "a" else "b"), mechanism))
                self.assertTrue(self.imap(self.user.password, mechanism))  # nobody asked for a second factor
        self.assertTrue(self.imap(password.upper().replace("-", " "), "PLAIN"))
        self.ask("user", "app-password", "remove", self.user.address, "phone")
        for mechanism in ("PLAIN", *SCRAM):
            self.assertFalse(self.imap(password, mechanism))
        self.assertEqual(self.app_passwords(), {})

    def test_a_new_account_password_leaves_app_passwords_alone(self):
        password = self.app_password("phone")
        self.assertEqual(self.stack.mailctl("user", "passwd", self.user.address, "--password-stdin", secret="another one").returncode, 0)
        for mechanism in ("PLAIN", *SCRAM):
            self.assertTrue(self.imap(password, mechanism))
            self.assertTrue(self.imap("another one", mechanism))
            self.assertFalse(self.imap(self.user.password, mechanism))

    def test_where_it_is_not_good_it_is_a_wrong_password(self):
        only_imap = self.app_password("mail", "--protocol", "imap", "--protocol", "submission")
        elsewhere = self.app_password("office", "--network", "192.0.2.0/24", "--network", "2001:db8::/32")
        near = self.app_password("home", "--network", "127.0.0.0/8", "--network", "::1")
        brief = self.app_password("guest", "--expires", "90d")
        for mechanism in ("PLAIN", "SCRAM-SHA-256"):
            with self.subTest(mechanism=mechanism):
                self.assertTrue(self.imap(only_imap, mechanism))
                self.assertFalse(self.pop3(only_imap, mechanism))
                self.assertFalse(self.imap(elsewhere, mechanism))
                self.assertTrue(self.imap(near, mechanism))
                self.assertTrue(self.imap(brief, mechanism))
        listed = self.app_passwords()
        self.assertEqual(listed["mail"]["protocols"], ["imap", "submission"])
        self.assertEqual(listed["office"]["networks"], ["192.0.2.0/24", "2001:db8::/32"])
        self.assertEqual(listed["guest"]["expires_at"] - listed["guest"]["created_at"], 90 * 24 * 3600)
        self.assertNotIn(brief, json.dumps(listed))
        self.assertEqual(self.words_of(only_imap, imaplib.IMAP4_SSL), "OK")
        self.assertIn("Wrong name or password", self.words_of(only_imap, poplib.POP3_SSL))
        self.assertEqual(self.words_of(elsewhere, imaplib.IMAP4_SSL), self.words_of("wrong", imaplib.IMAP4_SSL))
        sql(self.stack, "UPDATE posthouse.app_password SET expires_at = now() WHERE label = 'guest'")
        for mechanism in ("PLAIN", "SCRAM-SHA-256"):
            self.assertFalse(self.imap(brief, mechanism))

    def words_of(self, password: str, kind: type) -> str:
        """What the server says to a login in the clear."""
        port = self.stack.port("imaps" if kind is imaplib.IMAP4_SSL else "pop3s")
        if kind is imaplib.IMAP4_SSL:
            with kind(self.server, port, ssl_context=self.stack.tls()) as client:
                try:
                    return client.login(self.user.address, password)[0]
                except imaplib.IMAP4.error as refusal:
                    return str(refusal)
        client = kind(self.server, port, context=self.stack.tls())
        try:
            client.user(self.user.address)
            return client.pass_(password).decode()
        except poplib.error_proto as refusal:
            return str(refusal)
        finally:
            with contextlib.suppress(poplib.error_proto):
                client.quit()

    def test_the_last_use_is_shown(self):
        password = self.app_password("phone")
        self.app_password("never")
        self.assertTrue(self.imap(password))
        used = eventually(lambda: (one := self.app_passwords()["phone"])["used_at"] and one)
        self.assertEqual(used["used_protocol"], "imap")
        self.assertIn(used["used_address"], ("127.0.0.1", "::1"))
        self.assertLess(abs(used["used_at"] - time.time()), 60)
        self.assertIsNone(self.app_passwords()["never"]["used_at"])

    def refused_everywhere(self, password: str):
        """As the account's own password is where two factors are wanted; with the right one there is a hint."""
        for mechanism in ("PLAIN", "LOGIN", *SCRAM):
            with self.subTest(mechanism=mechanism):
                for protocol, hint in (("imap", f"NO [ALERT] {ALERT}"), ("pop3", f"[AUTH] {ALERT}"), ("smtp", f"534 5.7.9 {ALERT}")):
                    is_in, said = self.log_in(protocol, password, mechanism)
                    self.assertFalse(is_in)
                    self.assertIn(hint, said)
        with smtplib.SMTP(self.server, self.stack.port("submission"), timeout=30) as client:
            client.starttls(context=self.stack.tls())
            with self.assertRaises(smtplib.SMTPAuthenticationError) as refusal:
                client.login(self.user.address, password)
            self.assertEqual(refusal.exception.smtp_code, 534)
        self.assertNotIn(ALERT, self.words_of("wrong", imaplib.IMAP4_SSL))

    def test_a_domain_that_wants_two_factors(self):
        self.ask("domain", "add", "strict.test")
        self.user = Account("user@strict.test", "correct horse")
        added = self.stack.mailctl("user", "add", self.user.address, "--password-stdin", secret=self.user.password)
        self.assertEqual(added.returncode, 0, added.stderr)
        password = self.app_password("phone")
        self.assertTrue(self.imap(self.user.password))  # is remembered from here on
        self.assertTrue(self.imap(self.user.password, "PLAIN"))
        self.assertTrue(self.ask("domain", "set", "strict.test", "two-factors=required")["two_factors_required"])
        self.refused_everywhere(self.user.password)
        for mechanism in ("PLAIN", *SCRAM):
            self.assertTrue(self.imap(password, mechanism))
            self.assertTrue(self.pop3(password, mechanism))
        self.ask("domain", "set", "strict.test", "two-factors=optional")
        self.assertTrue(self.imap(self.user.password))

    def test_an_account_with_one_time_codes(self):
        enrolment = self.ask("user", "totp", "enroll", self.user.address)
        self.assertIn(f"secret={enrolment['secret']}&issuer=mail.test", enrolment["uri"])
        self.assertTrue(self.imap(self.user.password))  # not in force
        wrong = self.stack.mailctl("user", "totp", "confirm", self.user.address, "12345")
        self.assertEqual(wrong.returncode, 2, wrong.stderr)
        code = one_time_code(enrolment["secret"], int(time.time()) // 30)
        codes = self.ask("user", "totp", "confirm", self.user.address, code)["recovery_codes"]
        self.assertEqual(len(set(codes)), 10)
        self.assertEqual(self.ask("user", "totp", "show", self.user.address)["totp"], "in force")
        again = self.stack.mailctl("user", "totp", "confirm", self.user.address, code)
        self.assertEqual(again.returncode, 4, again.stderr)
        self.refused_everywhere(self.user.password)
        self.assertTrue(self.imap(self.app_password("phone")))
        self.ask("user", "totp", "off", self.user.address)
        self.assertTrue(self.imap(self.user.password))

    def web(self, password: str, code: str = "") -> int:
        """A login as a program for the web asks for it (mail.v1.Accounts.Authenticate): the result."""
        plain = field(2, self.user.address.encode()) + field(3, password.encode()) + field(4, code.encode())
        message = field(1, plain) + field(10, b"http") + field(11, b"192.0.2.1")
        folder = self.folder()
        (folder / "request").write_bytes(struct.pack(">BI", 0, len(message)) + message)
        self.run_client("curl", "--silent", "--show-error", "--http2-prior-knowledge", "--unix-socket", self.stack.data / "run" / "rpc" / "accountd.sock",
                        "--header", "Content-Type: application/grpc", "--header", "TE: trailers", "--data-binary", f"@{folder}/request",
                        "--output", folder / "response", "http://localhost/mail.v1.Accounts/Authenticate")
        response = (folder / "response").read_bytes()
        self.assertEqual(response[5], 1 << 3)  # the first field is the result
        return response[6]

    def test_web_logins_take_each_code_once(self):
        self.assertEqual(self.web(self.user.password), OK)
        secret = self.ask("user", "totp", "enroll", self.user.address)["secret"]
        eventually(lambda: time.time() % 30 < 20)  # the code of the step before is good until this one ends
        step = int(time.time()) // 30
        codes = self.ask("user", "totp", "confirm", self.user.address, one_time_code(secret, step - 1))["recovery_codes"]
        self.assertEqual(self.web(self.user.password), NEEDS_CODE)
        self.assertEqual(self.web("wrong"), BAD_CREDENTIALS)
        self.assertEqual(self.web("wrong", one_time_code(secret, step)), BAD_CREDENTIALS)
        self.assertEqual(self.web(self.user.password, one_time_code(secret, step - 1)), BAD_CREDENTIALS)  # it was the confirmation
        self.assertEqual(self.web(self.user.password, one_time_code(secret, step)), OK)
        self.assertEqual(self.web(self.user.password, one_time_code(secret, step)), BAD_CREDENTIALS)
        self.assertEqual(self.web(self.user.password, codes[0]), OK)
        self.assertEqual(self.web(self.user.password, codes[0]), BAD_CREDENTIALS)
        self.assertEqual(self.web(self.app_password("phone")), BAD_CREDENTIALS)  # would be a way around it

    def test_a_user_may_do_it_for_themself_and_for_nobody_else(self):
        other = self.stack.account("other")
        mine = self.stack.mailctl("--as", self.user.address, "user", "app-password", "add", self.user.address, "--label", "mine")
        self.assertEqual(mine.returncode, 0, mine.stderr)
        theirs = self.stack.mailctl("--as", self.user.address, "user", "app-password", "add", other.address, "--label", "mine")
        self.assertEqual(theirs.returncode, 3, theirs.stderr)
        audit = self.stack.mailctl("audit", "list", "--object", self.user.address).stdout
        self.assertIn("user.app-password.add", audit)
        self.assertNotIn(mine.stdout.strip(), audit)

    def test_nothing_of_it_is_in_a_log(self):
        password = self.app_password("phone")
        enrolment = self.ask("user", "totp", "enroll", self.user.address)
        for mechanism in ("PLAIN", *SCRAM):
            self.assertTrue(self.imap(password, mechanism))
            self.assertFalse(self.pop3(password + "0", mechanism))
        for log in (self.stack.data / "log").iterdir():
            text = log.read_text(errors="replace")
            for secret in (password, password.replace("-", ""), enrolment["secret"]):
                self.assertNotIn(secret, text, log)
