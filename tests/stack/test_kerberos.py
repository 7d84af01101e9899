"""Logins with a Kerberos ticket (SASL GSSAPI, RFC 4752), from a KDC of the test's own: with clients that nobody here wrote, and with one that misbehaves."""

import base64
import json
import smtplib
import time
import unittest

from . import kerberos
from .harness import StackTest, eventually, mail
from .raw import Raw
from .troubles import metric

NO_LAYER = b"\1\0\0\0"


class KerberosTest(StackTest):
    services = ("imap", "pop", "smtp")
    more: tuple[str, ...] = ()

    @classmethod
    def setUpClass(cls):
        cls.realm = kerberos.Realm(*cls.services)
        cls.addClassCleanup(cls.realm.remove)
        cls.settings = (f"accountd.keytab={cls.realm.keytab}", f"accountd.kerberos_replay_cache={cls.realm.replays}/accountd", *cls.more)
        super().setUpClass()
        cls.stack.wait_for_mechanism("GSSAPI", cls.services)

    def setUp(self):
        self.user = self.stack.account("user")
        self.principal = self.realm.add_user(self.user.local_part)
        self.allow(self.user.address, self.principal)
        self.ticket = self.realm.ticket(self.user.local_part)

    def allow(self, address: str, principal: str):
        done = self.stack.mailctl("user", "principal", "add", address, principal)
        self.assertEqual(done.returncode, 0, done.stderr)

    def wait_for_log(self, *words: str):
        """Until a line of accountd's has them all."""
        log = self.stack.data / "log" / "accountd.log"
        eventually(lambda: any(all(word in line for word in words) for line in log.read_text(errors="replace").splitlines()))


