"""Who logs in with a certificate (SASL EXTERNAL): on every protocol, with clients that nobody here wrote."""

import base64
import contextlib
import imaplib
import json
import poplib
import shutil
import smtplib
import socket
import ssl
import subprocess
import tempfile
import unittest
from pathlib import Path

from .client_certificates import Authority, Pair
from .harness import Account, StackTest, mail

REFUSED = 67  # curl: login denied


class Certificates(StackTest):
    @classmethod
    def setUpClass(cls):
        folder = Path(tempfile.mkdtemp(prefix="posthouse-authority-"))
        cls.addClassCleanup(shutil.rmtree, folder)
        folder.chmod(0o755)
        cls.authority = Authority(folder)
        cls.settings = ("tls.client_certificates=request", f"tls.client_ca_file={cls.authority.file}",
                        f"tls.client_crl_file={cls.authority.revocations}")
        super().setUpClass()

    def setUp(self):
        self.user = self.stack.account("user")
        self.server = self.stack["HOST"]

    def mailctl(self, *words: str, status: int = 0) -> subprocess.CompletedProcess:
        done = self.stack.mailctl(*words)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def register(self, pair: Pair, account: Account | None = None) -> None:
        self.mailctl("user", "certificate", "add", (account or self.user).address, str(pair.certificate))

    def context(self, pair: Pair | None) -> ssl.SSLContext:
        context = self.stack.tls()
        if pair:
            context.load_cert_chain(pair.certificate, pair.key)
        return context

    def imaps(self, pair: Pair | None) -> imaplib.IMAP4_SSL:
        return imaplib.IMAP4_SSL(self.server, self.stack.port("imaps"), ssl_context=self.context(pair), timeout=30)

    def external(self, pair: Pair, identity: str = "") -> str:
        """What IMAP says to it: the mailbox's owner if all is well, or the refusal."""
        with self.imaps(pair) as client:
            try:
                client.authenticate("EXTERNAL", lambda _: identity.encode())
            except imaplib.IMAP4.error as refusal:
                return str(refusal)
            return "OK"

    def curl(self, url: str, pair: Pair | None, *more: str, status: int = 0, text: str = "") -> subprocess.CompletedProcess:
        shown = ("--cert", pair.certificate, "--key", pair.key) if pair else ()
        return self.run_client("curl", "--silent", "--show-error", "--cacert", self.stack["CA_FILE"], "--ssl-reqd", *shown,
                               "--login-options", "AUTH=EXTERNAL", *more, url, status=status, text=text)

    def urls(self) -> list[str]:
        doors = (("imaps", "imaps", "/INBOX"), ("imap", "imap", "/INBOX"), ("pop3s", "pop3s", ""), ("pop3", "pop3", ""))
        return [f"{scheme}://{self.server}:{self.stack.port(port)}{path}" for scheme, port, path in doors]

    def test_curl_on_every_protocol(self):
        registered, issued = self.authority.sign_itself(), self.authority.issue(self.user.address)
        self.register(registered)
        stranger = self.authority.sign_itself(self.user.address)
        for url in self.urls():
            with self.subTest(url=url):
                for pair in (registered, issued):
                    self.curl(url, pair)
                    self.curl(url, pair, "--user", f"{self.user.address}:")
                    self.curl(url, pair, "--user", "alice@mail.test:", status=REFUSED)
                self.curl(url, stranger, status=REFUSED)
                self.curl(url, None, "--user", f"{self.user.address}:", status=REFUSED)
        reader = self.stack.account("reader")
        for scheme, port in (("smtp", "submission"), ("smtps", "submissions")):
            url = f"{scheme}://{self.server}:{self.stack.port(port)}/client.test"
            envelope = ("--mail-from", self.user.address, "--mail-rcpt", reader.address, "-T", "-")
            text = mail(self.user.address, reader.address, port).decode()
            self.curl(url, issued, *envelope, text=text)
            self.curl(url, stranger, *envelope, text=text, status=REFUSED)
            self.curl(url, issued, *envelope[:1], reader.address, *envelope[2:], text=text, status=55)  # as somebody else
        self.assertEqual(len(self.stack.wait_for_mail(reader, 2)), 2)

    def test_msmtp_and_mpop(self):
        pair = self.authority.sign_itself()
        self.register(pair)
        shown = (f"tls_cert_file {pair.certificate}\ntls_key_file {pair.key}\ntls on\ntls_trust_file {self.stack['CA_FILE']}\n"
                 f"auth external\nuser {self.user.address}\nhost {self.server}\n")
        folder = self.folder()
        configuration = folder / "rc"
        configuration.touch(0o600)
        configuration.write_text(f"account here\n{shown}port {self.stack.port('submission')}\ntls_starttls on\nfrom {self.user.address}\n")
        self.run_client("msmtp", f"--file={configuration}", "-a", "here", self.user.address, text=mail(self.user.address, self.user.address, "by msmtp").decode())
        self.stack.wait_for_mail(self.user)
        spool = folder / "spool"
        spool.touch()
        configuration.write_text(f"account here\n{shown}port {self.stack.port('pop3s')}\ntls_starttls off\nkeep on\n"
                                 f"uidls_file {folder}/uidls\ndelivery mbox {spool}\n")
        self.run_client("mpop", f"--file={configuration}", "here")
        self.assertIn("Subject: by msmtp", spool.read_text())

    def test_gnu_sasl(self):
        pair = self.authority.issue(self.user.address)
        for protocol, port in (("imap", "imap"), ("smtp", "submission")):
            for identity, status in ((self.user.address, 0), ("alice@mail.test", 1)):
                with self.subTest(protocol=protocol, identity=identity):
                    self.run_client("gsasl", "--client", f"--{protocol}", "--connect", f"{self.server}:{self.stack.port(port)}", "--mechanism", "EXTERNAL",
                                    "--authorization-id", identity, "--x509-ca-file", self.stack["CA_FILE"], "--x509-cert-file", pair.certificate,
                                    "--x509-key-file", pair.key, status=status)

    def test_the_examples_of_rfc_4422(self):
        pair = self.authority.issue(self.user.address)
        with self.talk("imap", b"a1 STARTTLS\r\n", pair) as client:
            self.assertIn(b"AUTH=EXTERNAL", client.say(b"a2 CAPABILITY", b"a2 "))
            self.assertEqual(client.say(b"a3 AUTHENTICATE EXTERNAL", b"+ "), b"+ \r\n")
            self.assertIn(b"a3 OK", client.say(b"", b"a3 "))
        with self.talk("imap", b"a1 STARTTLS\r\n", pair) as client:
            self.assertIn(b"a2 NO [AUTHORIZATIONFAILED]", client.say(b"a2 AUTHENTICATE EXTERNAL ZnJlZEBleGFtcGxlLmNvbQ==", b"a2 "))
            self.assertIn(b"a3 OK", client.say(b"a3 AUTHENTICATE EXTERNAL =", b"a3 "))
        with self.talk("pop3", b"STLS\r\n", pair) as client:
            self.assertEqual(client.say(b"AUTH EXTERNAL", b"+ "), b"+ \r\n")
            self.assertIn(b"+OK Maildrop", client.say(b"", b"+OK"))
        with self.talk("submission", b"STARTTLS\r\n", pair) as client:
            self.assertIn(b" EXTERNAL", client.say(b"EHLO client.test", b"250 "))
            self.assertEqual(client.say(b"AUTH EXTERNAL ZnJlZEBleGFtcGxlLmNvbQ==", b"535 ")[:9], b"535 5.7.8")
            self.assertEqual(client.say(b"AUTH EXTERNAL", b"334 "), b"334 \r\n")
            self.assertIn(b"235 2.7.0", client.say(b"", b"235 "))
        with self.talk("submission", b"STARTTLS\r\n", pair) as client:
            client.say(b"EHLO client.test", b"250 ")
            self.assertIn(b"501 ", client.say(b"AUTH EXTERNAL /w==", b"501 "))  # no UTF-8
            client.say(b"AUTH EXTERNAL", b"334 ")
            self.assertIn(b"501 5.7.0", client.say(b"*", b"501 "))

    def test_without_a_certificate_there_is_no_external(self):
        self.stack.wait_for_mechanism("SCRAM-SHA-256")
        for secured in (True, False):
            with self.imaps(None) if secured else imaplib.IMAP4(self.server, self.stack.port("imap"), timeout=30) as client:
                self.assertNotIn("AUTH=EXTERNAL", client.capability()[1][0].decode())
                with self.assertRaisesRegex(imaplib.IMAP4.error, "No such mechanism"):
                    client.authenticate("EXTERNAL", lambda _: self.user.address.encode())
        client = poplib.POP3_SSL(self.server, self.stack.port("pop3s"), context=self.context(None), timeout=30)
        self.assertNotIn("EXTERNAL", client.capa()["SASL"])
        client.quit()
        with smtplib.SMTP_SSL(self.server, self.stack.port("submissions"), context=self.context(None), timeout=30) as smtp:
            smtp.ehlo()
            self.assertNotIn("EXTERNAL", smtp.esmtp_features["auth"])
            self.assertEqual(smtp.docmd("AUTH", "EXTERNAL =")[0], 504)

    def test_a_certificate_that_is_no_good_is_told_why_and_hinders_no_password(self):
        others = Authority(self.folder())
        address = self.user.address
        early, late = self.authority.sign_itself(start="20980101000000Z"), self.authority.issue(address, end="20210101000000Z")
        self.register(early)
        for pair, why in ((others.issue(address), "is of no account here"),
                          (self.authority.sign_itself(address), "is of no account here"),
                          (self.authority.issue("nobody@mail.test"), "is of no account here"),
                          (self.authority.issue(), "is of no account here"),
                          (self.authority.issue(address, "alice@mail.test"), "names several accounts"),
                          (late, "has expired"), (early, "is not valid yet"),
                          (self.authority.issue(address, usage="serverAuth"), "lacks clientAuth")):
            with self.subTest(why=why, pair=pair):
                self.assertRegex(self.external(pair), rf"AUTHENTICATIONFAILED.*{why}")
                with self.imaps(pair) as client:
                    client.login(address, self.user.password)
                smtp = smtplib.SMTP_SSL(self.server, self.stack.port("submissions"), context=self.context(pair), timeout=30)
                with smtp, self.assertRaisesRegex(smtplib.SMTPAuthenticationError, why):
                    smtp.ehlo()
                    smtp.auth("EXTERNAL", lambda _=None: "", initial_response_ok=False)
                pop3 = poplib.POP3_SSL(self.server, self.stack.port("pop3s"), context=self.context(pair), timeout=30)
                with contextlib.closing(pop3), self.assertRaisesRegex(poplib.error_proto, rf"\[AUTH\].*{why}"):
                    pop3._shortcmd("AUTH EXTERNAL =")
        with self.imaps(self.authority.issue(address, "alice@mail.test")) as client:
            client.authenticate("EXTERNAL", lambda _: address.encode())

    def test_a_registered_certificate_until_it_is_removed_or_its_account_disabled(self):
        pair, other = self.authority.sign_itself(), self.authority.sign_itself()
        expired = self.authority.sign_itself(end="20210101000000Z")
        reader = self.stack.account("reader")
        self.assertIn("is of no account", self.external(pair))
        self.mailctl("user", "certificate", "add", self.user.address, str(pair.certificate), "--label", "laptop")
        self.assertIn("has expired", self.mailctl("user", "certificate", "add", self.user.address, str(expired.certificate), status=2).stderr)
        self.mailctl("user", "certificate", "add", self.user.address, str(pair.key), status=1)
        self.mailctl("user", "certificate", "add", reader.address, str(pair.certificate), status=4)
        self.mailctl("--as", reader.address, "user", "certificate", "add", self.user.address, str(other.certificate), status=3)
        self.mailctl("--as", self.user.address, "user", "certificate", "add", self.user.address, str(other.certificate))
        self.assertEqual([self.external(one) for one in (pair, other)], ["OK", "OK"])
        listed = json.loads(self.mailctl("-o", "json", "user", "certificate", "list", self.user.address).stdout)
        self.assertEqual([(one["fingerprint"], one["label"]) for one in listed], [(pair.fingerprint(), "laptop"), (other.fingerprint(), "")])
        self.assertIn("laptop", self.mailctl("user", "certificate", "list", self.user.address).stdout)

        self.mailctl("user", "disable", self.user.address)
        self.assertIn("CONTACTADMIN", self.external(pair))
        self.mailctl("user", "enable", self.user.address)
        self.mailctl("user", "certificate", "remove", self.user.address, pair.fingerprint())
        self.mailctl("user", "certificate", "remove", self.user.address, pair.fingerprint(), status=3)
        self.assertIn("is of no account", self.external(pair))
        self.assertEqual(self.external(other), "OK")
        self.assertIn("certificate.remove", self.mailctl("audit", "list", "--object", self.user.address).stdout)

    def test_a_resumed_session_is_its_own_clients_as_long_as_that_may_log_in(self):
        pair = self.authority.sign_itself()
        self.register(pair)
        other = self.stack.account("other")
        issued = self.authority.issue(other.address)
        for version in (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2):
            visitors = {self.user.address: self.context(pair), other.address: self.context(issued)}
            sessions: dict[str, ssl.SSLSession | None] = dict.fromkeys(visitors)
            for visit in range(3):
                for address, context in visitors.items():
                    context.maximum_version = version
                    reused, answer, sessions[address] = self.resumed(context, sessions[address], address)
                    self.assertEqual((reused, answer[:5]), (visit > 0, b"a2 OK"), (version, address, answer))
                    stranger = next(one for one in visitors if one != address)
                    reused, answer, sessions[address] = self.resumed(context, sessions[address], stranger)
                    self.assertEqual((reused, answer[:5]), (True, b"a2 NO"))
        self.mailctl("user", "certificate", "remove", self.user.address, pair.fingerprint())
        reused, answer, _ = self.resumed(visitors[self.user.address], sessions[self.user.address], "")
        self.assertTrue(reused)
        self.assertIn(b"is of no account", answer)
        self.authority.revoke(issued)
        self.mailctl("reload", "all")
        reused, answer, _ = self.resumed(visitors[other.address], sessions[other.address], "")
        self.assertFalse(reused)
        self.assertIn(b"has been revoked", answer)

    def resumed(self, context: ssl.SSLContext, session: ssl.SSLSession | None, identity: str) -> tuple[bool, bytes, ssl.SSLSession]:
        with Talk(context.wrap_socket(socket.create_connection((self.server, self.stack.port("imaps")), timeout=30),
                                      server_hostname="localhost", session=session)) as client:
            client.hear(b"* OK")
            client.say(b"a2 AUTHENTICATE EXTERNAL", b"+ ")
            answer = client.say(base64_of(identity), b"a2 ")
            return client.socket.session_reused, answer, client.socket.session

    def test_nothing_of_it_where_other_servers_deliver(self):
        """s_client tells whether it was asked."""
        pair = self.authority.issue(self.user.address)
        for port, asked in (("smtp", False), ("submission", True)):
            done = self.run_client("openssl", "s_client", "-connect", f"{self.server}:{self.stack.port(port)}", "-starttls", "smtp", "-cert", pair.certificate,
                                   "-key", pair.key, "-state", text="QUIT\r\n", status=None)
            self.assertEqual("read server certificate request" in done.stderr, asked, done.stderr)

    def test_nobody_becomes_somebody_else_by_renegotiation(self):
        """s_client asks for it once it was greeted: what a server says while it is asked is an error of another kind."""
        pair = self.authority.issue(self.user.address)
        with subprocess.Popen(["timeout", "30", "openssl", "s_client", "-connect", f"{self.server}:{self.stack.port('imaps')}", "-tls1_2",
                               "-cert", pair.certificate, "-key", pair.key], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True) as client:
            self.assertTrue(any(line.startswith("* OK") for line in client.stdout))
            client.stdin.write("R\n")
            client.stdin.flush()
            self.assertIn("no renegotiation", client.stdout.read())

    def talk(self, port: str, start: bytes, pair: Pair) -> "Talk":
        """A conversation after STARTTLS."""
        plain = socket.create_connection((self.server, self.stack.port(port)), timeout=30)
        plain.recv(1000)
        if port == "submission":
            plain.sendall(b"EHLO client.test\r\n")
            plain.recv(1000)
        plain.sendall(start)
        plain.recv(1000)
        return Talk(self.context(pair).wrap_socket(plain, server_hostname="localhost"))


class Talk:
    def __init__(self, connection: ssl.SSLSocket):
        self.socket = connection
        self.file = connection.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.socket.close()

    def say(self, line: bytes, until: bytes) -> bytes:
        self.socket.sendall(line + b"\r\n")
        return self.hear(until)

    def hear(self, until: bytes) -> bytes:
        """Everything up to the line that begins so, or says no."""
        heard = b""
        for line in self.file:
            heard += line
            if line.startswith((until, b"-ERR", b"5", b"BAD")):
                break
        return heard


def base64_of(identity: str) -> bytes:
    return base64.b64encode(identity.encode())


if __name__ == "__main__":
    unittest.main()
