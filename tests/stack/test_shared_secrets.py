"""Logins by secrets that the server keeps as they are, APOP and CRAM-MD5, with clients that nobody here wrote."""

import json
import poplib
import subprocess
import unittest

from .harness import Account, StackTest, eventually, mail

SECRET = "unmistakable tanstaaf"


class SharedSecrets(StackTest):
    settings = (f"accountd.mechanisms={json.dumps(['SCRAM-SHA-256', 'PLAIN', 'LOGIN', 'CRAM-MD5'])}",)

    def setUp(self):
        self.user = self.stack.account("user")
        self.server = self.stack["HOST"]

    def mailctl(self, *arguments: str, secret: str = "", status: int = 0) -> subprocess.CompletedProcess:
        done = self.stack.mailctl(*arguments, secret=secret)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def give(self, mechanism: str, account: Account) -> None:
        self.mailctl("user", mechanism, account.address, "--secret-stdin", secret=SECRET)

    def deliver(self, account: Account, subject: str) -> None:
        with self.stack.smtp() as client:
            client.sendmail("someone@elsewhere.test", [account.address], mail("someone@elsewhere.test", account.address, subject))
        self.stack.wait_for_mail(account)

    def apop(self, name: str, secret: str) -> poplib.POP3:
        client = poplib.POP3(self.server, self.stack.port("pop3"), timeout=30)
        self.addCleanup(client.close)
        client.apop(name, secret)
        return client

    def curl(self, *options: object, secret: str = SECRET, status: int | None = 0) -> subprocess.CompletedProcess:
        return self.run_client("curl", "--silent", "--show-error", "--cacert", self.stack["CA_FILE"], "--user", f"{self.user.address}:{secret}",
                               *options, status=status)

    def test_apop_with_poplib(self):
        self.give("apop", self.user)
        self.deliver(self.user, "by poplib")
        client = self.apop(self.user.address, SECRET)
        self.assertEqual(client.stat()[0], 1)
        self.assertIn(b"Subject: by poplib", client.retr(1)[1])
        client.quit()

    def test_apop_refuses_all_others_in_the_same_words(self):
        without = self.stack.account("without")
        self.give("apop", self.user)
        words = set()
        for name, secret in ((self.user.address, "wrong"), (self.user.address, self.user.password), (without.address, SECRET),
                             ("nobody@mail.test", SECRET)):
            with self.assertRaises(poplib.error_proto) as refused:
                self.apop(name, secret)
            words.add(refused.exception.args[0].partition(b"(")[0])
        self.assertEqual(words, {b"-ERR [AUTH] Wrong name or password "})

    def test_a_greeting_is_never_the_same(self):
        greetings = set()
        for _ in range(1000):
            client = poplib.POP3(self.server, self.stack.port("pop3"), timeout=30)
            greetings.add(client.getwelcome())
            client.close()
        self.assertEqual(len(greetings), 1000)

    def test_apop_with_curl(self):
        self.give("apop", self.user)
        self.deliver(self.user, "by curl")
        url = f"pop3://{self.server}:{self.stack.port('pop3')}/1"
        self.assertIn("Subject: by curl", self.curl("--login-options", "AUTH=+APOP", url).stdout)
        self.curl("--login-options", "AUTH=+APOP", url, secret="wrong", status=67)

    def test_apop_with_fetchmail(self):
        self.give("apop", self.user)
        self.deliver(self.user, "by fetchmail")
        folder = self.folder()
        configuration = folder / "fetchmailrc"
        configuration.touch(mode=0o600)
        configuration.write_text(f"poll {self.server} protocol APOP port {self.stack.port('pop3')} username '{self.user.address}' "
                                 f"password '{SECRET}' sslproto '' mda 'cat > {folder}/got.eml'\n")
        self.run_client("fetchmail", "--fetchmailrc", configuration, "--pidfile", folder / "pid", "--nosyslog", "--nodetach", "--keep",
                        env={"HOME": str(folder), "PATH": "/usr/bin:/bin"})
        self.assertIn("Subject: by fetchmail", (folder / "got.eml").read_text())

    def mpop(self, auth: str) -> str:
        folder = self.folder()
        (folder / "spool").touch()
        configuration = folder / "mpoprc"
        configuration.touch(mode=0o600)
        configuration.write_text(f"account here\nhost {self.server}\nport {self.stack.port('pop3')}\ntls on\ntls_starttls on\n"
                                 f"tls_trust_file {self.stack['CA_FILE']}\nauth {auth}\nuser {self.user.address}\n"
                                 f"passwordeval echo '{SECRET}'\nkeep on\nuidls_file {folder}/uidls\ndelivery mbox {folder}/spool\n")
        self.run_client("mpop", f"--file={configuration}", "here")
        return (folder / "spool").read_text()

    def test_mpop_by_apop_and_by_cram_md5(self):
        for mechanism in ("apop", "cram-md5"):
            self.give(mechanism, self.user)
        self.deliver(self.user, "by mpop")
        for mechanism in ("apop", "cram-md5"):
            with self.subTest(mechanism=mechanism):
                self.assertIn("\nSubject: by mpop", self.mpop(mechanism))

    def gsasl(self, protocol: str, port: str, secret: str) -> subprocess.CompletedProcess:
        return self.run_client("gsasl", "--client", f"--{protocol}", "--connect", f"{self.server}:{self.stack.port(port)}", "--mechanism", "CRAM-MD5",
                               "--authentication-id", self.user.address, "--password", secret, "--x509-ca-file", self.stack["CA_FILE"],
                               status=None)

    def test_cram_md5_with_gnu_sasl(self):
        self.give("cram-md5", self.user)
        for protocol, port in (("imap", "imap"), ("smtp", "submission")):
            with self.subTest(protocol=protocol):
                done = self.gsasl(protocol, port, SECRET)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assertNotEqual(self.gsasl(protocol, port, self.user.password).returncode, 0)

    def test_cram_md5_with_curl_and_msmtp(self):
        self.give("cram-md5", self.user)
        self.run_client("msmtp", f"--host={self.server}", f"--port={self.stack.port('submission')}", "--tls=on", "--tls-starttls=on",
                        f"--tls-trust-file={self.stack['CA_FILE']}", "--auth=cram-md5", f"--user={self.user.address}",
                        f"--passwordeval=echo '{SECRET}'", f"--from={self.user.address}", self.user.address,
                        text=mail(self.user.address, self.user.address, "to myself").decode())
        self.stack.wait_for_mail(self.user)
        got = self.curl("--login-options", "AUTH=CRAM-MD5", f"imaps://{self.server}:{self.stack.port('imaps')}/INBOX;MAILINDEX=1")
        self.assertIn("Subject: to myself", got.stdout)

    def test_an_administrator_sees_what_is_on_and_turns_it_off(self):
        for mechanism in ("apop", "cram-md5"):
            self.give(mechanism, self.user)
        shown = json.loads(self.mailctl("user", "secrets", self.user.address, "-o", "json").stdout)
        self.assertEqual(shown, [{"address": self.user.address, "apop": True, "cram_md5": True}])
        self.assertIn(self.user.address, self.mailctl("user", "secrets", "mail.test").stdout)
        client = self.apop(self.user.address, SECRET)
        client.quit()
        self.mailctl("user", "apop", self.user.address, "--off")
        with self.assertRaises(poplib.error_proto):
            self.apop(self.user.address, SECRET)
        self.assertEqual(self.gsasl("imap", "imap", SECRET).returncode, 0)  # the other is still on
        self.mailctl("user", "apop", self.user.address, "--off", status=3)
        self.mailctl("user", "apop", "nobody@mail.test", "--secret-stdin", secret=SECRET, status=3)
        self.mailctl("user", "apop", self.user.address, "--secret-stdin", status=2)
        self.mailctl("--as", self.user.address, "user", "apop", self.user.address, "--secret-stdin", secret=SECRET, status=1)
        self.mailctl("--as", self.user.address, "user", "secrets", self.user.address)

    def test_nothing_of_a_secret_is_in_a_log_or_the_audit(self):
        self.give("apop", self.user)
        self.give("cram-md5", self.user)
        self.apop(self.user.address, SECRET).quit()
        self.gsasl("imap", "imap", SECRET)
        log = self.stack.data / "log" / "accountd.log"
        eventually(lambda: "shared-secret.set" in log.read_text())
        for log in (self.stack.data / "log").iterdir():
            self.assertNotIn("unmistakable", log.read_text(errors="replace"), log)
        audit = self.mailctl("audit", "list", "-o", "json").stdout
        self.assertIn("shared-secret.set", audit)
        self.assertNotIn("unmistakable", audit)


if __name__ == "__main__":
    unittest.main()