class Clients(KerberosTest):
    def gsasl(self, protocol: str, port: str, *more: str, authorization: str = "", status: int | None = None):
        """GNU SASL's client, which begins TLS by itself."""
        return self.run_client("gsasl", "--client", f"--{protocol}", "--connect", f"localhost:{self.stack.port(port)}", "--mechanism", "GSSAPI",
                               "--authorization-id", authorization, "--service", protocol, "--hostname", kerberos.HOST,
                               "--x509-ca-file", self.stack["CA_FILE"], *more, status=status, env=self.ticket)

    def test_it_is_announced(self):
        with smtplib.SMTP(self.stack["HOST"], self.stack.port("submission")) as client:
            client.ehlo()
            self.assertIn("GSSAPI", client.esmtp_features["auth"].split())
        with Raw(self.stack, "pop3") as client:
            client.line()
            client.ask(b"CAPA\r\n")
            while (line := client.line()) != b"." and not line.startswith(b"SASL "):
                pass
            self.assertIn(b"GSSAPI", line.split())

    def test_msmtp_submits(self):
        reader = self.stack.account("reader")
        self.run_client("msmtp", "--host=localhost", f"--port={self.stack.port('submission')}", "--tls=on", "--tls-starttls=on",
                        f"--tls-trust-file={self.stack['CA_FILE']}", "--auth=gssapi", f"--user={self.user.address}",
                        f"--from={self.user.address}", reader.address,
                        text=mail(self.user.address, reader.address, "by ticket").decode(), env=self.ticket)
        self.assertIn(b"Subject: by ticket", self.stack.wait_for_mail(reader)[0])

    def deliver(self):
        with self.stack.smtp() as client:
            client.sendmail("somebody@else.test", [self.user.address], mail("somebody@else.test", self.user.address, "for a ticket"))
        self.stack.wait_for_mail(self.user)

    def test_mpop_reads(self):
        self.deliver()
        folder = self.folder()
        spool = folder / "spool"
        spool.touch()
        configuration = folder / "mpoprc"
        configuration.write_text(f"account here\nhost localhost\nport {self.stack.port('pop3s')}\ntls on\ntls_starttls off\n"
                                 f"tls_trust_file {self.stack['CA_FILE']}\nauth gssapi\nuser {self.user.address}\n"
                                 f"keep on\nuidls_file {folder}/uidls\ndelivery mbox {spool}\n")
        configuration.chmod(0o600)
        self.run_client("mpop", f"--file={configuration}", "here", env=self.ticket)
        self.assertIn("\nSubject: for a ticket", spool.read_text())

    def test_fetchmail_reads(self):
        self.deliver()
        home = self.folder()
        configuration = home / "fetchmailrc"
        for protocol, port in (("IMAP", "imaps"), ("POP3", "pop3s")):
            with self.subTest(protocol):
                configuration.write_text(f"""poll localhost protocol {protocol} port {self.stack.port(port)} auth gssapi
  user "{self.user.address}" keep fetchall
  ssl sslcertck sslcertfile "{self.stack['CA_FILE']}"
  mda "cat >> {home}/{protocol}"
""")
                configuration.chmod(0o700)
                self.run_client("fetchmail", "-f", configuration, "--pidfile", home / "pid", "--nosyslog",
                                env={**self.ticket, "HOME": str(home), "FETCHMAILHOME": str(home)})
                self.assertIn("Subject: for a ticket", (home / protocol).read_text())

    def test_curl_reads(self):
        self.deliver()
        for scheme, port in (("imaps", "imaps"), ("pop3s", "pop3s")):
            with self.subTest(scheme):
                done = self.run_client("curl", "-sv", "--cacert", self.stack["CA_FILE"], "--user", f"{self.user.address}:", "--login-options", "AUTH=GSSAPI",
                                       f"{scheme}://localhost:{self.stack.port(port)}/" + ("INBOX;MAILINDEX=1" if scheme == "imaps" else "1"),
                                       env=self.ticket)
                self.assertIn("Subject: for a ticket", done.stdout)

    def test_gnu_sasl(self):
        for protocol, port in (("imap", "imap"), ("smtp", "submission")):
            for authorization in ("", self.user.address):
                with self.subTest(protocol=protocol, authorization=authorization):
                    done = self.gsasl(protocol, port, authorization=authorization)
                    self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_principal_that_nobody_has(self):
        self.assertEqual(self.stack.mailctl("user", "principal", "remove", self.user.address, self.principal).returncode, 0)
        done = self.gsasl("imap", "imap")
        self.assertIn("AUTHENTICATIONFAILED", done.stdout)
        self.wait_for_log(self.principal, "no_user")
        self.allow(self.user.address, self.principal)
        self.assertEqual(self.gsasl("imap", "imap").returncode, 0)

    def test_a_disabled_account(self):
        self.assertEqual(self.stack.mailctl("user", "disable", self.user.address).returncode, 0)
        self.assertIn("CONTACTADMIN", self.gsasl("imap", "imap").stdout)

    def test_to_act_as_somebody_else(self):
        other = self.stack.account("other")
        self.assertIn("AUTHORIZATIONFAILED", self.gsasl("imap", "imap", authorization=other.address).stdout)

    def test_who_has_a_principal(self):
        other = self.stack.account("other")
        taken = self.stack.mailctl("user", "principal", "add", other.address, self.principal)
        self.assertEqual(taken.returncode, 4, taken.stderr)
        self.assertIn(self.user.address, taken.stderr)
        done = self.stack.mailctl("-o", "json", "user", "principal", "list", self.user.address)
        self.assertEqual(json.loads(done.stdout), {"address": self.user.address, "principals": [self.principal]})
        audit = json.loads(self.stack.mailctl("-o", "json", "audit", "list", "--object", self.user.address).stdout)
        self.assertIn("user.principal.add", [entry["action"] for entry in audit])

    def test_without_a_kdc(self):
        self.assertEqual(self.gsasl("imap", "imap").returncode, 0)  # which gets the ticket for the service
        self.realm.stop()
        self.addCleanup(self.realm.start)
        self.assertEqual(self.gsasl("imap", "imap").returncode, 0)
        self.stack.imap(self.user).logout()


class Imap:
    """AUTHENTICATE GSSAPI, a line at a time."""

    def __init__(self, stack):
        self.client = Raw(stack, "imap")
        self.client.line()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.socket.close()

    def begin(self, token: bytes | None = None) -> bytes:
        initial = b"" if token is None else b" " + (base64.b64encode(token) or b"=")
        return self.client.ask(b"a AUTHENTICATE GSSAPI" + initial + b"\r\n")

    def say(self, token: bytes) -> bytes:
        return self.client.ask(base64.b64encode(token) + b"\r\n")


def challenge(line: bytes) -> bytes:
    assert line.startswith(b"+ "), line
    return base64.b64decode(line[2:])


class Troubles(KerberosTest):
    services = ("imap", "pop")
    more = ("imapd.failure_delay=10ms",)

    def initiator(self, service: str = "imap", **more) -> kerberos.Initiator:
        return kerberos.Initiator(self.ticket, service, **more)

    def conclude(self, message: bytes, wait: bool = False, **more) -> bytes:
        """A whole exchange, at the end of which the client says this; how it is answered."""
        client = self.initiator(**more)
        with Imap(self.stack) as server:
            if wait:
                self.assertEqual(server.begin(b""), b"+ ")
                answer = server.say(client.step())
            else:
                answer = server.begin(client.step())
            if more.get("flags", kerberos.MUTUAL) & (kerberos.MUTUAL | kerberos.DCE_STYLE):
                answer = server.say(client.step(challenge(answer)))
            self.assertEqual(client.unwrap(challenge(answer)), NO_LAYER)
            return server.say(client.wrap(message))

    def test_a_whole_exchange(self):
        for message in (NO_LAYER, NO_LAYER + self.user.address.upper().encode()):
            self.assertTrue(self.conclude(message).startswith(b"a OK "))
        self.assertTrue(self.conclude(NO_LAYER, wait=True).startswith(b"a OK "))

    def test_a_client_that_does_not_ask_who_the_server_is(self):
        self.assertTrue(self.conclude(NO_LAYER, flags=kerberos.INTEGRITY).startswith(b"a OK "))

    def test_a_context_of_three_tokens(self):
        self.assertTrue(self.conclude(NO_LAYER, flags=kerberos.MUTUAL | kerberos.DCE_STYLE | kerberos.INTEGRITY).startswith(b"a OK "))

    def test_a_client_that_binds_to_its_channel(self):
        self.assertTrue(self.conclude(NO_LAYER, bindings=b"tls-unique:0123456789ab").startswith(b"a OK "))

    def test_a_security_layer_is_not_to_be_had(self):
        for message in (b"\2\0\x10\0", b"\4\0\x10\0", b"\3\0\0\0", b"\0\0\0\0", b"\1\0\x10\0", b"\1", b"", NO_LAYER + b"a\0b", NO_LAYER + b"\xff"):
            with self.subTest(message):
                self.assertTrue(self.conclude(message).startswith(b"a BAD "))

    def test_no_address_and_another_address(self):
        for name in (b"nobody", self.user.local_part.encode(), b"nobody@mail.test", self.principal.encode()):
            with self.subTest(name):
                self.assertIn(b"AUTHORIZATIONFAILED", self.conclude(NO_LAYER + name))

    def test_a_message_that_is_not_wrapped(self):
        for forged in (NO_LAYER, b"", b"\x05\x04" + b"\0" * 40):
            with self.subTest(forged), Imap(self.stack) as server:
                client = self.initiator()
                server.say(client.step(challenge(server.begin(client.step()))))
                self.assertRegex(server.say(forged), rb"^a (BAD|NO) ")

    def test_what_is_no_token(self):
        token = self.initiator().step()
        forged = bytearray(token)
        forged[-20] ^= 1
        spnego = b"\x60\x12\x06\x06\x2b\x06\x01\x05\x05\x02" + b"\0" * 10
        for octets in (b"rubbish", token[:10], token[: len(token) // 2], token[:-1], bytes(forged), b"\x60\x84\xff\xff\xff\xff", spnego,
                       b"\0" * 40000, b"NTLMSSP\0\1\0\0\0", b"\x6e" + token[20:]):
            with self.subTest(octets[:20]), Imap(self.stack) as server:
                self.assertRegex(server.begin(octets), rb"^a (BAD|NO) ")
                self.assertTrue(server.client.ask(b"b NOOP\r\n").startswith(b"b OK "))
        with Imap(self.stack) as server:
            self.assertTrue(server.client.ask(b"a AUTHENTICATE GSSAPI !\r\n").startswith(b"a BAD "))
            self.assertEqual(server.begin(), b"+ ")
            self.assertTrue(server.client.ask(b"*\r\n").startswith(b"a BAD "))
        self.assertTrue(self.conclude(NO_LAYER).startswith(b"a OK "))

    def test_a_token_that_was_seen(self):
        token = self.initiator().step()
        with Imap(self.stack) as first, Imap(self.stack) as second:
            challenge(first.begin(token))
            self.assertIn(b"AUTHENTICATIONFAILED", second.begin(token))
        self.wait_for_log("bad_ticket", "replay")

    def test_a_ticket_for_another_service(self):
        token = self.initiator("pop").step()
        with Imap(self.stack) as server:
            self.assertIn(b"AUTHENTICATIONFAILED", server.begin(token))
        self.wait_for_log("bad_ticket", "pop/localhost")
        self.assertIn(b"GSSAPI", self.mechanisms("pop3"))
        self.assertNotIn(b"GSSAPI", self.mechanisms("submission"))  # of which there is no key

    def mechanisms(self, port: str) -> bytes:
        with Raw(self.stack, port) as client:
            client.reply()
            if port == "pop3":
                client.ask(b"AUTH\r\n")
                lines = []
                while (line := client.line()) != b".":
                    lines.append(line)
                return b" ".join(lines)
            client.send(b"EHLO client.test\r\n")
            while not (line := client.line())[4:].startswith(b"AUTH "):
                self.assertEqual(line[3:4], b"-")
            return line

    def test_a_key_that_was_changed(self):
        service = "imap/other.test"
        self.realm.add_service(service)
        self.assertTrue(self.conclude(NO_LAYER, host="other.test").startswith(b"a OK "))
        self.realm.change_key(service)
        self.ticket = self.realm.ticket(self.user.local_part)
        with Imap(self.stack) as server:
            self.assertIn(b"AUTHENTICATIONFAILED", server.begin(self.initiator(host="other.test").step()))
        self.wait_for_log("bad_ticket", "imap/other.test", "kvno 2")
        self.realm.extract_key(service)
        self.assertTrue(self.conclude(NO_LAYER, host="other.test").startswith(b"a OK "))

    def test_a_keytab_that_is_gone(self):
        aside = self.realm.keytab.rename(self.realm.folder / "aside")
        try:
            with Imap(self.stack) as server:
                self.assertIn(b"UNAVAILABLE", server.begin(self.initiator().step()))
        finally:
            aside.rename(self.realm.keytab)
        self.wait_for_log("auth.unavailable", str(self.realm.keytab))
        self.assertTrue(self.conclude(NO_LAYER).startswith(b"a OK "))

    def test_nothing_of_a_ticket_is_in_a_log(self):
        token = self.initiator().step()
        with Imap(self.stack) as server:
            challenge(server.begin(token))
        with Imap(self.stack) as server:
            server.begin(token)
        piece = base64.b64encode(token[60:120])
        for log in (self.stack.data / "log").iterdir():
            self.assertNotIn(piece[2:-4], log.read_bytes(), log)

    def test_it_is_counted(self):
        before = metric(self.stack, "accountd", "posthouse_accountd_authentications_total", 'protocol="imap",result="bad_ticket"')
        with Imap(self.stack) as server:
            server.begin(self.initiator("pop").step())
        after = metric(self.stack, "accountd", "posthouse_accountd_authentications_total", 'protocol="imap",result="bad_ticket"')
        self.assertEqual(after, before + 1)


class Silence(KerberosTest):
    services = ("imap",)
    more = ("imapd.login_timeout=2s",)

    def test_a_client_that_stops_within_the_exchange(self):
        client = kerberos.Initiator(self.ticket, "imap")
        with Imap(self.stack) as silent:
            begun = time.monotonic()
            challenge(silent.begin(client.step()))
            for _ in range(3):  # others are served
                self.stack.imap(self.user).logout()
            self.assertTrue(silent.client.line().startswith(b"* BYE"))
            self.assertEqual(silent.client.line(), b"")
            self.assertGreater(time.monotonic() - begun, 1.5)


if __name__ == "__main__":
    unittest.main()
